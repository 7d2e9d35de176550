"""The public edition of a month: no count of people from 1 to 4, and none that can be worked out.

It is made of the panel's edition and has the same shape; what is withheld has no numbers. Figures
of earlier months are shown or withheld as in their own editions. Commentary is written for the
public and stays as it is.

What a reader knows is collected by

- :mod:`~cpw.reports.disclosure.figures`: indicators' figures, with and without UASC, by month;
- :mod:`~cpw.reports.disclosure.relations`: indicators that count people of another indicator;
- :mod:`~cpw.reports.disclosure.tables`: breakdowns and topic tables with their marginal totals;
- :mod:`~cpw.reports.disclosure.links`: counts that single tables share;
- :mod:`~cpw.reports.disclosure.year_to_date`: what the year's earlier editions showed of groups
  and rows.

:func:`~cpw.reports.disclosure.suppression.suppress` decides from that what is withheld.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from cpw.reports.disclosure.figures import (
    APRIL,
    MONTH_AND_YEAR,
    FigureSuppression,
    first_month_of_year,
    group_key,
    read_figures,
)
from cpw.reports.disclosure.known_facts import CellKey, Equation
from cpw.reports.disclosure.links import add_links
from cpw.reports.disclosure.suppression import suppress
from cpw.reports.disclosure.tables import (
    add_groups,
    add_tables,
    overlapping_to_withhold,
    row_key,
    tables_of,
    total_key,
)
from cpw.reports.disclosure.threshold import is_small
from cpw.reports.disclosure.year_to_date import add_earlier_groups, add_earlier_rows
from cpw.reports.month.month import (
    WITHHELD,
    Audience,
    Group,
    Indicator,
    PrintedResult,
    PublishedMonth,
    QualityEffect,
    QualitySummary,
    TopicRow,
    TopicTable,
    TrendPoint,
)

_WITHHELD_RESULT = PrintedResult(None, None, hidden=True)


@dataclass(frozen=True)
class Withheld:
    """What the public edition of a month withholds."""

    figures: FigureSuppression
    """Which figures are withheld, in the edition of each month."""
    cells: frozenset[CellKey]
    """The cells of groups and rows that are withheld."""
    exposed: tuple[str, ...]
    """How a reader may work out a small count, from what earlier editions showed; in words."""


def decide_withheld(month: PublishedMonth, connection: duckdb.DuckDBPyConnection) -> Withheld:
    """Decide what the public edition withholds: the figures first, then groups and rows.

    Args:
        month: the panel's edition.
        connection: the published database, for the months before.
    """
    figures = FigureSuppression(read_figures(connection, month.partition))
    facts = figures.facts(str(month.partition.month))
    groups = add_groups(facts, month)
    add_earlier_groups(facts, month, connection)
    add_tables(facts, month, groups)
    add_links(facts, month, connection)
    add_earlier_rows(facts, month, connection)
    suppression = suppress(facts)
    whole_tables = overlapping_to_withhold(facts, month, groups, suppression.hidden)
    rows = {
        row_key(table.table_id, index)
        for table in tables_of(month)
        if table.table_id in whole_tables
        for index in range(len(table.rows))
    }
    totals = {total_key(table_id) for table_id in whole_tables}
    cells = frozenset(suppression.hidden) | rows | totals | _groups_of_the_year(month)
    exposed = tuple(_in_words(equation, month) for equation in suppression.exposed)
    return Withheld(figures, cells, exposed)


def _in_words(equation: Equation, month: PublishedMonth) -> str:
    """What a reader compares, such as ``the difference between ... and ...``."""
    cells = [_cell_words(cell, month) for cell in dict.fromkeys(equation.cells)]
    if equation.kind == "total":
        return f"the counts that make up {cells[0]}"
    if equation.kind == "difference":
        both = " and ".join(cells) if len(cells) > 1 else f"two counts of {cells[0]}"
        return f"the difference between {both}"
    return f"a comparison of {', '.join(cells)}"


def _cell_words(key: CellKey, month: PublishedMonth) -> str:
    """The name of a cell for those who publish the edition."""
    match key:
        case ("figure", str(when), str(kpi_id), str(cohort)):
            people = {"all": "", "exc_uasc": " without UASC"}.get(cohort, f" of {cohort}")
            return f"'{kpi_id}'{people} in {when}"
        case ("group", str(kpi_id), str(dimension), str(value)):
            return f"'{kpi_id}' by {dimension} ({value})"
        case ("row", str(table_id), int(index)):
            found = (table for table in tables_of(month) if table.table_id == table_id)
            return f"the row '{next(found).rows[index].label}' of the table '{table_id}'"
        case ("total", str(table_id)):
            return f"the total of the table '{table_id}'"
        case ("earlier", cell, _):
            return f"an earlier month's count for {_cell_words(cell, month)}"
    return str(key)


def _groups_of_the_year(month: PublishedMonth) -> frozenset[CellKey]:
    """The groups of the year to date that is the sum of an indicator's months.

    They are withheld, as a reader could subtract the month's groups from them. That gives the
    groups of the year up to the month before, even where that month's edition withheld them.
    """
    groups = {one.kpi_id: one.groups for one in month.indicators}
    by_month, by_year = (groups.get(kpi_id, ()) for kpi_id in MONTH_AND_YEAR)
    if not by_month:
        return frozenset()
    return frozenset(group_key(MONTH_AND_YEAR[1], g.dimension, g.value) for g in by_year)


def public_edition(month: PublishedMonth, withheld: Withheld) -> PublishedMonth:
    """The public edition of a month: the panel's edition without what is withheld."""
    return replace(
        month,
        audience=Audience.PUBLIC,
        indicators=tuple(_indicator(one, month, withheld) for one in month.indicators),
        topics=tuple(
            replace(topic, tables=tuple(_table(table, withheld) for table in topic.tables))
            for topic in month.topics
        ),
        quality=_summary(month.quality),
    )


