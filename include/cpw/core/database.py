"""Open DuckDB so that data that does not fit in memory spills into the data home."""

from __future__ import annotations

from pathlib import Path

import duckdb

from cpw.core.home import Home

# The memory that DuckDB may use in a gate; the rest of the process needs memory beside it.
GATE_MEMORY = "1GB"
_of_this_process: dict[str, int] = {}


def connect(database: Path | None = None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a database file, or an empty database in memory.

    Args:
        database: the file; None for a database in memory.
        read_only: open the file for reading only; any number of readers may do so at once.
    """
    config: dict[str, str | bool | int | float | list[str]] = dict(_of_this_process)
    if database is not None:  # spills into a folder beside the file
        return duckdb.connect(str(database), read_only=read_only, config=config)
    config["temp_directory"] = str(Home.from_environment().work / "spill")
    return duckdb.connect(config=config)


def use_one_thread() -> None:
    """Let DuckDB use one thread in this process: it is one of several that share the cores."""
    _of_this_process["threads"] = 1


def mart_names(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    """The marts of a database, in alphabetical order."""
    found = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' "
        "and table_catalog = ? order by 1",
        [catalog],
    ).fetchall()
    return [name for (name,) in found]


def has_mart(connection: duckdb.DuckDBPyConnection, catalog: str, mart: str) -> bool:
    """Whether a database has a mart: a publication of an earlier release may lack it."""
    found = connection.execute(
        "select 1 from information_schema.tables "
        "where table_catalog = ? and table_schema = 'marts' and table_name = ?",
        [catalog, mart],
    ).fetchone()
    return found is not None


def has_column(
    connection: duckdb.DuckDBPyConnection, mart: str, column: str, catalog: str | None = None
) -> bool:
    """Whether a mart has a column: a publication of an earlier release may lack it.

    Args:
        connection: the database.
        mart: the mart's name.
        column: the column's.
        catalog: the attached database that has the mart; the one that was opened, if none is given.
    """
    found = connection.execute(
        "select 1 from information_schema.columns "
        "where table_catalog = coalesce(?, current_database()) "
        "and table_schema = 'marts' and table_name = ? and column_name = ?",
        [catalog, mart, column],
    ).fetchone()
    return found is not None


def connect_bounded() -> duckdb.DuckDBPyConnection:
    """Open an empty database in memory that spills instead of growing with the extract."""
    connection = connect()
    connection.execute(f"set memory_limit = '{GATE_MEMORY}'")
    connection.execute("set preserve_insertion_order = false")
    return connection
