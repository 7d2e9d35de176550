"""The public edition of a month: what it withholds, what it keeps, what a reader makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from cpw.reports.month.month import (
    WITHHELD,
    Audience,
    Figure,
    Group,
    Indicator,
    PrintedResult,
    PublishedMonth,
    QualityEffect,
    QualitySummary,
    Topic,
    TopicColumn,
    TopicRow,
    TopicTable,
    TrendPoint,
)
from support.disclosure_attack import read_month
from support.report_month import indicator, month
from support.small_marts import Database, counted, database, for_the_public, of_children


def percentage(kpi_id: str, numerator: int, denominator: int, **overrides: Any) -> Indicator:
    """A percentage of children, green, with May's figure and the outturn beside it."""
    figure = Figure(numerator, denominator, round(100 * numerator / denominator, 1), "G")
    return indicator(kpi_id, figure=figure, printed=PrintedResult("some", "G"), **overrides)


@pytest.mark.parametrize(
    ("numerator", "is_hidden"),
    [
        (0, False),
        (1, True),
        (4, True),
        (5, False),
        (95, False),
        (96, True),
        (99, True),
        (100, False),
    ],
)
def test_figure_goes_with_its_numbers_result_and_colour(numerator: int, is_hidden: bool) -> None:
    shown = for_the_public(
        month(percentage("part_time", numerator, 100, trend=())),
        database(of_children("part_time", numerator, 100)),
    ).indicator("part_time")
    assert (shown.figure == WITHHELD) == is_hidden
    assert (shown.printed == PrintedResult(None, None, hidden=True)) == is_hidden
    assert (shown.direction is None) == is_hidden
    assert (shown.rag is None) == is_hidden


def test_public_edition_says_so_and_keeps_what_leads_wrote() -> None:
    shown = for_the_public(
        month(percentage("part_time", 2, 100, commentary="In hand.")),
        database(of_children("part_time", 2, 100)),
    )
    assert shown.audience is Audience.PUBLIC
    assert shown.indicator("part_time").commentary == "In hand."


def test_earlier_months_are_shown_as_in_their_own_editions() -> None:
    """May's figure was withheld; so it is as previous figure, in the trend and in the movement."""
    may, march = Figure(3, 100, 3.0, "R"), Figure(20, 100, 20.0, "A")
    june = percentage(
        "part_time",
        50,
        100,
        before=may,
        previous=PrintedResult("3.0%", "R"),
        outturn=PrintedResult("20.0%", "A"),
        trend=(TrendPoint("2018-03", march), TrendPoint("2018-05", may)),
    )
    shown = for_the_public(
        month(june),
        database(
            of_children("part_time", 20, 100, "2018-03"),
            of_children("part_time", 3, 100, "2018-05"),
            of_children("part_time", 50, 100),
        ),
    ).indicator("part_time")
    assert not shown.figure.hidden
    assert shown.outturn == PrintedResult("20.0%", "A")
    assert shown.before == WITHHELD
    assert shown.previous.hidden
    assert shown.direction is None
    assert [point.figure.hidden for point in shown.trend] == [False, True]


@pytest.mark.parametrize(
    ("may", "june", "is_hidden"), [(20, 20, False), (20, 21, True), (20, 24, True), (20, 25, False)]
)
def test_step_of_a_year_to_date_is_a_count(may: int, june: int, is_hidden: bool) -> None:
    ytd = "missing_over_48h_ytd"
    shown = for_the_public(
        month(indicator(ytd, unit="count", figure=Figure(june, None, june))),
        database(
            counted(ytd, may, "2018-05", "missing_episode"),
            counted(ytd, june, subject="missing_episode"),
        ),
    )
    assert shown.indicator(ytd).figure.hidden == is_hidden


