"""Columns of which most cells could not be read: the few that could be read tell of few children.

A date that stands for none is not one of these cells: it is read as it was meant, as no date.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from cpw.contract.cells import UNREADABLE, Reason, listed_sql
from cpw.contract.tables import Column, Table

FEWEST = 5
"""With fewer unreadable cells than these, the column counts as one with a few bad cells."""
NOT_AS_MEANT: tuple[Reason, ...] = ("error_value", "type", "code", "range")


def unreadable_columns(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[Table], typed: Path, valid: Path
) -> list[str]:
    """The optional columns of which most cells that are not empty could not be read.

    Args:
        connection: any database.
        tables: the tables, or modules of a return.
        typed: the folder with their cast files, ``<table>.parquet``.
        valid: the folder with the rows of these files that were not refused.

    Returns:
        ``table.column``, in the order of the contract.
    """
    found = []
    for table in tables:
        optional = [column for column in table.columns if not column.is_needed]
        if not optional:
            continue
        most = ", ".join(_is_unreadable(column) for column in optional)
        row = connection.execute(
            f"select {most} from read_parquet('{typed / table.name}.parquet') where source_row in "
            f"(select source_row from read_parquet('{valid / table.name}.parquet'))"
        ).fetchone()
        answers = zip(optional, row or (), strict=True)
        found += [
            f"{table.name}.{column.name}" for column, is_unreadable in answers if is_unreadable
        ]
    return found


def _is_unreadable(column: Column) -> str:
    bad = f'count(*) filter ("{column.name}{UNREADABLE}" in ({listed_sql(NOT_AS_MEANT)}))'
    return f'{bad} >= {FEWEST} and {bad} > count("{column.name}")'
