"""Convert the valid rows of statutory returns into the extract contract's tables for a month-end.

Each step is a SELECT in a file of ``conversion_sql/``. The steps in ``_STEPS`` come first, in that
order; each creates a table with its name. Then come the files in ``tables/``, one for each table of
the contract. If two returns have the same row, the later return wins. Columns that a return does
not contain are null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from cpw.contract.casting import Casting, cast_table
from cpw.contract.collection_year import first_day, last_day
from cpw.contract.return_modules import EPISODES, Module, modules
from cpw.contract.tables import Table, contract
from cpw.core.database import connect, connect_bounded
from cpw.core.sql import read_sql
from cpw.ingest.postcodes import grid_references
from cpw.ingest.reading import empty_text_table

_SQL = Path(__file__).with_name("conversion_sql")
_STEPS = (
    "superseded_episodes",
    "episodes",
    "periods",
    "placed_episodes",
    "placed_reviews",
    "unaccompanied",
    "adoption_decisions",
    "adoptions",
    "adoption_steps",
    "adoption_plans",
)
_FACTS_OF_A_YEAR = ("oc2", "oc3")  # a later return has facts of its own year, and corrects none
# Modules whose rows continue from one return to the next, with their ends; episodes have a step.
_GOES_ON = {
    "sw_episodes": "sw_dec",
    "placed_for_adoption": "date_placed_ceased",
    "missing": "mis_end",
    "dol": "dol_end",
    "uasc": "duc",
}

_MACROS = (
    "create macro compact(postcode) as nullif(replace(upper(postcode), ' ', ''), '')",
    "create macro dated_id(prefix, kind, day) as "
    "concat(prefix, '-', kind, coalesce(strftime(day, '%Y%m%d'), '0'))",
    # without two postcodes or two URNs to compare, the address counts as unchanged
    "create macro same_address(one, other) as case "
    "when one.postcode is not null and other.postcode is not null "
    "then one.postcode = other.postcode "
    "when one.urn is not null and other.urn is not null then one.urn = other.urn "
    "else true end",
)


@dataclass(frozen=True)
class Converted:
    """The result of a conversion: rows by table, and notes with the counts of rows left out."""

    rows: dict[str, int]
    notes: list[str] = field(default_factory=list)


def convert(returns: Mapping[int, Path], as_at: date, target: Path) -> Converted:
    """Write the contract's tables at a month-end from the returns.

    Rows that begin after the month-end are left out; an end after it is kept, as in an extract.

    Args:
        returns: collection year (the year in which it ends) -> folder with ``<module>.parquet``
            of the valid rows; a module that is not in the return has no file.
        as_at: the month's last day.
        target: ``text/<table>.parquet`` and ``typed/<table>.parquet`` are written here, for every
            table of the contract.
    """
    with connect_bounded() as connection:
        _set_up(connection, sorted(returns), as_at)
        for module in modules().values():
            _put_together(connection, module, returns)
        _note_sent(connection, returns)
        for step in _STEPS:
            connection.execute(f"create table {step} as {read_sql(_SQL / f'{step}.sql')}")
        _place_postcodes(connection)
        rows = {
            table.name: _write_text(connection, table, target / "text" / f"{table.name}.parquet")
            for table in contract().tables
        }
        notes = [note for (note,) in connection.execute(read_sql(_SQL / "notes.sql")).fetchall()]
    with connect() as connection:
        for table in contract().tables:
            text, typed = (target / form / f"{table.name}.parquet" for form in ("text", "typed"))
            cast_table(connection, Casting(contract(), as_at), table, text, typed)
    return Converted(rows, notes)


def _set_up(connection: duckdb.DuckDBPyConnection, years: list[int], as_at: date) -> None:
    connection.execute(f"set variable as_at = date '{as_at}'")
    for macro in _MACROS:
        connection.execute(macro)
    connection.execute(
        "create table returns (year integer, year_end date, next_year integer, next_start date)"
    )
    connection.executemany(
        "insert into returns values (?, ?, ?, ?)",
        [
            (year, last_day(year), later, later and first_day(later))
            for year, later in zip(years, [*years[1:], None], strict=True)
        ],
    )


def _put_together(
    connection: duckdb.DuckDBPyConnection, module: Module, returns: Mapping[int, Path]
) -> None:
    """Create ``all_<module>``, with all returns, and ``latest_<module>``, with the latest rows."""
    name = module.short_name
    columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in module.columns)
    connection.execute(f"create table all_{name} (year integer, source_row integer, {columns})")
    for year, folder in returns.items():
        path = folder / f"{module.name}.parquet"
        if path.exists():
            connection.execute(
                f"insert into all_{name} by name select {year} as year, source_row, "
                f"{_quoted(module.column_names)} from read_parquet(?)",
                [str(path)],
            )
    connection.execute(f"create table latest_{name} as from all_{name} qualify {_latest(module)}")
    if name in _GOES_ON:
        _end_left_open(connection, module, _GOES_ON[name])


def _latest(module: Module) -> str:
    """The SQL that is true for the rows of the latest return that has them.

    A return may have several rows with one key, if they have a length.
    """
    identity = [column.name for column in module.told_apart_by]
    if module.short_name in _FACTS_OF_A_YEAR:
        identity.append("year")
    if module.length is None or module.name == EPISODES:
        lasting = '"dec" is not distinct from "decom", ' if module.name == EPISODES else ""
        order = f"year desc, {lasting}source_row"
        return f"row_number() over (partition by {_quoted(identity)} order by {order}) = 1"
    return f"rank() over (partition by {_quoted(identity)} order by year desc) = 1"


def _end_left_open(connection: duckdb.DuckDBPyConnection, module: Module, ended: str) -> None:
    """End the rows open at a year's end that the next return lacks, where that return begins."""
    same = [f"n.{_quoted([c.name])} = open.{_quoted([c.name])}" for c in module.told_apart_by]
    began, next_began = (
        f'{row}."{module.length[0].name}"' if module.length else "null::date"
        for row in ("open", "n")
    )
    connection.execute(
        read_sql(
            _SQL / "end_left_open.sql",
            table=module.short_name,
            ended=ended,
            same=" and ".join(same),
            began=began,
            next_began=next_began,
        )
    )