def _indicator(indicator: Indicator, month: PublishedMonth, withheld: Withheld) -> Indicator:
    figures = withheld.figures

    def hides(when: str | None, cohort: str = "all") -> bool:
        return when is not None and figures.is_hidden(when, indicator.kpi_id, cohort)

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
        groups=tuple(_group(group, indicator.kpi_id, withheld) for group in indicator.groups),
        quality=None if is_hidden else _quality(indicator.quality),
    )


def _outturn_month(month: str) -> str:
    """The March before the financial year in which a month lies."""
    return f"{first_month_of_year(month, APRIL)[:4]}-03"


def _result(printed: PrintedResult, is_hidden: bool) -> PrintedResult:
    """A printed result, or that it is withheld; a line without a result stays without one."""
    return _WITHHELD_RESULT if is_hidden and printed.result is not None else printed


def _point(point: TrendPoint, is_hidden: bool) -> TrendPoint:
    return replace(point, figure=WITHHELD) if is_hidden else point


def _group(group: Group, kpi_id: str, withheld: Withheld) -> Group:
    is_hidden = group_key(kpi_id, group.dimension, group.value) in withheld.cells
    return replace(group, figure=WITHHELD) if is_hidden else group


def _quality(quality: QualityEffect | None) -> QualityEffect | None:
    """What open failures can do to a figure: the colours it may have, without numbers."""
    if quality is None:
        return None
    return QualityEffect(
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


def _table(table: TopicTable, withheld: Withheld) -> TopicTable:
    return replace(
        table,
        rows=tuple(
            _row(table, row, row_key(table.table_id, index) in withheld.cells)
            for index, row in enumerate(table.rows)
        ),
        total=table.total and _row(table, table.total, total_key(table.table_id) in withheld.cells),
    )


def _row(table: TopicTable, row: TopicRow, is_hidden: bool) -> TopicRow:
    if not is_hidden:
        return row
    values = (
        value if column.kind == "fact" else None
        for column, value in zip(table.columns, row.values, strict=True)
    )
    return replace(row, values=tuple(values), hidden=True)
