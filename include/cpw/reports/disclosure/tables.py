"""The counts of people in a month's breakdowns and topic tables, and their marginal totals."""

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
from cpw.reports.disclosure.known_facts import CellCount, CellKey, KnownFacts
from cpw.reports.disclosure.relations import NUMBER_OF_CIC, SUBJECTS, add_relations
from cpw.reports.disclosure.threshold import is_small
from cpw.reports.month.month import Indicator, PublishedMonth, TopicRow, TopicTable

SEXES = {"Female": "F", "Male": "M"}
"""The columns of a table by sex, with the group of the breakdown that has the same children."""

POPULATIONS = {
    "children_in_care": NUMBER_OF_CIC,
    "cases": NUMBER_OF_CIC,
    "care_leavers": "care_leavers_staying_put",
}
"""The population of a table, with the indicator that counts the same people."""

_FOSTER_INDICATORS = ("in_house_foster_exc_uasc", "residential_placements_exc_uasc")

Groups = dict[tuple[str, str], list[str]]
"""The values of a dimension that have a group, by indicator and dimension."""


def row_key(table_id: str, index: int) -> CellKey:
    """The cell of a table's row."""
    return ("row", table_id, index)


def total_key(table_id: str) -> CellKey:
    """The cell of a table's total line."""
    return ("total", table_id)


def tables_of(month: PublishedMonth) -> Iterator[TopicTable]:
    """Every table of a month's topics."""
    for topic in month.topics:
        yield from topic.tables


def add_groups(facts: KnownFacts, month: PublishedMonth) -> Groups:
    """Add the breakdowns: the groups of each dimension sum to the indicator's figure.

    Returns the groups added. Indicators whose figure is not in ``facts`` are left out.
    """
    groups: Groups = defaultdict(list)
    for indicator in month.indicators:
        figure = figure_key(str(month.partition.month), indicator.kpi_id, "all")
        if figure in facts:
            for dimension, value in _add_groups_of(facts, indicator):
                groups[indicator.kpi_id, dimension].append(value)
    month_name = str(month.partition.month)
    areas = _areas(month)
    for (kpi_id, dimension), values in groups.items():
        keys = [group_key(kpi_id, dimension, value) for value in values]
        _add_totals(facts, figure_key(month_name, kpi_id, "all"), keys)
        if dimension == "team":
            _add_areas_of_teams(facts, kpi_id, values, areas)
        if dimension == "uasc" and UASC in values:
            _add_group_of_uasc(facts, month_name, kpi_id)
    for dimension, value in dict.fromkeys(
        (d, v) for (_, d), values in groups.items() for v in values
    ):
        add_relations(facts, lambda k, _, d=dimension, v=value: group_key(k, d, v), "all")  # type: ignore[misc]
    _add_foster_groups(facts)
    return groups


def _add_foster_groups(facts: KnownFacts) -> None:
    """In the groups of foster placements, two indicators have the same children as subjects."""
    for value in ("foster_kin", "foster_other"):
        cells = [group_key(kpi_id, "placement_group", value) for kpi_id in _FOSTER_INDICATORS]
        if all(cell in facts for cell in cells):
            facts.add_same(*(CellCount(cell, SUBJECTS) for cell in cells))


def _add_groups_of(facts: KnownFacts, indicator: Indicator) -> Iterator[tuple[str, str]]:
    """Add an indicator's groups that count people, and yield the dimension and value of each."""
    for group in indicator.groups:
        counts = counts_of(
            indicator.unit, indicator.subject, group.figure.numerator, group.figure.denominator
        )
        if counts is not None:
            key = group_key(indicator.kpi_id, group.dimension, group.value)
            add_figure(facts, key, counts, _rank(indicator))
            yield group.dimension, group.value


def _rank(indicator: Indicator) -> int:
    if indicator.kpi_id == NUMBER_OF_CIC:
        return CIC_GROUP_RANK
    return GROUP_RANK if indicator.position is None else PRINTED_GROUP_RANK


def _add_totals(facts: KnownFacts, whole: CellKey, parts: Sequence[CellKey]) -> None:
    """Add that groups make up a whole: the numerators, and the people outside the numerator.

    The sum of the denominators follows from the two.
    """
    places = min(len(facts.counts(whole)), 2)
    for place in range(places):
        facts.add_total(CellCount(whole, place), [CellCount(part, place) for part in parts])


def _areas(month: PublishedMonth) -> dict[str, str]:
    """The area of each team, according to the table of caseloads."""
    return {
        row.label: row.group
        for table in tables_of(month)
        if table.dimension == "team"
        for row in table.rows
        if row.group is not None
    }


def _add_areas_of_teams(
    facts: KnownFacts, kpi_id: str, teams: Iterable[str], areas: Mapping[str, str]
) -> None:
    """Add that the teams of an area make up its group; a team without an area is its own."""
    by_area: dict[str, list[CellKey]] = defaultdict(list)
    for team in teams:
        by_area[areas.get(team, team)].append(group_key(kpi_id, "team", team))
    for area, keys in by_area.items():
        if (whole := group_key(kpi_id, "area", area)) in facts:
            _add_totals(facts, whole, keys)


def _add_group_of_uasc(facts: KnownFacts, month: str, kpi_id: str) -> None:
    """The group of UASC has the people by whom a figure exceeds the figure without UASC."""
    figure, group = figure_key(month, kpi_id, UASC), group_key(kpi_id, "uasc", UASC)
    if figure in facts:
        for place in range(len(facts.counts(figure))):
            facts.add_same(CellCount(figure, place), CellCount(group, place))