def test_year_to_date_starts_anew_in_april_and_the_academic_one_in_september() -> None:
    exclusions, missing = "permanent_exclusions_acytd", "missing_over_48h_ytd"
    shown = for_the_public(
        month(
            indicator(exclusions, unit="count", figure=Figure(22, None, 22)),
            indicator(missing, unit="count", figure=Figure(22, None, 22)),
        ),
        database(
            counted(exclusions, 20, "2018-03"),
            counted(missing, 20, "2018-03"),
            counted(exclusions, 22),
            counted(missing, 22),
        ),
    )
    assert shown.indicator(exclusions).figure.hidden
    assert not shown.indicator(missing).figure.hidden


def test_step_over_a_month_that_was_withheld_is_one_from_the_month_shown_last() -> None:
    """April 20, May 22 (withheld): June's 24 is 4 more than April's, 26 is 6 more."""
    ytd = "missing_over_48h_ytd"
    for june, is_hidden in ((24, True), (26, False)):
        shown = for_the_public(
            month(indicator(ytd, unit="count", figure=Figure(june, None, june))),
            database(counted(ytd, 20, "2018-04"), counted(ytd, 22, "2018-05"), counted(ytd, june)),
        )
        assert shown.indicator(ytd).figure.hidden == is_hidden


def test_months_that_make_up_the_year_do_not_tell_the_one_withheld() -> None:
    """May's 2 are the year's 32 less April's 20 and June's 10: June's year to date goes."""
    of_month, ytd = "missing_over_48h_in_month", "missing_over_48h_ytd"
    shown = for_the_public(
        month(
            indicator(of_month, unit="count", figure=Figure(10, None, 10)),
            indicator(ytd, unit="count", figure=Figure(32, None, 32)),
        ),
        database(
            *(
                counted(of_month, n, m, "missing_episode")
                for m, n in (("2018-04", 20), ("2018-05", 2), ("2018-06", 10))
            ),
            *(
                counted(ytd, n, m, "missing_episode")
                for m, n in (("2018-04", 20), ("2018-05", 22), ("2018-06", 32))
            ),
        ),
    )
    hidden = {one.kpi_id for one in shown.indicators if one.figure.hidden}
    assert len(hidden) == 1


def test_figures_that_are_the_same_without_uasc_go_with_and_without() -> None:
    """The year's 32 are withheld as above, or June's 10: not beside the same number again."""
    of_month, ytd = "missing_over_48h_in_month", "missing_over_48h_ytd"
    numbers = {of_month: (20, 2, 10), ytd: (20, 22, 32)}
    months = ("2018-04", "2018-05", "2018-06")
    both = [
        (when, kpi_id, cohort, "count", "missing_episode", number, None)
        for kpi_id, found in numbers.items()
        for when, number in zip(months, found, strict=True)
        for cohort in (("all", "exc_uasc") if when == "2018-06" else ("all",))
    ]
    of = (
        indicator(k, unit="count", figure=Figure(n[2], None, n[2]), exc_uasc=Figure(n[2], None, 1))
        for k, n in numbers.items()
    )
    shown = for_the_public(month(*of), database(*both)).indicators
    assert sum(one.figure.hidden for one in shown) == 1
    assert all(one.exc_uasc == WITHHELD for one in shown if one.figure.hidden)


def test_mean_of_few_and_with_and_without_uasc_few_apart_is_withheld() -> None:
    mean = ("2018-06", "sdq_average", "{}", "mean", "sdq_score")
    few = replace(indicator("few", unit="mean", figure=Figure(400, 4, 100.0)))
    apart = indicator(
        "sdq_average",
        unit="mean",
        figure=Figure(1300, 100, 13.0),
        exc_uasc=Figure(1250, 97, 12.9),
    )
    shown = for_the_public(
        month(few, apart),
        database(
            ("2018-06", "few", "all", "mean", "permanence", 400, 4),
            (*mean[:2], "all", *mean[3:], 1300, 100),
            (*mean[:2], "exc_uasc", *mean[3:], 1250, 97),
        ),
    )
    assert shown.indicator("few").figure.hidden
    assert not shown.indicator("sdq_average").figure.hidden
    assert shown.indicator("sdq_average").exc_uasc == WITHHELD


