"""Turn the valid rows of statutory returns into the extract contract's tables for a month-end.

Each step is a SELECT of its own in ``conversion_sql/``: those of ``_STEPS`` first, in that order,
each of which becomes a table of its name; then ``tables/``, one file a table of the contract. The
later return wins where two hold the same row. What a return lacks stays null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from cpw.contract.casting import cast_table
from cpw.contract.collection_year import last_day
from cpw.contract.return_modules import Module, modules
from cpw.contract.tables import Table, contract
from cpw.core.database import connect_bounded
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
_FACTS_OF_A_YEAR = ("oc2", "oc3")  # a later return has facts of its own, and corrects none
# What goes on from one return to the next: the day it began, and the day it ended.
_GOES_ON = {
    "sw_episodes": ("sw_decom", "sw_dec"),
    "placed_for_adoption": ("date_placed", "date_placed_ceased"),
}

_MACROS = (
    "create macro compact(postcode) as nullif(replace(upper(postcode), ' ', ''), '')",
    "create macro dated_id(prefix, kind, day) as "
    "concat(prefix, '-', kind, coalesce(strftime(day, '%Y%m%d'), '0'))",
    # where neither postcode nor URN can be compared, nothing says that the address changed
    "create macro same_address(one, other) as case "
    "when one.postcode is not null and other.postcode is not null "
    "then one.postcode = other.postcode "
    "when one.urn is not null and other.urn is not null then one.urn = other.urn "
    "else true end",
)


@dataclass(frozen=True)
class Converted:
    """What a conversion came to: rows by table, and what was left out, in counts."""

    rows: dict[str, int]
    notes: list[str] = field(default_factory=list)


def convert(returns: Mapping[int, Path], as_at: date, target: Path) -> Converted:
    """Write the contract's tables as the returns show them at a month-end.

    What began after the month-end is left out; an end after it is kept, as an extract keeps it.

    Args:
        returns: collection year (the one it ends in) -> folder with ``<module>.parquet`` of the
            valid rows; a module that was not returned has no file.
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
            connection.execute(f"create table {step} as {_read(step)}")
        _place_postcodes(connection)
        rows = {
            table.name: _write_text(connection, table, target / "text" / f"{table.name}.parquet")
            for table in contract().tables
        }
        notes = [note for (note,) in connection.execute(_read("notes")).fetchall()]
    for table in contract().tables:
        name = f"{table.name}.parquet"
        cast_table(table, target / "text" / name, target / "typed" / name)
    return Converted(rows, notes)


def _read(step: str) -> str:
    return (_SQL / f"{step}.sql").read_text("utf-8")


def _set_up(connection: duckdb.DuckDBPyConnection, years: list[int], as_at: date) -> None:
    connection.execute(f"set variable as_at = date '{as_at}'")
    for macro in _MACROS:
        connection.execute(macro)
    connection.execute("create table returns (year integer, year_end date, next_year integer)")
    connection.executemany(
        "insert into returns values (?, ?, ?)",
        [
            (year, last_day(year), later)
            for year, later in zip(years, [*years[1:], None], strict=True)
        ],
    )


def _put_together(
    connection: duckdb.DuckDBPyConnection, module: Module, returns: Mapping[int, Path]
) -> None:
    """Make ``all_<module>``, the rows of all returns, and ``latest_<module>``, those that count."""
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
    identity = [column.name for column in module.identity]
    if name in _FACTS_OF_A_YEAR:
        identity.append("year")
    connection.execute(
        f"create table latest_{name} as from all_{name} qualify row_number() over "
        f"(partition by {_quoted(identity)} order by year desc, source_row) = 1"
    )
    if name in _GOES_ON:
        _forget_superseded(connection, name, *_GOES_ON[name])


def _forget_superseded(
    connection: duckdb.DuckDBPyConnection, name: str, began: str, ended: str
) -> None:
    """Leave out what was open at a year's end and the next return has otherwise of that child."""
    connection.execute(
        f"delete from latest_{name} as open using returns as r "
        "where open.year = r.year and r.year_end < getvariable('as_at') "
        f"and coalesce(open.{ended}, date 'infinity') > r.year_end and exists ("
        f"from all_{name} as n where n.year = r.next_year and n.child = open.child) "
        f"and not exists (from all_{name} as n where n.year = r.next_year "
        f"and n.child = open.child and n.{began} = open.{began})"
    )


def _note_sent(connection: duckdb.DuckDBPyConnection, returns: Mapping[int, Path]) -> None:
    """Make ``sent_episodes``: year, child and first day of what came, valid or not.

    The rows as they came are beside the valid ones, where a return was read and gated here.
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
    """Make ``grid_references``: postcode without spaces, easting and northing in metres."""
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
    """Write a table as the reader of extracts does, and count its rows."""
    query = _SQL / "tables" / f"{table.name}.sql"
    if not query.exists():
        empty_text_table(table, target)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"create table {table.name} as {query.read_text('utf-8')}")
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
