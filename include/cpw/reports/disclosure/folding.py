"""Fold the withheld groups and rows of the public edition into one line that names none of them.

A breakdown lists only the groups that somebody is in, and a table that divides people only such
rows. To name a withheld group would tell that there is at least one person in it. After folding, a
group that is not listed is either withheld or empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cpw.reports.month.month import WITHHELD, Group, Indicator, PublishedMonth, TopicRow, TopicTable

WITHHELD_GROUP = "others, withheld"
"""The group, or the label of the row, in place of all that are withheld."""


def fold_withheld(month: PublishedMonth) -> PublishedMonth:
    """A public edition with its withheld groups and rows folded; figures stay marked."""
    return replace(
        month,
        indicators=tuple(_indicator(indicator) for indicator in month.indicators),
        topics=tuple(
            replace(topic, tables=tuple(_table(table) for table in topic.tables))
            for topic in month.topics
        ),
    )


def _indicator(indicator: Indicator) -> Indicator:
    """An indicator with its groups folded; if its figure is withheld, it lists no groups."""
    if indicator.figure.hidden:
        return replace(indicator, groups=())
    groups = [
        group
        for dimension in indicator.dimensions
        for group in _groups(dimension, indicator.groups)
    ]
    return replace(indicator, groups=tuple(groups))


def _groups(dimension: str, groups: Iterable[Group]) -> list[Group]:
    of_dimension = [group for group in groups if group.dimension == dimension]
    shown = [group for group in of_dimension if not group.figure.hidden]
    if len(shown) == len(of_dimension):
        return shown
    return [*shown, Group(dimension, WITHHELD_GROUP, WITHHELD)]


def _table(table: TopicTable) -> TopicTable:
    """A table with its withheld rows as one row, if its rows divide people."""
    shown = tuple(row for row in table.rows if not row.hidden)
    divides = table.adds_up or table.last_is_whole
    if not divides or len(shown) == len(table.rows):
        return table
    nothing: tuple[float | str | None, ...] = (None,) * len(table.columns)
    return replace(table, rows=(*shown, TopicRow(WITHHELD_GROUP, nothing, hidden=True)))