@pytest.mark.parametrize(("neighbours", "is_hidden"), [(0, False), (3, True), (5, False)])
def test_indicator_within_another_lies_0_or_5_apart(neighbours: int, is_hidden: bool) -> None:
    inner = 40 - neighbours
    shown = for_the_public(
        month(
            percentage("placed_outside_area", 40, 100),
            percentage("placed_outside_area_exc_neighbour", inner, 100),
        ),
        database(
            of_children("placed_outside_area", 40, 100),
            of_children("placed_outside_area_exc_neighbour", inner, 100),
        ),
    )
    hidden = [one.figure.hidden for one in shown.indicators]
    assert hidden == [False, is_hidden]


def test_posts_and_published_statistics_are_of_no_people() -> None:
    shown = for_the_public(
        month(
            indicator("posts_filled_permanent_qsw", subject="post", figure=Figure(2.5, 4.0, 62.5)),
            indicator("persistent_absence", unit="external", figure=Figure(None, None, 3.0)),
        ),
        database(
            ("2018-06", "posts_filled_permanent_qsw", "all", "percent", "post", 2.5, 4.0),
            ("2018-06", "persistent_absence", "all", "external", None, 3.0, None),
        ),
    )
    assert not any(one.figure.hidden for one in shown.indicators)


def groups_of(dimension: str, **numbers: tuple[int, int]) -> tuple[Group, ...]:
    return tuple(
        Group(dimension, value, Figure(numerator, denominator, 1.0))
        for value, (numerator, denominator) in numbers.items()
    )


def test_quality_tells_colours_alone_and_few_rows_not_at_all() -> None:
    quality = QualityEffect(100, 3, 4, 2, 80.0, 90.0, "R", "A")
    shown = for_the_public(
        month(
            percentage("part_time", 50, 100, quality=quality),
            percentage("other", 50, 100, quality=replace(quality, worst_rag="A")),
            quality=QualitySummary(10, 9, 1, 0, 0, 3, ()),
        ),
        database(of_children("part_time", 50, 100), of_children("other", 50, 100)),
    )
    told = shown.indicator("part_time").quality
    assert told is not None
    assert told.changes_colour
    assert (told.subjects, told.with_failures, told.worst, told.best) == (None,) * 4
    other = shown.indicator("other").quality
    assert other is not None
    assert not other.changes_colour
    assert (other.subjects, other.with_failures, other.worst, other.best) == (None,) * 4
    assert shown.quality is not None
    assert shown.quality.quarantined is None


def full_month() -> tuple[PublishedMonth, Database]:
    """Children in care by sex, age, area and team, a percentage of them, and a table by age."""
    sexes = groups_of("sex", F=(60, 60), M=(90, 90), unknown=(2, 2))
    cic = (
        *sexes,
        *groups_of("uasc", **{"UASC": (20, 20), "not UASC": (132, 132)}),
        *groups_of("area", East=(70, 70), West=(82, 82)),
        *groups_of("team", E1=(67, 67), E2=(3, 3), W1=(40, 40), W2=(42, 42)),
        *groups_of("age_band", **{"0-4": (30, 30), "5-9": (122, 122)}),
    )
    outside = (
        *groups_of("sex", F=(20, 60), M=(30, 90), unknown=(0, 2)),
        *groups_of("uasc", **{"UASC": (2, 20), "not UASC": (48, 132)}),
        *groups_of("area", East=(25, 70), West=(25, 82)),
        *groups_of("team", E1=(25, 67), E2=(0, 3), W1=(3, 40), W2=(22, 42)),
        *groups_of("age_band", **{"0-4": (7, 30), "5-9": (43, 122)}),
    )
    indicators = (
        indicator(
            "number_of_cic",
            unit="count",
            figure=Figure(152, None, 152),
            exc_uasc=Figure(132, None, 132),
            groups=tuple(replace(g, figure=Figure(g.figure.numerator, None, 1)) for g in cic),
        ),
        percentage("placed_outside_area", 50, 152, exc_uasc=Figure(48, 132, 36.4), groups=outside),
    )
    count = TopicColumn("Children", "count")
    ages = TopicTable(
        "by-age", "Age", "children_in_care", "age", True, (count,),
        (
            TopicRow("3", (26.0,), "0-4"), TopicRow("4", (4.0,), "0-4"),
            TopicRow("5", (110.0,), "5-9"), TopicRow("6", (12.0,), "5-9"),
        ),
        total=TopicRow("All", (152.0,)), within="age_band",
    )  # fmt: skip
    teams = TopicTable(
        "caseloads", "Teams", "cases", "team", False, (count, TopicColumn("FTE", "fact")),
        tuple(
            TopicRow(team, (float(children), 9.5), area)
            for team, area, children in (
                ("E1", "East", 67), ("E2", "East", 3), ("W1", "West", 40), ("W2", "West", 42),
            )
        ),
    )  # fmt: skip
    topics = (Topic("t", "Topic", "", (ages, teams), ()),)
    child = ("percent", "child")
    results = (
        counted("number_of_cic", 152),
        ("2018-06", "number_of_cic", "exc_uasc", "count", "child", 132, None),
        of_children("placed_outside_area", 50, 152),
        ("2018-06", "placed_outside_area", "exc_uasc", *child, 48, 132),
    )
    return month(*indicators, topics=topics), database(*results)


