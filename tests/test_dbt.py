"""The dbt project as a whole: its unit and data tests, and that its SQL is also Spark's."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
import yaml
from sqlfluff.core import FluffConfig, Linter

from cpw.core.home import Home
from cpw.core.paths import DBT_PROJECT, PROJECT_ROOT, SEEDS
from cpw.pipeline import stages
from cpw.warehouse.lake import inputs_folder
from warehouse import JUNE, Warehouse

CPW = PROJECT_ROOT / "include" / "cpw"
MODELS = sorted((DBT_PROJECT / "models").rglob("*.sql"))
KPI_MODELS = sorted((DBT_PROJECT / "models" / "kpi").rglob("*.sql"))


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
    variables = {"inputs": str(inputs_folder(home, JUNE))}
    command = [
        str(Path(sys.executable).with_name("dbt")),
        *("--quiet", "--log-level-file=none", "build"),
        *(f"--vars={json.dumps(variables)}", f"--profiles-dir={DBT_PROJECT}"),
    ]
    environment = {
        **os.environ,
        "CPW_MARTS_PATH": str(root / "candidate.duckdb"),
        "CPW_SCRATCH_PATH": str(root / "scratch.duckdb"),
        "DBT_TARGET_PATH": str(root / "target"),
        "DBT_LOG_PATH": str(root / "logs"),
    }
    ended = subprocess.run(
        command, cwd=DBT_PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    results = root / "target" / "run_results.json"
    assert results.exists(), ended.stdout + ended.stderr
    return Built(json.loads(results.read_text())["results"], root / "scratch.duckdb")


def test_every_model_builds_and_every_test_passes(built: Built) -> None:
    failed = {
        result["unique_id"]: result["message"]
        for result in built.results
        if result["status"] not in ("success", "pass")
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
    described = _yaml_of(next(model for model in MODELS if model.stem == union))["models"][0]
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
        if (_catalogue()[kpi_id]["subject"] in ("", "aggregate")) == (union == "int_kpi_figures")
    }
    assert found[union] == columns
    assert {name: listed for name, listed in own.items() if listed != columns} == {}


Rows = list[dict[str, Any]]


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def _catalogue() -> dict[str, dict[str, str]]:
    return {row["kpi_id"]: row for row in _seed("kpi_catalogue")}


def _yaml_of(model: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(model.with_suffix(".yml").read_text())
    return content


def _meta_of_kpis(model: Path) -> dict[str, dict[str, str]]:
    """What the YAML says of each KPI that the model has: one, or several under ``kpis``."""
    meta = _yaml_of(model)["models"][0]["config"]["meta"]
    own: dict[str, dict[str, str]] = meta.get("kpis", {model.stem.removeprefix("kpi_"): meta})
    return own


KPIS = [(model, kpi_id) for model in KPI_MODELS for kpi_id in _meta_of_kpis(model)]
each_kpi = pytest.mark.parametrize(("model", "kpi_id"), KPIS, ids=[kpi_id for _, kpi_id in KPIS])


def test_every_kpi_of_the_catalogue_has_a_model_and_is_listed_once() -> None:
    catalogue = _catalogue()
    variables = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())["vars"]
    external = [k for k, row in catalogue.items() if row["unit"] == "external"]
    given = [k for k, row in catalogue.items() if row["subject"] == "aggregate"]

    assert sorted(kpi_id for _, kpi_id in KPIS) == sorted(catalogue)
    assert sorted(variables["external_kpis"]) == sorted(external)
    assert sorted(variables["figure_kpis"]) == sorted(given)
    assert sorted(variables["kpis"]) == sorted(catalogue.keys() - {*external, *given})


def test_no_line_of_yaml_is_too_long_to_read() -> None:
    long = [
        f"{path.name}:{number}"
        for path in DBT_PROJECT.rglob("*.yml")
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 160
    ]
    assert long == []


CHILD_LEVEL = {"kpi_subject", "work_list"}


def _exposed() -> dict[str, set[str]]:
    """The marts that each exposure depends on, by its name."""
    content = yaml.safe_load((DBT_PROJECT / "models" / "exposures.yml").read_text())
    return {
        exposure["name"]: {ref.removeprefix("ref('").removesuffix("')") for ref in refs}
        for exposure, refs in ((one, one["depends_on"]) for one in content["exposures"])
    }


def _marts_read_in(code: str) -> set[str]:
    """The marts that a file of ``cpw``, or a folder of files, reads."""
    paths = [CPW / code, *(CPW / code).rglob("*")]
    texts = [path.read_text() for path in paths if path.suffix in (".py", ".yml", ".sql")]
    return {mart for text in texts for mart in re.findall(r"\bmarts\.([a-z]\w*)", text)}


def test_exposures_name_the_marts_that_the_reports_read() -> None:
    exposed = _exposed()
    of_reports = {"site", "panel_paper", "workbook", "workbook_of_subjects"}

    assert set.union(*(exposed[name] for name in of_reports)) == _marts_read_in("reports")
    assert exposed["scorecard_in_the_terminal"] == _marts_read_in("cli/scorecard.py")
    assert exposed["quality_report"] == _marts_read_in("quality/report")
    assert exposed.keys() == {*of_reports, "scorecard_in_the_terminal", "quality_report"}


def test_one_report_alone_depends_on_rows_of_single_children() -> None:
    exposed = _exposed()
    assert [name for name in exposed if exposed[name] & CHILD_LEVEL] == ["workbook_of_subjects"]


def test_every_external_kpi_has_figures_or_the_editions_words_for_none() -> None:
    external = {k for k, row in _catalogue().items() if row["unit"] == "external"}
    worded = {row["kpi_id"] for row in _seed("scorecard_editions") if row["figure_text"]}

    assert {row["kpi_id"] for row in _seed("external_figures")} | worded == external


@each_kpi
def test_every_kpi_says_what_it_means(model: Path, kpi_id: str) -> None:
    meta = _meta_of_kpis(model)[kpi_id]

    assert _yaml_of(model)["models"][0]["description"].startswith("One row")
    assert set(meta) == {"definition", "changed", "choices"}
    assert meta["definition"]
    assert meta["changed"]


@each_kpi
def test_every_kpi_is_unit_tested_in_out_and_left_out(model: Path, kpi_id: str) -> None:
    tests = _yaml_of(model)["unit_tests"]
    expected: Rows = [row for test in tests for row in test["expect"]["rows"]]
    given = [row for test in tests for part in test["given"] for row in part["rows"]]
    kpi = _catalogue()[kpi_id]

    assert len(tests) >= 2
    if kpi["subject"] in ("", "aggregate"):
        whose = model.stem.removeprefix("kpi_")
        _check_figure([row for row in expected if row.get("kpi_id", whose) == kpi_id], tests)
    else:
        wanted = {True, False} if kpi["unit"] == "percent" else {True}
        assert {row["in_numerator"] for row in expected if "in_numerator" in row} == wanted
        is_older_label = "ref('kpi_" in model.read_text()
        if kpi["unit"] != "count" and not is_older_label:
            assert len(given) > len(expected), "no row is left out of the denominator"


def _check_figure(expected: Rows, tests: list[dict[str, Any]]) -> None:
    """A figure that is given: once with its parts or value, once where there is nothing of it."""
    assert any(row.get("denominator") or row.get("value") for row in expected)
    assert any(
        all(row.get("denominator") == 0 for row in test["expect"]["rows"]) for test in tests
    ), "no test of an authority without a source"


class _Target:
    """What a model's Jinja asks of dbt, for a target that is not DuckDB."""

    def __init__(self) -> None:
        self.macros: dict[str, Any] = {}

    def dispatch(self, name: str) -> Any:
        return self.macros[f"default__{name}"]


