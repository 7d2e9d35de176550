"""Cast text cells by the contract, all rows at once, in DuckDB.

A cell that cannot be cast becomes null, and its ``<column>__unreadable`` flag true; the text file
still has its text, for the quarantine.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from cpw.contract.tables import Column, Table

UNREADABLE = "__unreadable"

_FORMS = {
    "date": r"\d{4}-\d{2}-\d{2}",
    "timestamp": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
    "integer": r"-?\d{1,9}",
    "number": r"-?\d{1,14}(\.\d{1,4})?",
}

EXPECTED = {
    "date": "a date as YYYY-MM-DD that exists in the calendar",
    "timestamp": "a timestamp as YYYY-MM-DD HH:MM:SS that exists",
    "integer": "a whole number",
    "number": "a number with a decimal point, at most four decimals",
}


def cast_sql(column: Column) -> str:
    """The SQL that casts a column's text, null where the text is not of its type."""
    name = f'"{column.name}"'
    if column.type == "string":
        return name
    form = _FORMS[column.type]
    return (
        f"case when regexp_full_match({name}, '{form}') "
        f"then try_cast({name} as {column.sql_type}) end"
    )


def cast_table(
    connection: duckdb.DuckDBPyConnection, table: Table, text: Path, target: Path
) -> None:
    """Cast one table from its text Parquet to a typed one, in any database.

    The typed file has ``source_row``, ``_ragged``, the contract's columns with its types and, for
    each column that is not text, ``<column>__unreadable``.
    """
    selected = ["source_row", "_ragged"]
    for column in table.columns:
        selected.append(f'{cast_sql(column)} as "{column.name}"')
        if column.type != "string":
            selected.append(
                f'"{column.name}" is not null and {cast_sql(column)} is null '
                f'as "{column.name}{UNREADABLE}"'
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy (select {', '.join(selected)} from read_parquet('{text}') order by source_row) "
        f"to '{target}' (format parquet, compression zstd)"
    )
