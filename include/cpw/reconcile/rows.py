"""Compare the rows of the two sources about the same children, column by column.

Only what a return holds is compared: columns with ``in_return`` in the contract, but for ids, which
differ between sources, and for what the return has by convention alone (its health facts are all
dated 31 March).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import duckdb

from cpw.contract.tables import Column, Table, contract
from cpw.core.partition import SOURCES
from cpw.core.reporting_month import ReportingMonth
from cpw.core.sql import read_sql
from cpw.reconcile.pairs import pair

Kind = Literal["dates", "codes", "values"]

_SQL = Path(__file__).with_name("sql")
_PERIODS = "ssd_cla_episodes"
_BY_CONVENTION = {
    "clah_health_check_date",
    "clah_health_check_status",
    "csdq_sdq_completed_date",
    "immi_immigration_status_start_date",
    "clar_cla_review_cancelled",
    "invo_professional_role_id",
    "clae_cla_id",
}


@dataclass(frozen=True)
class _About:
    """What a table's rows are about, and which of them the return holds too.

    ``day`` orders them, the newest first; ``about`` is the column by which they are paired, the day
    itself where none is named. ``only`` says in SQL which rows a return has. Of a table with
    ``newest``, the return has one row a year for each thing it is about: the newest of the twelve
    months is compared.
    """

    day: str | None = None
    about: str | None = None
    only: str = "true"
    newest: bool = False


_ABOUT = {
    "ssd_person": _About(),
    "ssd_cla_episodes": _About("clae_cla_episode_start_date"),
    "ssd_cla_placement": _About("clap_cla_placement_start_date"),
    "ssd_cla_reviews": _About(
        "clar_cla_review_date",
        only="clar_cla_review_date is not null and clar_cla_review_cancelled <> 'Y'",
    ),
    "ssd_legal_status": _About("lega_legal_status_start_date"),
    "ssd_immigration_status": _About(
        "immi_immigration_status_start_date",
        "immi_immigration_status",
        only="immi_immigration_status = 'UASC'",
    ),
    "ssd_permanence": _About("perm_adm_decision_date"),
    "ssd_missing": _About("miss_missing_episode_start_date"),
    "ssd_involvements": _About(
        "invo_involvement_start_date", only="invo_professional_role_id = 'Allocated Case Worker'"
    ),
    "ssd_cla_health": _About(
        "clah_health_check_date",
        "clah_health_check_type",
        only="clah_health_check_status = 'Completed'",
        newest=True,
    ),
    "ssd_sdq_scores": _About("csdq_sdq_completed_date", "'score'", newest=True),
    "local_care_leaver_outcomes": _About("birthday_date"),
}


def tables() -> tuple[Table, ...]:
    """The tables that are compared, in contract order."""
    return tuple(table for table in contract().tables if table.name in _ABOUT)


@cache
def compared(table: Table) -> dict[str, Kind]:
    """The columns of a table that are compared, and what it is called where they differ."""
    return {
        column.name: _kind(column)
        for column in table.columns
        if column.in_return
        and not (column.is_key or column.references or column.name in _BY_CONVENTION)
    }


def _kind(column: Column) -> Kind:
    if column.type in ("date", "timestamp"):
        return "dates"
    return "codes" if column.code_set else "values"


def compare_rows(
    connection: duckdb.DuckDBPyConnection, month: ReportingMonth, known_since: date | None
) -> None:
    """Write how the sources' rows of the children in ``wanted`` differ.

    Args:
        connection: has the tables of either source in the schemas ``extract`` and ``ssda903``, and
            ``wanted`` with ``person_id``.
        month: the reporting month; what happened after it is not known yet.
        known_since: the first day of which the returns tell; none where they tell of all.

    Writes:
        ``row_difference``: ``person_id, table_name, column_name, kind, extract_value,
        ssda903_value, day``; kind ``row`` where one source has no such row, and its value then is
        the day of the other's, and ``history`` where something began before the returns, which
        then know it since a later day. ``too_old``: ``person_id, table_name`` of rows of the
        extracts that ended before the returns begin and that they do not have. ``old``: the
        ``person_id`` of children of the extracts who were in care before that alone.
    """
    connection.execute(
        "create table held (id bigint, side varchar, table_name varchar, person_id varchar, "
        "about varchar, day date, is_known boolean); "
        "create table cell (id bigint, column_name varchar, value varchar); "
        "create table told (table_name varchar, column_name varchar, kind varchar, "
        "is_start boolean)"
    )
    connection.execute("create sequence row_id")
    for table in tables():
        for side in SOURCES:
            _take_rows(connection, table, side, month, known_since)
        for column, kind in compared(table).items():
            is_start = column == _ABOUT[table.name].day
            connection.execute(
                "insert into told values (?, ?, ?, ?)", [table.name, column, kind, is_start]
            )
    pair(connection, "held", "table_name, person_id", "same_row")
    _write_differences(connection, known_since)
    _write_old(connection, known_since)


def _take_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    side: str,
    month: ReportingMonth,
    known_since: date | None,
) -> None:
    spec = _ABOUT[table.name]
    day = f"cast({spec.day} as date)" if spec.day else "cast(null as date)"
    about = spec.about or (day if spec.day else "'child'")
    cells = {name: _cell(table.column(name), month) for name in compared(table)}
    columns = [
        f"{_person(table, side)} as _person",
        f"cast({about} as varchar) as _about",
        f"{day} as _day",
        f"{_is_known(table, spec, known_since)} as _known",
        *(f"{sql} as {name}" for name, sql in cells.items()),
    ]
    taken = read_sql(
        _SQL / "taken.sql",
        columns=", ".join(columns),
        side=side,
        table=table.name,
        condition=f"({spec.only}) and {_is_there(table, month)}",
        newest=_newest(spec, day, month),
    )
    connection.execute(f"create or replace temp table taken as {taken}")
    connection.execute(
        f"insert into held select _id, '{side}', '{table.name}', _person, _about, _day, _known "
        "from taken"
    )
    for name in cells:
        connection.execute(f"insert into cell select _id, '{name}', {name} from taken")


def _person(table: Table, side: str) -> str:
    if table.person:
        return table.person.name
    link = f'"{table.parent.name}"' if table.parent else "null"
    return (
        f"(select any_value(up.clae_person_id) from {side}.{_PERIODS} as up "
        f"where up.clae_cla_id = own.{link})"
    )


def _is_there(table: Table, month: ReportingMonth) -> str:
    """The rows that were known by the month's end, as staging has them."""
    days = [column.name for column in table.columns if column.as_known == "absent"]
    known = [f"coalesce(cast({day} as date) <= date '{month.as_at}', true)" for day in days]
    return " and ".join(known) or "true"


