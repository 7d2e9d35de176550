"""The counts of people in a month's breakdowns and topic tables, and what they add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cpw.reports.disclosure.figures import (
    CIC_GROUP_RANK,
    GROUP_RANK,
    PRINTED_GROUP_RANK,
    ROW_RANK,
    TOTAL_RANK,
    UASC,
    add_figure,
    counts_of,
    figure_key,
    group_key,
)
from cpw.reports.disclosure.relations import NUMBER_OF_CIC, SUBJECTS, relate
from cpw.reports.disclosure.suppression import Count, Key, Registry, is_small
from cpw.reports.month.month import Indicator, Month, Row, Table

SEXES = {"Female": "F", "Male": "M"}
"""The columns of a table by sex, and the groups of a breakdown that they are."""

POPULATIONS = {
    "children_in_care": NUMBER_OF_CIC,
    "cases": NUMBER_OF_CIC,
    "care_leavers": "care_leavers_staying_put",
}
"""The indicator that counts the people whom a table's rows divide."""

_OF_FOSTER_CARE = ("in_house_foster_exc_uasc", "residential_placements_exc_uasc")

Groups = dict[tuple[str, str], list[str]]
"""The values by indicator and dimension."""


def row_key(table_id: str, index: int) -> Key:
    """The cell of a table's row."""
    return ("row", table_id, index)


def total_key(table_id: str) -> Key:
    """The cell of a table's last line."""
    return ("total", table_id)


def tables_of(month: Month) -> Iterator[Table]:
    """Every table of the topics."""
    for topic in month.topics:
        yield from topic.tables


def add_groups(registry: Registry, month: Month) -> Groups:
    """Register the breakdowns: a dimension's groups add up to the figure."""
    groups: Groups = defaultdict(list)
    for indicator in month.indicators:
        figure = figure_key(str(month.partition.month), indicator.kpi_id, "all")
        if figure in registry:
            for dimension, value in _add_groups_of(registry, indicator):
                groups[indicator.kpi_id, dimension].append(value)
    month_name = str(month.partition.month)
    areas = _areas(month)
    for (kpi_id, dimension), values in groups.items():
        keys = [group_key(kpi_id, dimension, value) for value in values]
        _add_up(registry, figure_key(month_name, kpi_id, "all"), keys)
        if dimension == "team":
            _nest_teams(registry, kpi_id, values, areas)
        if dimension == "uasc" and UASC in values:
            _part_uasc(registry, month_name, kpi_id)
    for dimension, value in dict.fromkeys(
        (d, v) for (_, d), values in groups.items() for v in values
    ):
        relate(registry, lambda k, _, d=dimension, v=value: group_key(k, d, v), "all")  # type: ignore[misc]
    _foster_care_is_foster_care(registry)
    return groups


def _foster_care_is_foster_care(registry: Registry) -> None:
    """Both indicators are asked of the same children in the groups of foster placements."""
    for value in ("foster_kin", "foster_other"):
        cells = [group_key(kpi_id, "placement_group", value) for kpi_id in _OF_FOSTER_CARE]
        if all(cell in registry for cell in cells):
            registry.same(*(Count(cell, SUBJECTS) for cell in cells))


def _add_groups_of(registry: Registry, indicator: Indicator) -> Iterator[tuple[str, str]]:
    for group in indicator.groups:
        counts = counts_of(
            indicator.unit, indicator.subject, group.figure.numerator, group.figure.denominator
        )
        if counts is not None:
            key = group_key(indicator.kpi_id, group.dimension, group.value)
            add_figure(registry, key, counts, _rank(indicator))
            yield group.dimension, group.value


def _rank(indicator: Indicator) -> int:
    if indicator.kpi_id == NUMBER_OF_CIC:
        return CIC_GROUP_RANK
    return GROUP_RANK if indicator.position is None else PRINTED_GROUP_RANK


def _add_up(registry: Registry, whole: Key, parts: Sequence[Key]) -> None:
    """Numerators and remainders add up; then so do both together."""
    places = min(len(registry.counts(whole)), 2)
    for place in range(places):
        registry.total(Count(whole, place), [Count(part, place) for part in parts])


def _areas(month: Month) -> dict[str, str]:
    """The area of each team, as the caseloads' table has it."""
    return {
        row.label: row.group
        for table in tables_of(month)
        if table.dimension == "team"
        for row in table.rows
        if row.group is not None
    }


def _nest_teams(
    registry: Registry, kpi_id: str, teams: Iterable[str], areas: Mapping[str, str]
) -> None:
    by_area: dict[str, list[Key]] = defaultdict(list)
    for team in teams:
        by_area[areas.get(team, team)].append(group_key(kpi_id, "team", team))
    for area, keys in by_area.items():
        if (whole := group_key(kpi_id, "area", area)) in registry:
            _add_up(registry, whole, keys)


def _part_uasc(registry: Registry, month: str, kpi_id: str) -> None:
    """The UASC among a figure's people are what it has more than that without them."""
    theirs, group = figure_key(month, kpi_id, UASC), group_key(kpi_id, "uasc", UASC)
    if theirs in registry:
        for place in range(len(registry.counts(theirs))):
            registry.same(Count(theirs, place), Count(group, place))