def test_reader_of_a_whole_month_finds_nothing() -> None:
    truth, connection = full_month()
    shown = for_the_public(truth, connection)
    assert read_month(truth, truth).found()
    assert read_month(truth, shown).found() == {}


def test_whole_month_keeps_what_needs_not_be_withheld() -> None:
    truth, connection = full_month()
    shown = for_the_public(truth, connection)
    cic = shown.indicator("number_of_cic")
    assert not cic.figure.hidden
    assert not any(g.figure.hidden for g in cic.groups if g.dimension in ("uasc", "age_band"))
    ages, teams = shown.topics[0].tables
    assert [row.hidden for row in ages.rows] == [True, True, False, False]
    assert {row.label for row in teams.rows if row.hidden} == {"E1", "E2"}
    assert {row.values[1] for row in teams.rows} == {9.5}


def test_table_that_overlaps_a_breakdown_is_shown_whole_or_not_at_all() -> None:
    truth, connection = full_month()
    rows = (TopicRow("a", (100.0,)), TopicRow("b", (52.0,)))
    count = (TopicColumn("Children", "count"),)
    overlapping = [
        TopicTable(name, "", "children_in_care", "kind", True, count, rows, overlaps=dimension)
        for name, dimension in (("with teams", "team"), ("with ages", "uasc"))
    ]
    shown = for_the_public(
        replace(truth, topics=(Topic("t", "", "", tuple(overlapping), ()),)), connection
    )
    hidden = [[row.hidden for row in table.rows] for table in shown.topics[0].tables]
    assert hidden == [[True, True], [False, False]]


@pytest.mark.parametrize(("may", "is_hidden"), [(20, True), (15, False)])
def test_group_of_a_year_to_date_is_compared_with_the_months_before(
    may: int, is_hidden: bool
) -> None:
    ytd = "missing_over_48h_ytd"
    groups = tuple(Group("sex", sex, Figure(n, None, n)) for sex, n in (("F", 22), ("M", 50)))
    connection = database(counted(ytd, may + 40, "2018-05"), counted(ytd, 72))
    for sex, number in (("F", may), ("M", 40)):
        connection.execute(
            "insert into marts.kpi_breakdown values "
            "('886', '2018-05', ?, 'all', 'sex', ?, ?, null)",
            [ytd, sex, number],
        )
    truth = month(indicator(ytd, unit="count", figure=Figure(72, None, 72), groups=groups))
    shown = for_the_public(truth, connection).indicator(ytd)
    assert [group.figure.hidden for group in shown.groups] == [is_hidden, is_hidden]


