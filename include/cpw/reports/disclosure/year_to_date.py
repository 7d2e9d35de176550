"""Groups and rows of a year to date, and what the year's earlier editions showed of them.

A group or row of a year to date includes the people of the year's earlier months. If two months
are shown, the difference between them is a count of people too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from cpw.core.partition import Partition
from cpw.core.sql import read_sql
from cpw.reports.disclosure.figures import (
    APRIL,
    SEPTEMBER,
    counts_of,
    first_month_of_year,
    group_key,
    year_start,
)
from cpw.reports.disclosure.known_facts import CellCount, CellKey, KnownFacts
from cpw.reports.disclosure.tables import count_columns, row_counts, row_key, tables_of
from cpw.reports.disclosure.threshold import is_small
from cpw.reports.month.month import PublishedMonth, TopicTable
from cpw.reports.month.topics import read_tables

_EARLIER_GROUPS = Path(__file__).with_name("sql") / "earlier_groups.sql"

YEAR_TABLES: dict[str, tuple[int, tuple[str, ...]]] = {
    "adoption-steps": (APRIL, ()),
    "adoption-timescales": (APRIL, ()),
    "adopter-steps": (APRIL, ()),
    "adopter-timescales": (APRIL, ()),
    "iro-service": (APRIL, ()),
    "fostering-households": (APRIL, ("Approved in the year", "Ended in the year")),
    "education-factors": (SEPTEMBER, ("Academic year to date",)),
}
"""The tables of a year to date: the month in which the year starts, and the columns of the year.

No columns named: all of them.
"""

Counts = tuple[int, ...]


def add_earlier_groups(
    facts: KnownFacts, month: PublishedMonth, connection: duckdb.DuckDBPyConnection
) -> None:
    """Add what the year's earlier editions showed of the groups of figures of a year to date."""
    now = str(month.partition.month)
    years = {
        one.kpi_id: (one, start)
        for one in month.indicators
        if one.groups and (start := year_start(one.kpi_id, one.subject, now))
    }
    rows = connection.execute(
        read_sql(_EARLIER_GROUPS),
        {"authority": month.partition.authority, "month": now, "kpi_ids": list(years)},
    ).fetchall()
    earlier: dict[CellKey, list[Counts]] = defaultdict(list)
    for kpi_id, dimension, value, when, numerator, denominator in rows:
        indicator, start = years[kpi_id]
        counts = counts_of(indicator.unit, indicator.subject, numerator, denominator)
        if when >= start and counts is not None:
            earlier[group_key(kpi_id, dimension, value)].append(counts[:2])
    for key, found in earlier.items():
        _add_differences(facts, key, found, range(2))


def add_earlier_rows(
    facts: KnownFacts, month: PublishedMonth, connection: duckdb.DuckDBPyConnection
) -> None:
    """Add what the year's earlier editions showed of the rows of tables of a year to date."""
    tables = {t.table_id: t for t in tables_of(month) if t.table_id in YEAR_TABLES}
    earlier: dict[tuple[str, str], list[Counts]] = defaultdict(list)
    now = str(month.partition.month)
    for when in _months(month.partition, connection):
        of_year = [t for t in tables if when >= first_month_of_year(now, YEAR_TABLES[t][0])]
        partition = Partition.of(month.partition.authority, when)
        for table in read_tables(connection, partition, of_year):
            for row in table.rows:
                earlier[table.table_id, row.label].append(row_counts(table, row))
    for table in tables.values():
        for index, row in enumerate(table.rows):
            found = earlier.get((table.table_id, row.label), [])
            _add_differences(facts, row_key(table.table_id, index), found, _places(table))


def _months(partition: Partition, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The published months of the eleven before this one."""
    found = connection.execute(
        "select distinct month from marts.kpi_result "
        "where authority = ? and month < ? and month >= ? order by month",
        [partition.authority, str(partition.month), str(partition.month.plus(-11))],
    ).fetchall()
    return [month for (month,) in found]


def _places(table: TopicTable) -> Sequence[int]:
    """The places of the counts of the year to date, among a row's counts."""
    names = YEAR_TABLES[table.table_id][1]
    return [
        place
        for place, column in enumerate(count_columns(table))
        if not names or table.columns[column].name in names
    ]


def _add_differences(
    facts: KnownFacts, key: CellKey, earlier: Iterable[Counts], places: Sequence[int]
) -> None:
    """Add the difference between a cell and each earlier month of it that was shown."""
    if key not in facts:
        return
    for number, counts in enumerate(_shown(earlier, places)):
        before = ("earlier", key, number)
        facts.add_cell(before, *counts, status="shown")
        for place in places:
            if place < len(counts):
                facts.add_difference(CellCount(before, place), CellCount(key, place))


def _shown(earlier: Iterable[Counts], places: Sequence[int]) -> list[Counts]:
    """The earlier counts that can have been shown, the earliest first.

    Left out are small counts, and counts that differ by 1 to 4 from a month kept before.
    """
    shown: list[Counts] = []
    for counts in earlier:
        differences = (
            abs(counts[place] - other[place])
            for other in shown
            for place in places
            if place < len(counts)
        )
        if not any(map(is_small, (*counts, *differences))):
            shown.append(counts)
    return shown