def add_tables(registry: Registry, month: Month, groups: Groups) -> None:
    """Register the topics' tables, and what they have in common with the breakdowns."""
    for table in tables_of(month):
        columns = count_columns(table)
        if not columns:
            continue
        for index, row in enumerate(table.rows):
            _add_row(registry, row_key(table.table_id, index), table, row, ROW_RANK)
        if table.total is not None:
            _add_row(registry, total_key(table.table_id), table, table.total, TOTAL_RANK)
        kpi_id = POPULATIONS.get(table.population)
        if table.adds_up:
            _add_up_rows(registry, month, table, kpi_id)
        if kpi_id is not None:
            _link(registry, table, kpi_id, groups)
        if table.population == "care_flow":
            _balance(registry, month, table)
        if table.population == "uasc_in_care":
            _same(registry, row_key(table.table_id, 0), group_key(NUMBER_OF_CIC, "uasc", UASC))


def count_columns(table: Table) -> list[int]:
    """The places of a table's columns that hold people."""
    return [place for place, column in enumerate(table.columns) if column.kind == "count"]


def row_counts(table: Table, row: Row) -> tuple[int, ...]:
    """The people in a row, 0 where a cell is empty."""
    values = (row.values[place] for place in count_columns(table))
    return tuple(round(v) if isinstance(v, (int, float)) else 0 for v in values)


def _add_row(registry: Registry, key: Key, table: Table, row: Row, rank: int) -> None:
    counts = row_counts(table, row)
    registry.add(key, *counts, rank=rank)
    last = len(counts) - 1
    is_whole = row.values[count_columns(table)[last]] is not None
    if table.last_is_whole and is_whole and last > 0:
        registry.total(Count(key, last), [Count(key, place) for place in range(last)])


def _add_up_rows(registry: Registry, month: Month, table: Table, kpi_id: str | None) -> None:
    """Each column adds up to the last line, or to what shares are of and everybody knows."""
    rows = [row_key(table.table_id, index) for index in range(len(table.rows))]
    whole = total_key(table.table_id)
    if whole not in registry:
        sums = [sum(registry.counts(row)[p] for row in rows) for p in range(_width(table))]
        registry.add(whole, *sums, standing="shown")
    for place in range(_width(table)):
        registry.total(Count(whole, place), [Count(row, place) for row in rows])
    if kpi_id is None:
        return
    figure = figure_key(str(month.partition.month), kpi_id, "all")
    if figure in registry:
        registry.same(_whole_of(registry, figure), Count(whole, _width(table) - 1))
    for place, column in enumerate(count_columns(table)):
        sex = SEXES.get(table.columns[column].name)
        group = group_key(kpi_id, "sex", sex or "")
        if group in registry:
            registry.same(_whole_of(registry, group), Count(whole, place))


def _width(table: Table) -> int:
    return len(count_columns(table))


def _whole_of(registry: Registry, key: Key) -> Count:
    """Everybody in a figure's cell."""
    return Count(key, len(registry.counts(key)) - 1)


def _link(registry: Registry, table: Table, kpi_id: str, groups: Groups) -> None:
    """Rows of one group make up that group of the indicator's; rows of its dimension are it."""
    place = 0 if table.population == "cases" else _width(table) - 1
    by_group: dict[str, list[Count]] = defaultdict(list)
    for index, row in enumerate(table.rows):
        value = row.group if table.within else row.label
        by_group[value or ""].append(Count(row_key(table.table_id, index), place))
    for value in groups.get((kpi_id, table.within or table.dimension), ()):
        if counts := by_group.get(value):
            group = _whole_of(registry, group_key(kpi_id, table.within or table.dimension, value))
            if len(counts) == 1:
                registry.same(group, counts[0])
            else:
                registry.total(group, counts)


def _balance(registry: Registry, month: Month, table: Table) -> None:
    """Who was in care and who came are who left and who is in care now."""
    if len(table.rows) != 4:
        return
    before, came, left, now = (Count(row_key(table.table_id, index)) for index in range(4))
    registry.balance([before, came], [left, now])
    _same(registry, now.key, figure_key(str(month.partition.month), NUMBER_OF_CIC, "all"))
    if month.previous_month is not None:
        _same(registry, before.key, figure_key(month.previous_month, NUMBER_OF_CIC, "all"))


def _same(registry: Registry, one: Key, other: Key) -> None:
    if one in registry and other in registry:
        registry.same(Count(one), Count(other))


def overlapping(
    registry: Registry, month: Month, groups: Groups, hidden: Iterable[Key]
) -> set[str]:
    """Tables that share parts with a breakdown: shown where no small count can come between.

    A table goes where one of its rows or of the breakdown's groups is hidden, or where two of
    them are but 1 to 4 apart.
    """
    withheld = set(hidden)
    found: set[str] = set()
    for table in tables_of(month):
        kpi_id = POPULATIONS.get(table.population)
        if table.overlaps is None or kpi_id is None:
            continue
        rows = [row_key(table.table_id, index) for index in range(len(table.rows))]
        values = groups.get((kpi_id, table.overlaps), [])
        others = [group_key(kpi_id, table.overlaps, value) for value in values]
        apart = (
            abs(registry.counts(row)[-1] - registry.counts(other)[-1])
            for row in rows
            for other in others
        )
        if withheld.intersection(rows + others) or any(map(is_small, apart)):
            found.add(table.table_id)
    return found
