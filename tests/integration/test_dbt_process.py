"""The process that runs dbt: what it reads again, and what stops a build."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb
import msgpack
import pytest

from cpw.core.home import Home
from cpw.warehouse.build import parsed_project
from cpw.warehouse.dbt_process import DbtProcess, Ended, dbt_process
from support.shared_homes import SharedHomes
from support.warehouse import JUNE

pytestmark = pytest.mark.xdist_group("dbt_build")


def run(process: DbtProcess, root: Path, *command: str, inputs: Path | None = None) -> Ended:
    """Run a dbt command on databases of its own."""
    environment = {
        **os.environ,
        "CPW_INPUTS": str(inputs or root),
        "CPW_MARTS_PATH": str(root / "candidate.duckdb"),
        "CPW_SCRATCH_PATH": ":memory:",
        "DBT_TARGET_PATH": str(root / "target"),
        "DBT_LOG_PATH": str(root / "logs"),
    }
    return process.run(command, environment)


def test_a_project_that_was_parsed_at_another_place_finds_its_seeds(tmp_path: Path) -> None:
    """As after a move of the project, or ``dbt parse --project-dir dbt_project``."""
    kept = dbt_process(parsed_project())
    assert run(kept, tmp_path, "ls", "--select", "authorities").exit_code == 0  # it is parsed
    moved = tmp_path / "parsed"
    shutil.copytree(parsed_project(), moved)
    parsed = moved / "partial_parse.msgpack"
    manifest = msgpack.unpackb(parsed.read_bytes(), strict_map_key=False)
    seeds = [n for n in manifest["nodes"].values() if n["resource_type"] == "seed"]
    for seed in seeds:
        seed["root_path"] = "dbt_project"
    assert seeds
    parsed.write_bytes(msgpack.packb(manifest))
    ended = run(DbtProcess(moved), tmp_path, "seed", "--select", "authorities")
    assert ended.exit_code == 0, ended.output


def test_a_key_that_is_there_twice_stops_the_build(
    tmp_path: Path, shared_homes: SharedHomes
) -> None:
    """The key tests of a load are one query at its end, which names the model."""
    built = Home(shared_homes.june_built()).build_of([JUNE]).inputs
    inputs = tmp_path / "inputs"
    shutil.copytree(built, inputs)
    (statuses,) = inputs.glob("*/ssd_legal_status.parquet")
    (as_it_was,) = built.glob("*/ssd_legal_status.parquet")
    read = f"read_parquet('{as_it_was}', hive_partitioning = false)"
    duckdb.sql(f"copy (from {read} union all (from {read} limit 1)) to '{statuses}'")
    command = (
        *("build", "--select", "+int_legal_statuses", "--exclude-resource-type=unit_test"),
        *("--exclude", "test_name:unique_and_not_null", "test_name:relationships"),
        "test_type:singular",
    )
    process = dbt_process(parsed_project())
    as_built = run(process, tmp_path, *command, checked(), inputs=built)
    assert as_built.exit_code == 0, as_built.output
    ended = run(process, tmp_path, *command, checked(), inputs=inputs)
    assert ended.exit_code == 1
    assert "int_legal_statuses has 1 key(s) more than once or with a null" in ended.output


def checked() -> str:
    """The variable with which a load has its keys checked."""
    return "--vars=" + json.dumps({"check_keys_at_end": True})
