"""The dbt project as its files are: what each KPI says, its tests, and SQL that is also Spark's."""

from __future__ import annotations

import datetime
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from sqlfluff.core import FluffConfig, Linter

from cpw.core.paths import DBT_PROJECT, PROJECT_ROOT, seed_rows
from support.kpi_models import KPIS, MODELS, catalogue, meta_of_kpis, yaml_of

CPW = PROJECT_ROOT / "include" / "cpw"
Rows = list[dict[str, Any]]
each_kpi = pytest.mark.parametrize(("model", "kpi_id"), KPIS, ids=[kpi_id for _, kpi_id in KPIS])


def test_every_kpi_of_the_catalogue_has_a_model_and_is_listed_once() -> None:
    known = catalogue()
    variables = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())["vars"]
    external = [k for k, row in known.items() if row["unit"] == "external"]
    given = [k for k, row in known.items() if row["subject"] == "aggregate"]

    assert sorted(kpi_id for _, kpi_id in KPIS) == sorted(known)
    assert sorted(variables["external_kpis"]) == sorted(external)
    assert sorted(variables["figure_kpis"]) == sorted(given)
    assert sorted(variables["kpis"]) == sorted(known.keys() - {*external, *given})


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
    of_terminal = _marts_read_in("cli/scorecard.py") | _marts_read_in("cli/sql")
    assert exposed["scorecard_in_the_terminal"] == of_terminal
    assert exposed["quality_report"] == _marts_read_in("quality/report")
    assert exposed.keys() == {*of_reports, "scorecard_in_the_terminal", "quality_report"}


def test_one_report_alone_depends_on_rows_of_single_children() -> None:
    exposed = _exposed()
    assert [name for name in exposed if exposed[name] & CHILD_LEVEL] == ["workbook_of_subjects"]


def test_every_external_kpi_has_figures_or_the_editions_words_for_none() -> None:
    external = {k for k, row in catalogue().items() if row["unit"] == "external"}
    worded = {row["kpi_id"] for row in seed_rows("scorecard_editions") if row["figure_text"]}

    assert {row["kpi_id"] for row in seed_rows("external_figures")} | worded == external


@each_kpi
def test_every_kpi_says_what_it_means(model: Path, kpi_id: str) -> None:
    meta = meta_of_kpis(model)[kpi_id]

    assert yaml_of(model)["models"][0]["description"].startswith("One row")
    for text in ("name", "definition", "changed", "lead", "owner"):
        assert meta[text], text
    assert "choices" in meta


@each_kpi
def test_every_kpi_is_unit_tested_in_out_and_left_out(model: Path, kpi_id: str) -> None:
    tests = yaml_of(model)["unit_tests"]
    expected: Rows = [row for test in tests for row in test["expect"]["rows"]]
    given = [row for test in tests for part in test["given"] for row in part["rows"]]
    kpi = catalogue()[kpi_id]

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


@cache
def _spark() -> jinja2.Environment:
    """Jinja as dbt has it, with each dispatched macro's default variant."""
    target = _Target()
    variables = {
        "authority": "886",
        "month": "2018-06",
        "publication_version": 1,
        "kpis": [k for k, row in catalogue().items() if row["subject"] not in ("", "aggregate")],
        "figure_kpis": [k for k, row in catalogue().items() if row["subject"] == "aggregate"],
        "external_kpis": [k for k, row in catalogue().items() if row["unit"] == "external"],
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
    return environment


@cache
def _spark_parser() -> Linter:
    overrides = {"dialect": "sparksql", "rules": "PRS"}
    return Linter(config=FluffConfig(overrides=overrides, ignore_local_config=True))


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_the_sql_is_also_sparks(model: Path) -> None:
    sql = _spark().from_string(model.read_text()).render()
    parsed = _spark_parser().parse_string(sql)
    assert parsed.violations == []
    for word in ("qualify", "::", "varchar)", "hugeint", "//", "strftime", "try_cast"):
        assert word not in sql.split("-- Generated")[0], f"{word} is DuckDB's alone"
