"""dbt builds everything and passes its unit and data tests, on forty children."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cpw.core.home import Home
from cpw.core.paths import DBT_PROJECT
from cpw.pipeline import stages
from support.warehouse import JUNE, Warehouse

MODELS = sorted((DBT_PROJECT / "models").rglob("*.sql"))


@pytest.fixture(scope="module")
def dbt_results(
    tmp_path_factory: pytest.TempPathFactory, june_landing: Path
) -> list[dict[str, Any]]:
    """The result of every node of a build of everything, on forty children."""
    root = tmp_path_factory.mktemp("dbt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_HOME", str(root / "home"))
        home = Home.from_environment()
        home.root.mkdir()
        home.landing.symlink_to(june_landing)
        for feed in ("social_care", "health", "care_leavers"):
            assert Warehouse(home).load(feed).exit_code == 0
        stages.gate_feeds(home, JUNE)
    variables = {"inputs": str(home.month(JUNE).build_inputs)}
    command = [
        str(Path(sys.executable).with_name("dbt")),
        *("--quiet", "--log-level-file=none", "build"),
        *(f"--vars={json.dumps(variables)}", f"--profiles-dir={DBT_PROJECT}"),
    ]
    environment = {
        **os.environ,
        "CPW_MARTS_PATH": str(root / "candidate.duckdb"),
        "CPW_SCRATCH_PATH": ":memory:",
        "DBT_TARGET_PATH": str(root / "target"),
        "DBT_LOG_PATH": str(root / "logs"),
    }
    ended = subprocess.run(
        command, cwd=DBT_PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    results = root / "target" / "run_results.json"
    assert results.exists(), ended.stdout + ended.stderr
    found: list[dict[str, Any]] = json.loads(results.read_text())["results"]
    return found


def test_every_model_builds_and_every_test_passes(dbt_results: list[dict[str, Any]]) -> None:
    failed = {
        result["unique_id"]: result["message"]
        for result in dbt_results
        if result["status"] not in ("success", "pass")
    }
    assert failed == {}
    kinds = Counter(result["unique_id"].split(".")[0] for result in dbt_results)
    assert kinds["model"] == len(MODELS)
    assert kinds["unit_test"] >= 320
    assert kinds["test"] >= 170