def add_tables(facts: KnownFacts, month: PublishedMonth, groups: Groups) -> None:
    """Add the topics' tables, and the counts they share with the breakdowns."""
    for table in tables_of(month):
        columns = count_columns(table)
        if not columns:
            continue
        for index, row in enumerate(table.rows):
            _add_row(facts, row_key(table.table_id, index), table, row, ROW_RANK)
        if table.total is not None:
            _add_row(facts, total_key(table.table_id), table, table.total, TOTAL_RANK)
        kpi_id = POPULATIONS.get(table.population)
        if table.adds_up:
            _add_column_totals(facts, month, table, kpi_id)
        if kpi_id is not None:
            _add_groups_of_rows(facts, table, kpi_id, groups)
        if table.population == "care_flow":
            _add_flow(facts, month, table)
        if table.population == "uasc_in_care":
            _add_same(facts, row_key(table.table_id, 0), group_key(NUMBER_OF_CIC, "uasc", UASC))


def count_columns(table: TopicTable) -> list[int]:
    """Where a table's columns of counts of people are, among all its columns."""
    return [place for place, column in enumerate(table.columns) if column.kind == "count"]


def row_counts(table: TopicTable, row: TopicRow) -> tuple[int, ...]:
    """The counts of people in a row; an empty cell counts nobody."""
    values = (row.values[place] for place in count_columns(table))
    return tuple(round(v) if isinstance(v, (int, float)) else 0 for v in values)


def _add_row(facts: KnownFacts, key: CellKey, table: TopicTable, row: TopicRow, rank: int) -> None:
    """Add a row's cell, and that its last count is the sum of the others where it is."""
    counts = row_counts(table, row)
    facts.add_cell(key, *counts, rank=rank)
    last = len(counts) - 1
    is_whole = row.values[count_columns(table)[last]] is not None
    if table.last_is_whole and is_whole and last > 0:
        facts.add_total(CellCount(key, last), [CellCount(key, place) for place in range(last)])


def _add_column_totals(
    facts: KnownFacts, month: PublishedMonth, table: TopicTable, kpi_id: str | None
) -> None:
    """Add that each column sums to the total line, and which counts elsewhere are the same.

    A table without a total line is treated as if the sums were shown: a reader can work them out
    from the shares.
    """
    rows = [row_key(table.table_id, index) for index in range(len(table.rows))]
    whole = total_key(table.table_id)
    if whole not in facts:
        sums = [sum(facts.counts(row)[p] for row in rows) for p in range(_width(table))]
        facts.add_cell(whole, *sums, status="shown")
    for place in range(_width(table)):
        facts.add_total(CellCount(whole, place), [CellCount(row, place) for row in rows])
    if kpi_id is None:
        return
    figure = figure_key(str(month.partition.month), kpi_id, "all")
    if figure in facts:
        facts.add_same(_whole_of(facts, figure), CellCount(whole, _width(table) - 1))
    for place, column in enumerate(count_columns(table)):
        sex = SEXES.get(table.columns[column].name)
        group = group_key(kpi_id, "sex", sex or "")
        if group in facts:
            facts.add_same(_whole_of(facts, group), CellCount(whole, place))


def _width(table: TopicTable) -> int:
    """How many counts a row has."""
    return len(count_columns(table))


def _whole_of(facts: KnownFacts, key: CellKey) -> CellCount:
    """The count of everybody in a figure's cell, which is the last one."""
    return CellCount(key, len(facts.counts(key)) - 1)


def _add_groups_of_rows(facts: KnownFacts, table: TopicTable, kpi_id: str, groups: Groups) -> None:
    """Add which rows are a group of the indicator's breakdown, or make it up together."""
    place = 0 if table.population == "cases" else _width(table) - 1
    by_group: dict[str, list[CellCount]] = defaultdict(list)
    for index, row in enumerate(table.rows):
        value = row.group if table.within else row.label
        by_group[value or ""].append(CellCount(row_key(table.table_id, index), place))
    for value in groups.get((kpi_id, table.within or table.dimension), ()):
        if counts := by_group.get(value):
            group = _whole_of(facts, group_key(kpi_id, table.within or table.dimension, value))
            if len(counts) == 1:
                facts.add_same(group, counts[0])
            else:
                facts.add_total(group, counts)


def _add_flow(facts: KnownFacts, month: PublishedMonth, table: TopicTable) -> None:
    """Children in care before plus entries are exits plus children in care now."""
    if len(table.rows) != 4:
        return
    before, came, left, now = (CellCount(row_key(table.table_id, index)) for index in range(4))
    facts.add_balance([before, came], [left, now])
    _add_same(facts, now.key, figure_key(str(month.partition.month), NUMBER_OF_CIC, "all"))
    if month.previous_month is not None:
        _add_same(facts, before.key, figure_key(month.previous_month, NUMBER_OF_CIC, "all"))


def _add_same(facts: KnownFacts, one: CellKey, other: CellKey) -> None:
    if one in facts and other in facts:
        facts.add_same(CellCount(one), CellCount(other))


def overlapping_to_withhold(
    facts: KnownFacts, month: PublishedMonth, groups: Groups, hidden: Iterable[CellKey]
) -> set[str]:
    """The ids of tables to withhold whole, because they divide the people of a breakdown otherwise.

    Such a table (``overlaps``) is withheld where one of its rows or one of the breakdown's groups
    is hidden, and where a row and a group differ by 1 to 4: the difference could be a small count.
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
        differences = (
            abs(facts.counts(row)[-1] - facts.counts(other)[-1]) for row in rows for other in others
        )
        if withheld.intersection(rows + others) or any(map(is_small, differences)):
            found.add(table.table_id)
    return found
