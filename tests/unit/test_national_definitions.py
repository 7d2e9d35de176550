"""The page of national definitions has every figure that calls itself national, and real tests."""

from __future__ import annotations

import re

from cpw.core.paths import DBT_PROJECT, PROJECT_ROOT, read_yaml
from cpw.warehouse.kpi_sources import kpi_sources
from support.kpi_models import catalogue

PAGE = (PROJECT_ROOT / "docs" / "national-definitions.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z0-9_.]+)::([a-z0-9_]+)`", PAGE))


def test_every_national_figure_has_its_boundaries() -> None:
    national = {row["kpi_id"] for row in catalogue().values() if row["basis"] == "national"}
    national |= {source.kpi_id for source in kpi_sources() if source.is_national}
    headed = " ".join(line for line in PAGE.splitlines() if line.startswith("#"))
    assert national
    assert {kpi for kpi in national if kpi not in headed.split()} == set()


def test_every_boundary_names_a_test_that_exists() -> None:
    models = {
        (test["model"], test["name"])
        for path in (DBT_PROJECT / "models").rglob("*.yml")
        for test in read_yaml(path).get("unit_tests", [])
    }
    tests = {
        (path.name, name)
        for path in (PROJECT_ROOT / "tests" / "unit").glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(NAMED) > 20
    assert NAMED - models - tests == set()


def test_every_row_of_a_boundary_names_its_test() -> None:
    rows = [
        line
        for table in PAGE.split("| boundary | answer | shown by |\n| --- | --- | --- |\n")[1:]
        for line in table.split("\n\n")[0].splitlines()
    ]
    assert rows
    assert [row for row in rows if "::" not in row.split("|")[-2]] == []
