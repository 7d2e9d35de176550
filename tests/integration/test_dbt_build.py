"""dbt builds everything and passes its unit and data tests, on forty children."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cpw.core.home import Home
from cpw.pipeline import stages
from cpw.warehouse.build import parsed_project, write_partition
from cpw.warehouse.dbt_process import dbt_process
from support.kpi_models import KPIS, MODELS, catalogue, yaml_of
from support.warehouse import JUNE, Warehouse

pytestmark = pytest.mark.xdist_group("dbt_build")


@dataclass(frozen=True)
class Built:
    """The result of every node of a build, and the database of staging, intermediate and KPIs."""

    results: list[dict[str, Any]]
    scratch: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, june_landing: Path) -> Built:
    """A build of everything, on forty children."""
    root = tmp_path_factory.mktemp("dbt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_HOME", str(root / "home"))
        home = Home.from_environment()
        home.root.mkdir()
        home.landing.symlink_to(june_landing)
        for feed in ("social_care", "health", "care_leavers"):
            assert Warehouse(home).load(feed).exit_code == 0
        stages.gate_feeds(home, JUNE)
        write_partition(home, JUNE, version=1)
    environment = {
        **os.environ,
        "CPW_INPUTS": str(home.build_of([JUNE]).inputs),
        "CPW_MARTS_PATH": str(root / "candidate.duckdb"),
        "CPW_SCRATCH_PATH": str(root / "scratch.duckdb"),
        "DBT_TARGET_PATH": str(root / "target"),
        "DBT_LOG_PATH": str(root / "logs"),
    }
    ended = dbt_process(parsed_project()).run(["build"], environment)
    results = root / "target" / "run_results.json"
    assert results.exists(), ended.output
    return Built(json.loads(results.read_text())["results"], root / "scratch.duckdb")


def test_the_databases_are_closed_and_whole(built: Built) -> None:
    """A database that was not closed has what was written last in a second file."""
    beside = {path.name for path in built.scratch.parent.glob("*.duckdb*")}
    assert beside == {"candidate.duckdb", "scratch.duckdb"}


def test_every_model_builds_and_every_test_passes(built: Built) -> None:
    failed = {
        result["unique_id"]: result["message"]
        for result in built.results
        if not result["unique_id"].startswith("exposure.")
        and result["status"] not in ("success", "pass")
    }
    assert failed == {}
    kinds = Counter(result["unique_id"].split(".")[0] for result in built.results)
    assert kinds["model"] == len(MODELS)
    assert kinds["unit_test"] >= 400
    assert kinds["test"] >= 285


@pytest.mark.parametrize("union", ["int_kpi_subjects", "int_kpi_figures"])
def test_every_kpi_model_has_the_columns_of_its_union_in_their_order(
    built: Built, union: str
) -> None:
    """The union takes them by position, and its YAML describes them for all."""
    described = yaml_of(next(model for model in MODELS if model.stem == union))["models"][0]
    columns = [column["name"] for column in described["columns"]]
    with duckdb.connect(str(built.scratch), read_only=True) as scratch:
        found = dict(
            scratch.execute(
                "select table_name, list(column_name order by ordinal_position) "
                "from information_schema.columns group by table_name"
            ).fetchall()
        )
    own = {
        model.stem: found[model.stem]
        for model, kpi_id in KPIS
        if (catalogue()[kpi_id]["subject"] in ("", "aggregate")) == (union == "int_kpi_figures")
    }
    assert found[union] == columns
    assert {name: listed for name, listed in own.items() if listed != columns} == {}
