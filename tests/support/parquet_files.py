"""Parquet files of rows made by hand, all written by one database: opening one takes longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb

ROWS_AT_A_TIME = 100


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def write_parquet(
    target: Path, columns: Mapping[str, str], rows: Sequence[Mapping[str, object]]
) -> Path:
    """Write rows, cells by column; columns have their SQL types, cells left out are null."""
    strangers = {name for row in rows for name in row} - columns.keys()
    assert strangers == set(), f"{target.stem} has no {strangers}"
    target.parent.mkdir(parents=True, exist_ok=True)
    database = _database()
    made = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    database.execute(f"create or replace temp table made ({made})")
    line = f"({', '.join('?' for _ in columns)})"
    for first in range(0, len(rows), ROWS_AT_A_TIME):
        batch = rows[first : first + ROWS_AT_A_TIME]
        database.execute(
            f"insert into made values {', '.join([line] * len(batch))}",
            [row.get(name) for row in batch for name in columns],
        )
    database.execute(f"copy made to '{target}' (format parquet)")
    return target