def _note_sent(connection: duckdb.DuckDBPyConnection, returns: Mapping[int, Path]) -> None:
    """Create ``sent_episodes``: year, child and first day of every episode sent, valid or not.

    If the return was read and gated by an import, its typed rows are beside the valid ones.
    """
    connection.execute("create table sent_episodes (year integer, child varchar, decom date)")
    for year, folder in returns.items():
        path = folder.parent / "typed" / "ssda903_episodes.parquet"
        if path.exists():
            connection.execute(
                f"insert into sent_episodes select {year}, child, decom from read_parquet(?)",
                [str(path)],
            )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _place_postcodes(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``grid_references``: postcode without spaces, easting and northing in metres."""
    written = connection.execute(
        "select distinct compact(unnest([home_post, pl_post])) from placed_episodes"
    ).fetchall()
    places = grid_references(postcode for (postcode,) in written if postcode)
    connection.execute(
        "create table grid_references as select unnest(?::varchar[]) as postcode, "
        "unnest(?::double[]) as easting, unnest(?::double[]) as northing",
        [
            list(places),
            [easting for easting, _ in places.values()],
            [northing for _, northing in places.values()],
        ],
    )


def _write_text(connection: duckdb.DuckDBPyConnection, table: Table, target: Path) -> int:
    """Write a table in the form that the reader of extracts writes; returns its number of rows."""
    query = _SQL / "tables" / f"{table.name}.sql"
    if not query.exists():
        empty_text_table(table, target)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"create table {table.name} as {read_sql(query)}")
    held = {name for name, *_ in connection.execute(f"describe {table.name}").fetchall()}
    cells = ", ".join(
        f'"{name}"::varchar as "{name}"' if name in held else f'null::varchar as "{name}"'
        for name in table.column_names
    )
    connection.execute(
        f'copy (select (row_number() over (order by "{table.key.name}") + 1)::integer '
        f"as source_row, null::integer as _ragged, {cells} from {table.name} order by source_row) "
        f"to '{target}' (format parquet, compression zstd)"
    )
    counted = connection.execute(f"select count(*) from {table.name}").fetchone()
    return int(counted[0]) if counted else 0