def test_breakdown_by_uasc_is_what_the_cohorts_lie_apart() -> None:
    """Without UASC 97 of 100: the 3 are hidden, and neither the group nor the figure tells them."""
    connection = database(
        counted("number_of_cic", 100),
        ("2018-06", "number_of_cic", "exc_uasc", "count", "child", 97, None),
    )
    groups = tuple(
        Group("uasc", value, Figure(n, None, n)) for value, n in (("UASC", 3), ("not UASC", 97))
    )
    shown = for_the_public(
        month(
            indicator(
                "number_of_cic",
                unit="count",
                figure=Figure(100, None, 100),
                exc_uasc=Figure(97, None, 97),
                groups=groups,
            )
        ),
        connection,
    ).indicator("number_of_cic")
    assert not shown.figure.hidden
    assert shown.exc_uasc == WITHHELD
    assert all(group.figure.hidden for group in shown.groups)


def test_group_that_the_cohorts_tell_does_not_protect_another() -> None:
    """Of 103, 83 are not known to be UASC: so 20 are, and hiding them would not hide the 3."""
    connection = database(
        counted("number_of_cic", 103),
        ("2018-06", "number_of_cic", "exc_uasc", "count", "child", 83, None),
    )
    values = (("UASC", 20), ("not UASC", 80), ("unknown", 3))
    cic = indicator(
        "number_of_cic",
        unit="count",
        figure=Figure(103, None, 103),
        exc_uasc=Figure(83, None, 83),
        groups=tuple(Group("uasc", value, Figure(n, None, n)) for value, n in values),
    )
    shown = for_the_public(month(cic), connection).indicator("number_of_cic")
    assert [g.value for g in shown.groups if g.figure.hidden] == ["not UASC", "unknown"]


def test_groups_of_a_year_that_is_also_shown_by_month_are_withheld() -> None:
    """Less the month's own they are the year to the month before, which that edition withheld."""
    by_month, by_year = "missing_over_48h_in_month", "missing_over_48h_ytd"
    groups = groups_of("area", East=(40, 40), West=(30, 30))
    both = [
        indicator(
            kpi_id,
            unit="count",
            figure=Figure(70, None, 70),
            groups=tuple(replace(g, figure=Figure(g.figure.numerator, None, 1)) for g in groups),
        )
        for kpi_id in (by_month, by_year)
    ]
    shown = for_the_public(month(*both), database(counted(by_month, 70), counted(by_year, 70)))
    assert [g.figure.hidden for g in shown.indicator(by_month).groups] == [False, False]
    assert [g.figure.hidden for g in shown.indicator(by_year).groups] == [True, True]


ONE_EDITION = """
from cpw.reports.month.month import Figure, Group
from support.report_month import indicator, month
from support.small_marts import database, for_the_public, of_children

AREAS = ("East", "North", "South", "West", "Centre")
NUMBERS = {
    "placed_outside_area": (6, 6, 20, 30, 20),
    "placed_outside_area_exc_neighbour": (0, 0, 10, 30, 17),
    "placed_in_other_authorities_non_related": (0, 2, 20, 30, 20),
}
shown = for_the_public(
    month(
        *(
            indicator(
                kpi_id,
                figure=Figure(sum(numbers), 200, 9.0),
                groups=tuple(
                    Group("area", area, Figure(number, 40, 9.0))
                    for area, number in zip(AREAS, numbers, strict=True)
                ),
            )
            for kpi_id, numbers in NUMBERS.items()
        )
    ),
    database(*(of_children(kpi_id, sum(numbers), 200) for kpi_id, numbers in NUMBERS.items())),
)
print([[group.value for group in one.groups if group.figure.hidden] for one in shown.indicators])
"""


def test_the_same_is_withheld_each_time_that_an_edition_is_written() -> None:
    """Whoever keeps two editions of a month must not find in one what the other withholds."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ONE_EDITION],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in "1234"
    ]
    withheld = {process.communicate()[0] for process in processes}
    assert len(withheld) == 1
    assert "East" in withheld.pop()
