"""The public edition lists no group or row that it withholds."""

from __future__ import annotations

from dataclasses import replace

from cpw.reports.disclosure.folding import WITHHELD_GROUP, fold_withheld
from cpw.reports.month.month import (
    WITHHELD,
    Figure,
    Group,
    PrintedResult,
    Topic,
    TopicColumn,
    TopicRow,
    TopicTable,
)
from support.report_month import indicator, month


def a_table(*rows: TopicRow, adds_up: bool = True) -> TopicTable:
    return TopicTable(
        table_id="children-by-nationality",
        title="Nationality",
        population="children_in_care",
        dimension="nationality",
        adds_up=adds_up,
        columns=(TopicColumn("Female", "count"), TopicColumn("All", "count")),
        rows=rows,
    )


def folded(table: TopicTable) -> TopicTable:
    topic = Topic("demographics", "Demographics", "Who.", (table,), ())
    return fold_withheld(month(topics=(topic,))).topics[0].tables[0]


def test_withheld_groups_of_a_dimension_are_one_line_without_a_name() -> None:
    groups = (
        Group("sex", "F", Figure(40, 50, 80.0)),
        Group("sex", "M", Figure(50, 50, 100.0)),
        Group("area", "East", Figure(20, 30, 66.7)),
        Group("area", "North", WITHHELD),
        Group("area", "South", WITHHELD),
    )
    (one,) = fold_withheld(month(indicator(groups=groups))).indicators
    assert one.groups == (*groups[:3], Group("area", WITHHELD_GROUP, WITHHELD))


def test_withheld_figure_has_no_groups() -> None:
    groups = (Group("sex", "F", WITHHELD), Group("area", "East", Figure(5, 9, 55.6)))
    hidden = indicator(
        figure=WITHHELD, printed=PrintedResult(None, None, hidden=True), groups=groups
    )
    (one,) = fold_withheld(month(hidden)).indicators
    assert one.groups == ()
    assert one.printed.hidden


def test_withheld_rows_of_people_are_one_row_without_a_name() -> None:
    british, other = (
        TopicRow("British", (600.0, 1300.0)),
        TopicRow("Chad", (None, None), hidden=True),
    )
    table = folded(a_table(british, other, replace(other, label="Omani")))
    assert table.rows == (british, TopicRow(WITHHELD_GROUP, (None, None), hidden=True))


def test_row_that_is_there_whether_or_not_it_counts_anybody_stays_marked() -> None:
    step = TopicRow("Children placed", (None, None), hidden=True)
    assert folded(a_table(step, adds_up=False)).rows == (step,)


def test_table_with_nothing_withheld_stays_as_it_is() -> None:
    table = a_table(TopicRow("British", (600.0, 1300.0)), TopicRow("Chad", (0.0, 0.0)))
    assert folded(table) == table
