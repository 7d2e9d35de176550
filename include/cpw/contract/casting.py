"""Cast text cells by their contract, all rows at once, in DuckDB: extracts and returns alike.

A cell that cannot be read becomes null, and ``<column>__unreadable`` has the reason; the text file
still has its text, for the quarantine. So does a value that cannot be, where the column may be
empty: a code outside the set, or a date that stands for none. How cells are read:
:mod:`cpw.contract.cells`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from cpw.contract import cells
from cpw.contract.cells import UNREADABLE
from cpw.contract.tables import Column, Contract, Table
from cpw.core.paths import seed_rows

EXPECTED = {
    "date": "a date as YYYY-MM-DD that exists in the calendar",
    "timestamp": "a timestamp as YYYY-MM-DD HH:MM:SS that exists",
    "integer": "a whole number",
    "number": "a number with a decimal point",
}
AHEAD, BEFORE = 30, 60
"""A date so many years after or before what a file covers stands for none: no child has it."""


@dataclass(frozen=True)
class Casting:
    """What a file's cells mean: the code sets, and the form of its dates.

    ``as_at`` is the last day that the file covers; an optional date decades after it stands for
    none.
    """

    known: Contract
    as_at: date
    day_first: bool = False


@cache
def placeholder_dates() -> tuple[date, ...]:
    """The dates that programs write where there is none."""
    return tuple(date.fromisoformat(row["date"]) for row in seed_rows("placeholder_dates"))


def cast_table(
    connection: duckdb.DuckDBPyConnection,
    casting: Casting,
    table: Table,
    text: Path,
    target: Path,
) -> None:
    """Cast one table or module from its text Parquet to a typed one, in any database.

    The typed file has ``source_row``, ``_ragged``, the contract's columns with its types and, for
    each column, ``<column>__unreadable``: why the cell could not be read, null if it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    plain = ", ".join(f'{cells.plain_sql(c.name)} as "{c.name}"' for c in table.columns)
    values = ", ".join(
        f'"{c.name}", {_value_sql(c, casting)} as "{c.name}__value"' for c in table.columns
    )
    reasons = ", ".join(
        f'"{c.name}__value", {_reason_sql(c, casting)} as "{c.name}{UNREADABLE}"'
        for c in table.columns
    )
    read = ", ".join(
        f'case when "{c.name}{UNREADABLE}" is null then "{c.name}__value" end as "{c.name}", '
        f'"{c.name}{UNREADABLE}"'
        for c in table.columns
    )
    rows = "source_row, _ragged"
    connection.execute(
        f"copy (select {rows}, {read} from (select {rows}, {reasons} from (select {rows}, {values} "
        f"from (select {rows}, {plain} from read_parquet('{text}')))) order by source_row) "
        f"to '{target}' (format parquet, compression zstd)"
    )


def _value_sql(column: Column, casting: Casting) -> str:
    """The SQL that casts a column's plain cell, null where the cell is not of its type."""
    cell = f'"{column.name}"'
    if column.type == "date":
        return cells.date_sql(cell, day_first=casting.day_first)
    if column.type == "timestamp":
        return cells.timestamp_sql(cell)
    if column.type == "integer":
        return cells.integer_sql(cell)
    if column.type == "number":
        return cells.number_sql(cell, column.sql_type)
    return cells.text_sql(column, cell)


def _reason_sql(column: Column, casting: Casting) -> str:
    """The SQL of why a cell is unreadable, null where it is empty or can be read."""
    cell, value = f'"{column.name}"', f'"{column.name}__value"'
    reasons = [f"when {cells.is_error_sql(cell)} then 'error_value'"]
    if column.type != "string":
        reasons.append(f"when {cell} is not null and {value} is null then 'type'")
    if column.code_set and not column.is_needed:
        codes = cells.listed_sql(casting.known.code_sets[column.code_set])
        reasons.append(f"when {value} not in ({codes}) then 'code'")
    if column.least is not None:
        reasons.append(f"when {value} < {column.least} then 'range'")
    if column.greatest is not None:
        reasons.append(f"when {value} > {column.greatest} then 'range'")
    if column.may_hold_placeholder:
        none = ", ".join(f"date '{day}'" for day in placeholder_dates())
        first, last = (
            casting.as_at.replace(year=casting.as_at.year + years, day=1)
            for years in (-BEFORE, AHEAD)
        )
        reasons.append(
            f"when cast({value} as date) in ({none}) "
            f"or {value} not between date '{first}' and date '{last}' then 'placeholder'"
        )
    return f"case {' '.join(reasons)} end"
