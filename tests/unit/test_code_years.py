"""Codes by collection year: each year's return is read, and a code of another year is reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cpw.contract.casting import cast_table
from cpw.contract.return_casting import casting_of
from cpw.contract.return_modules import codes_with_years, modules, return_contract
from cpw.core.database import connect
from cpw.core.paths import seed_rows
from cpw.pipeline.gate_return import days_of
from cpw.quality.evaluation import Batch, ask, open_evaluation, refuse
from cpw.quality.rule_book import rule_book
from support.parquet_files import write_parquet
from support.warehouse import JUNE

YEARS = range(2017, 2027)
FIRST_ROW = 2

# by column: the codes that not every year allows, and the years of YEARS that allow them
ALLOWED: dict[str, dict[str, range]] = {
    "header.sex": {"U": range(2025, 2027)},
    "uasc.sex": {"U": range(2025, 2027)},
    "episodes.place": {
        **dict.fromkeys(("H5", "P2", "Z1"), range(2017, 2026)),
        "K3": range(2025, 2027),
        **dict.fromkeys(("Z11", "Z12", "Z13", "Z14"), range(2026, 2027)),
    },
    "episodes.rec": dict.fromkeys(("E43", "E44"), range(2017, 2022)),
    "episodes.reason_place_change": {"CUSTOD": range(2019, 2027)},
    "oc3.activ": {
        **dict.fromkeys(("F3", "P3"), range(2017, 2023)),
        **dict.fromkeys(("F4", "P4", "F5", "P5"), range(2023, 2027)),
    },
}


def read(tmp_path: Path, place: str, year: int) -> tuple[tuple[str, ...], Path]:
    """Every code of a column's set in a row of its own, read as the return of a year."""
    module, column = place.split(".")
    table = modules()[f"ssda903_{module}"]
    codes = return_contract().code_sets[str(table.column(column).code_set)]
    cells: list[dict[str, Any]] = [
        {"source_row": row, column: code} for row, code in enumerate(codes, FIRST_ROW)
    ]
    names = dict.fromkeys(table.column_names, "varchar")
    text = write_parquet(
        tmp_path / "text.parquet", {"source_row": "integer", "_ragged": "integer"} | names, cells
    )
    typed = tmp_path / f"{table.name}.parquet"
    with connect() as connection:
        cast_table(connection, casting_of(year), table, text, typed)
    return codes, typed


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("place", ALLOWED)
def test_code_is_read_in_every_year_and_reported_in_those_that_do_not_allow_it(
    tmp_path: Path, place: str, year: int
) -> None:
    codes, typed = read(tmp_path, place, year)
    module, column = place.split(".")
    name = f"ssda903_{module}"
    rules = [rule_book().rule(f"{name}.{column}.{kind}") for kind in ("code", "code_of_year")]
    evaluation = open_evaluation(Batch(JUNE, {name: typed}, days=days_of(year)), rules)
    with evaluation.connection as connection:
        refuse(evaluation)
        ask(evaluation)
        assert evaluation.errors == {}
        found = connection.execute(f'select "{column}" from valid.{name} order by source_row')
        assert [code for (code,) in found.fetchall()] == list(codes)
        failed = connection.execute("select rule_id, source_row from failed order by all")
        reported = {(rule, codes[row - FIRST_ROW]) for rule, row in failed.fetchall()}
    assert reported == {
        (f"{name}.{column}.code_of_year", code)
        for code, years in ALLOWED[place].items()
        if year not in years
    }
    assert not rules[1].refuses


def test_every_code_with_years_is_in_a_set_of_the_returns_and_in_these_tests() -> None:
    in_years = {
        (code_set, code.code) for code_set, codes in codes_with_years().items() for code in codes
    }
    tested = {
        (modules()[f"ssda903_{module}"].column(column).code_set, code)
        for place, codes in ALLOWED.items()
        for module, column in [place.split(".")]
        for code in codes
    }
    assert in_years == tested
    assert {s for s, _ in in_years} <= return_contract().code_sets.keys()
    assert all(code in return_contract().code_sets[code_set] for code_set, code in in_years)


def test_every_code_with_years_says_where_they_are_written() -> None:
    assert all(row["source"] for row in seed_rows("ssda903_code_years"))
