"""The public edition of a month: no count of people from 1 to 4, and none that can be worked out.

The panel's edition goes in, a month of the same shape comes out, without what
:mod:`cpw.reports.disclosure.suppression` says has to be withheld. Earlier months are shown as they
are in their own editions. Commentary is written for the public and stays as it is.

What a reader knows is registered by the ``people_`` modules: ``people_counts`` has the figures,
with and without UASC and month after month, ``people_relations`` which indicators count some of
whom another counts, ``people_tables`` the breakdowns and the topics' tables with their sums,
``people_links`` what single tables share, ``people_earlier`` what the year's months showed of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from cpw.reports.disclosure.figures import (
    APRIL,
    MONTH_AND_YEAR,
    Months,
    first_month,
    group_key,
    read_results,
)
from cpw.reports.disclosure.links import add_links
from cpw.reports.disclosure.suppression import Key, is_small
from cpw.reports.disclosure.tables import (
    add_groups,
    add_tables,
    overlapping,
    row_key,
    tables_of,
    total_key,
)
from cpw.reports.disclosure.year_to_date import add_earlier_groups, add_earlier_rows
from cpw.reports.month.month import (
    WITHHELD,
    Audience,
    Group,
    Indicator,
    Month,
    Point,
    Printed,
    Quality,
    QualitySummary,
    Row,
    Table,
)

_WITHHELD_RESULT = Printed(None, None, hidden=True)


@dataclass(frozen=True)
class Decision:
    """What is withheld of a month."""

    months: Months
    """Of figures, in the edition of each month."""
    hidden: frozenset[Key]
    """The cells of groups and rows."""
    exposed: tuple[str, ...]
    """Sums by which a small count may follow from what earlier editions showed."""


def decide(month: Month, connection: duckdb.DuckDBPyConnection) -> Decision:
    """Decide what the public edition withholds: the figures first, then groups and rows.

    Args:
        month: the panel's edition.
        connection: the published database, for the months before.
    """
    months = Months(read_results(connection, month.partition))
    registry = months.registry(str(month.partition.month))
    groups = add_groups(registry, month)
    add_earlier_groups(registry, month, connection)
    add_tables(registry, month, groups)
    add_links(registry, month, connection)
    add_earlier_rows(registry, month, connection)
    solution = registry.solve()
    whole_tables = overlapping(registry, month, groups, solution.hidden)
    rows = {
        row_key(table.table_id, index)
        for table in tables_of(month)
        if table.table_id in whole_tables
        for index in range(len(table.rows))
    }
    totals = {total_key(table_id) for table_id in whole_tables}
    hidden = frozenset(solution.hidden) | rows | totals | _groups_of_the_year(month)
    return Decision(months, hidden, solution.exposed)


def _groups_of_the_year(month: Month) -> frozenset[Key]:
    """The groups of a count that is also shown month by month.

    Less the month's own it is the year to the month before, whatever that edition withheld.
    """
    groups = {one.kpi_id: one.groups for one in month.indicators}
    by_month, by_year = (groups.get(kpi_id, ()) for kpi_id in MONTH_AND_YEAR)
    if not by_month:
        return frozenset()
    return frozenset(group_key(MONTH_AND_YEAR[1], g.dimension, g.value) for g in by_year)


def public_edition(month: Month, decision: Decision) -> Month:
    """The public edition of a month: without what is withheld of it."""
    return replace(
        month,
        audience=Audience.PUBLIC,
        indicators=tuple(_indicator(one, month, decision) for one in month.indicators),
        topics=tuple(
            replace(topic, tables=tuple(_table(table, decision) for table in topic.tables))
            for topic in month.topics
        ),
        quality=_summary(month.quality),
    )


def _indicator(indicator: Indicator, month: Month, decision: Decision) -> Indicator:
    months = decision.months

    def hides(when: str | None, cohort: str = "all") -> bool:
        return when is not None and months.is_hidden(when, indicator.kpi_id, cohort)

    now, before = str(month.partition.month), month.previous_month
    is_hidden = hides(now)
    return replace(
        indicator,
        printed=_result(indicator.printed, is_hidden),
        figure=WITHHELD if is_hidden else indicator.figure,
        previous=_result(indicator.previous, hides(before)),
        before=WITHHELD if indicator.before and hides(before) else indicator.before,
        outturn=_result(indicator.outturn, hides(_outturn_month(now))),
        direction=None if is_hidden or hides(before) else indicator.direction,
        exc_uasc=WITHHELD if indicator.exc_uasc and hides(now, "exc_uasc") else indicator.exc_uasc,
        trend=tuple(_point(point, hides(point.month)) for point in indicator.trend),
        exc_uasc_trend=tuple(
            _point(point, hides(point.month, "exc_uasc")) for point in indicator.exc_uasc_trend
        ),
        groups=tuple(_group(group, indicator.kpi_id, decision) for group in indicator.groups),
        quality=None if is_hidden else _quality(indicator.quality),
    )


def _outturn_month(month: str) -> str:
    """The March before the financial year that a month lies in."""
    return f"{first_month(month, APRIL)[:4]}-03"


def _result(printed: Printed, is_hidden: bool) -> Printed:
    """A printed result; words that stand where no figure is are no figure."""
    return _WITHHELD_RESULT if is_hidden and printed.result is not None else printed


def _point(point: Point, is_hidden: bool) -> Point:
    return replace(point, figure=WITHHELD) if is_hidden else point


def _group(group: Group, kpi_id: str, decision: Decision) -> Group:
    is_hidden = group_key(kpi_id, group.dimension, group.value) in decision.hidden
    return replace(group, figure=WITHHELD) if is_hidden else group


def _quality(quality: Quality | None) -> Quality | None:
    """Between which colours a figure with failures lies; no numbers."""
    if quality is None:
        return None
    return Quality(
        subjects=None,
        with_failures=None,
        failures=0,
        rules=0,
        worst=None,
        best=None,
        worst_rag=quality.worst_rag,
        best_rag=quality.best_rag,
    )


def _summary(quality: QualitySummary | None) -> QualitySummary | None:
    if quality is None or quality.quarantined is None or not is_small(quality.quarantined):
        return quality
    return replace(quality, quarantined=None)


def _table(table: Table, decision: Decision) -> Table:
    return replace(
        table,
        rows=tuple(
            _row(table, row, row_key(table.table_id, index) in decision.hidden)
            for index, row in enumerate(table.rows)
        ),
        total=table.total
        and _row(table, table.total, total_key(table.table_id) in decision.hidden),
    )


def _row(table: Table, row: Row, is_hidden: bool) -> Row:
    if not is_hidden:
        return row
    values = (
        value if column.kind == "fact" else None
        for column, value in zip(table.columns, row.values, strict=True)
    )
    return replace(row, values=tuple(values), hidden=True)