def _is_known(table: Table, spec: _About, known_since: date | None) -> str:
    """Whether the returns may have the row: it did not end before they begin."""
    if known_since is None or spec.day is None or table.name == "ssd_permanence":
        return "true"
    end = next((c.name for c in table.columns if c.not_before == spec.day), spec.day)
    return f"coalesce(cast({end} as date) >= date '{known_since}', true)"


def _newest(spec: _About, day: str, month: ReportingMonth) -> str:
    if not spec.newest:
        return ""
    first = month.plus(-11).first_day
    return (
        f"and {day} between date '{first}' and date '{month.as_at}' qualify row_number() over "
        f"(partition by _person, _about order by {day} desc) = 1"
    )


def _cell(column: Column, month: ReportingMonth) -> str:
    """A cell as text: days without hours, numbers to a tenth."""
    if column.type in ("date", "timestamp"):
        day = f"cast({column.name} as date)"
        if column.as_known == "blank":
            day = f"case when {day} <= date '{month.as_at}' then {day} end"
        return f"cast({day} as varchar)"
    if column.type in ("integer", "number"):
        return f"cast(cast({column.name} as decimal(18, 1)) as varchar)"
    if column.name.endswith("_postcode"):
        return f"upper(replace({column.name}, ' ', ''))"
    return f"nullif(trim({column.name}), '')"


def _write_differences(connection: duckdb.DuckDBPyConnection, known_since: date | None) -> None:
    connection.execute(
        f"create table row_difference as {read_sql(_SQL / 'row_difference.sql')}",
        {"known_since": str(known_since) if known_since else None},
    )
    connection.execute(f"create table too_old as {read_sql(_SQL / 'too_old.sql')}")


def _write_old(connection: duckdb.DuckDBPyConnection, known_since: date | None) -> None:
    connection.execute(
        "create table old as select clae_person_id as person_id "
        f"from extract.{_PERIODS} group by 1 "
        "having max(coalesce(clae_cla_episode_ceased_date, date 'infinity')) < cast(? as date)",
        [known_since],
    )
