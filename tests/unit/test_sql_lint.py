"""sqlfluff renders a model as dbt does, and finds its faults, those in macro calls included."""

from __future__ import annotations

import pytest
from sqlfluff.core import FluffConfig, Linter

from cpw.core.paths import DBT_PROJECT

MODEL = """\
select
    {{ completed_years('people.date_of_birth', 'people.day') }} as age,
    {{ add_days('people.day', 7) }} as week_later
from {{ ref('people') }} as people
where
    people.kpi_id in ('{{ var('external_kpis') | first }}')
    and people.day <= {{ add_days('people.end', 1) }}
"""


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter(config=FluffConfig.from_path(str(DBT_PROJECT / "models")))


def found(linter: Linter, sql: str) -> set[tuple[int, str]]:
    """The line and the rule of whatever is wrong."""
    file = linter.lint_string(sql, fname=str(DBT_PROJECT / "models" / "made.sql"))
    return {(violation.line_no, violation.rule_code()) for violation in file.get_violations()}


def test_a_good_model_has_no_fault(linter: Linter) -> None:
    assert found(linter, MODEL) == set()


def test_macros_and_variables_are_the_projects(linter: Linter) -> None:
    rendered = linter.render_string(MODEL, "made.sql", linter.config, "utf-8")
    (variant,) = rendered.templated_variants
    sql = str(variant)
    assert "extract(year from people.day)" in sql
    assert "(people.day + cast(7 as integer)) as week_later" in sql, "DuckDB's variant of the macro"
    assert "first_time_entrants_youth_justice" in sql
    assert "people.day <= (people.end + cast(1 as integer))" in sql


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("{{ add_days('people.day', 7) }} as", "{{ add_days('people.day', 7) }}", (3, "AL02")),
        ("    {{ add_days", "      {{ add_days", (3, "LT02")),
        ("{{ add_days('people.day', 7)", "{{ add_days('people.day', '7)')", (3, "PRS")),
        ("add_days", "add_dais", (3, "TMP")),
        ("'people.day') }}", "'people.day' }}", (2, "TMP")),
        ("where", "WHERE", (5, "CP01")),
        ("from {{", "from  {{", (4, "LT01")),
        ("day <= {{", "day<= {{", (7, "LT01")),
        ("var('external_kpis')", "var('no_such')", (1, "TMP")),
    ],
)
def test_a_fault_is_found(linter: Linter, good: str, bad: str, fault: tuple[int, str]) -> None:
    assert good in MODEL
    assert fault in found(linter, MODEL.replace(good, bad))