def _as_spark_sees_it(model: Path) -> str:
    """The model's SQL with each dispatched macro's default variant in it."""
    import datetime

    target = _Target()
    variables = {
        "authority": "886",
        "month": "2018-06",
        "inputs": "inputs",
        "publication_version": 1,
        "kpis": [k for k, row in _catalogue().items() if row["subject"] not in ("", "aggregate")],
        "figure_kpis": [k for k, row in _catalogue().items() if row["subject"] == "aggregate"],
        "external_kpis": [k for k, row in _catalogue().items() if row["unit"] == "external"],
    }
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals |= {
        "adapter": target,
        "ref": lambda name: name,
        "source": lambda source, table: f"{source}.{table}",
        "var": lambda name, default=None: variables.get(name, default),
        "config": lambda **_: "",
        "modules": {"datetime": datetime},
    }
    for path in (DBT_PROJECT / "macros").glob("*.sql"):
        macros = environment.from_string(path.read_text()).module
        for name in (n for n in vars(macros) if not n.startswith("_")):
            target.macros[name] = getattr(macros, name)
            environment.globals[name] = getattr(macros, name)
    return environment.from_string(model.read_text()).render()


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_the_sql_is_also_sparks(model: Path) -> None:
    sql = _as_spark_sees_it(model)
    config = FluffConfig(
        overrides={"dialect": "sparksql", "rules": "PRS"}, ignore_local_config=True
    )
    parsed = Linter(config=config).parse_string(sql)
    assert parsed.violations == []
    for word in ("qualify", "::", "varchar)", "hugeint", "//", "strftime", "try_cast"):
        assert word not in sql.split("-- Generated")[0], f"{word} is DuckDB's alone"
