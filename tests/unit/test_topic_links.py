"""What the tables of the topics tell of each other, and of the indicators, is withheld with them.

The tables are read from small marts by the queries that the reports have: a table, column or row
that gets another name there, and not where the links are, fails here.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
import yaml

from cpw.core.partition import Partition
from cpw.reports.disclosure.public_edition import decide_withheld
from cpw.reports.disclosure.tables import POPULATIONS, SEXES
from cpw.reports.disclosure.year_to_date import YEAR_TABLES
from cpw.reports.month.month import Figure, Group, Indicator, PublishedMonth, Topic
from cpw.reports.month.topics import read_tables
from support.report_month import indicator, month
from support.small_marts import Database, counted, database, fill, for_the_public, of_children

JUNE = Partition.of("886", "2018-06")


def published(
    connection: Database, *table_ids: str, of: tuple[Indicator, ...] = ()
) -> PublishedMonth:
    """The public edition of a month with some of the topics' tables."""
    tables = read_tables(connection, JUNE, table_ids)
    assert {table.table_id for table in tables} == set(table_ids), "each is declared and has rows"
    topics = (Topic("t", "Topic", "", tables, ()),)
    return for_the_public(month(*of, topics=topics), connection)


def hidden_rows(shown: PublishedMonth) -> dict[str, list[bool]]:
    """Which rows are withheld, by table."""
    tables = [table for topic in shown.topics for table in topic.tables]
    return {table.table_id: [row.hidden for row in table.rows] for table in tables}


def count(kpi_id: str, number: int, *groups: Group) -> Indicator:
    return indicator(kpi_id, unit="count", figure=Figure(number, None, number), groups=groups)


def by(dimension: str, **numbers: int) -> tuple[Group, ...]:
    return tuple(
        Group(dimension, value.replace("_", " "), Figure(number, None, number))
        for value, number in numbers.items()
    )


def declared_tables() -> dict[str, dict[str, Any]]:
    """The tables of the topics as they are declared, by id."""
    topics = (files("cpw.reports.month") / "topics.yml").read_text(encoding="utf-8")
    return {table["id"]: table for page in yaml.safe_load(topics) for table in page["tables"]}


def test_tables_populations_and_columns_that_are_named_are_declared() -> None:
    tables = declared_tables()
    assert set(POPULATIONS) <= {table["population"] for table in tables.values()}
    by_sex = [
        table
        for table in tables.values()
        if table.get("last_is_whole") and table["population"] == "children_in_care"
    ]
    assert by_sex
    assert all(set(SEXES) < {column["name"] for column in table["columns"]} for table in by_sex)
    for table_id, (_, names) in YEAR_TABLES.items():
        columns = tables[table_id]["columns"]
        assert set(names) <= {c["name"] for c in columns if c["kind"] == "count"}


# Exclusions and reduced timetables


def factors(connection: Database, when: str = "2018-06", **numbers: tuple[int, int]) -> Database:
    """How many children a factor has in the month and in the academic year."""
    for factor, pair in numbers.items():
        for period, children in zip(("month", "academic_year"), pair, strict=True):
            row = {"period": period, "factor": factor, "children": children}
            fill(connection, "education_factors", row, month=when)
    return connection


def hidden_factors(connection: Database, *of: Indicator) -> set[str]:
    (topic,) = published(connection, "education-factors", of=of).topics
    return {row.label for row in topic.tables[0].rows if row.hidden}


def test_factors_that_meet_are_counts_of_each_other() -> None:
    """Excluded 65, on reduced timetables 23, either 87: so both are 1, whatever is hidden of it."""
    connection = factors(
        database(counted("other", 9)),
        exclusion=(0, 65),
        reduced_timetable=(0, 23),
        exclusion_and_reduced_timetable=(0, 1),
        exclusion_or_reduced_timetable=(0, 87),
    )
    assert len(hidden_factors(connection)) >= 2


@pytest.mark.parametrize(("in_month", "is_hidden"), [(20, True), (15, False)])
def test_factor_of_a_month_is_within_its_year(in_month: int, is_hidden: bool) -> None:
    connection = factors(database(counted("other", 9)), reduced_timetable=(in_month, 23))
    assert bool(hidden_factors(connection)) == is_hidden


@pytest.mark.parametrize(
    ("kpi_id", "number"), [("permanent_exclusions_acytd", 20), ("part_time_timetable", 22)]
)
def test_factor_that_is_an_indicator_protects_no_other(kpi_id: str, number: int) -> None:
    """What the indicator shows, the table cannot hide: another row goes, or it goes too."""
    numbers = {
        "exclusion": (30, 130),
        "reduced_timetable": (22, 122),
        "exclusion_and_reduced_timetable": (2, 102),
        "exclusion_or_reduced_timetable": (50, 150),
        "permanent_exclusion": (0, 20),
    }
    if number == 20:
        numbers = {"exclusion": (0, 23), "permanent_exclusion": (0, 20)}
    row = "permanent exclusion" if number == 20 else "reduced timetable"
    assert row in hidden_factors(factors(database(counted("other", 9)), **numbers))
    connection = factors(database(counted(kpi_id, number)), **numbers)
    assert "exclusion" in hidden_factors(connection, count(kpi_id, number))
    assert row not in hidden_factors(connection, count(kpi_id, number))


# Adoption, the reviewing service, participation


@pytest.mark.parametrize(("timed", "is_hidden"), [(20, True), (15, False)])
@pytest.mark.parametrize(
    ("step", "cohort"),
    [
        ("adm_best_interest_decisions", "ADM decision in year"),
        ("matches_approved", "matched in year"),
        ("children_placed", "placed in year"),
        ("adoption_orders_granted", "adopted in year"),
    ],
)
def test_those_a_timescale_is_of_are_among_those_who_took_the_step(
    step: str, cohort: str, timed: int, is_hidden: bool
) -> None:
    connection = database(counted("other", 9))
    fill(connection, "adoption_activity", {"measure": step, "position": 1, "children": 22})
    times = {"position": 1, "children": timed, "mean_days": 50.5, "target_days": 56}
    fill(connection, "adoption_timescales", {"measure": "some_step", "cohort": cohort, **times})
    hidden = hidden_rows(published(connection, "adoption-steps", "adoption-timescales"))
    assert (hidden != {"adoption-steps": [False], "adoption-timescales": [False]}) == is_hidden


@pytest.mark.parametrize(("number", "is_hidden"), [(97, True), (90, False)])
def test_number_of_the_service_is_within_what_it_is_of(number: int, is_hidden: bool) -> None:
    connection = database(counted("other", 9))
    of = {"measure": "held", "position": 1, "numerator": number, "denominator": 100, "shown": 90.0}
    none = {"measure": "target", "position": 2, "numerator": None, "denominator": None, "shown": 70}
    fill(connection, "iro_service", of, none)
    assert hidden_rows(published(connection, "iro-service")) == {"iro-service": [is_hidden, False]}


def test_ways_of_taking_part_add_up_to_the_indicator() -> None:
    """Of 3 and 20 who took part the indicator shows the 23: so the 20 go too, not the others."""
    kpi_id = "participation_at_reviews"
    connection = database(of_children(kpi_id, 23, 73))
    for code, counts_as, reviews in (
        ("PN0", "not_participated", 50),
        ("PN1", "participated", 3),
        ("PN2", "participated", 20),
    ):
        way = {"participation_code": code, "participation": code, "counts_as": counts_as}
        row = {**way, "age_band": "10-15", "reviews": reviews}
        fill(connection, "review_participation", row)
    of = (indicator(kpi_id, figure=Figure(23, 73, 31.5)),)
    hidden = hidden_rows(published(connection, "review-participation", of=of))
    assert hidden == {"review-participation": [False, True, True]}


# Who the children and care leavers are


def test_flow_does_not_tell_the_few_who_came() -> None:
    connection = database(counted("number_of_cic", 100, "2018-05"), counted("number_of_cic", 95))
    numbers = {"children_before": 100, "entered": 3, "exited": 8, "children_after": 95}
    fill(connection, "cic_flow", numbers)
    hidden = hidden_rows(published(connection, "flow", of=(count("number_of_cic", 95),)))
    assert hidden == {"flow": [False, True, True, False]}


@pytest.mark.parametrize(("girls", "is_hidden"), [(60, False), (57, True)])
def test_a_column_of_girls_is_the_girls_of_the_breakdown(girls: int, is_hidden: bool) -> None:
    """Where the table has 3 fewer than the breakdown, the difference is a count too."""
    connection = database(counted("number_of_cic", 100))
    sexes = {"female": girls, "male": 100 - girls, "total": 100}
    row = {"dimension": "nationality", "value": "British", "position": 1, **sexes}
    fill(connection, "demographics", row)
    cic = count("number_of_cic", 100, *by("sex", F=60, M=40))
    shown = published(connection, "children-by-nationality", of=(cic,))
    groups = shown.indicator("number_of_cic").groups
    assert any(group.figure.hidden for group in groups) == is_hidden


def test_uasc_beside_the_schemes_number_are_the_group_of_the_breakdown() -> None:
    """Of 100 all but 3 are UASC: their number, which would tell, goes with the group."""
    connection = database(counted("number_of_cic", 100))
    threshold = {"uasc_in_care": 97, "threshold_children": 233, "over_threshold": -136}
    fill(connection, "uasc_threshold", threshold)
    cic = count("number_of_cic", 100, *by("uasc", UASC=97, not_UASC=3))
    hidden = hidden_rows(published(connection, "uasc-threshold", of=(cic,)))
    assert hidden == {"uasc-threshold": [True]}


def test_caseloads_are_the_teams_of_the_breakdown_within_their_area() -> None:
    """Of the East's 70 team E2 has 3: E1 goes with it, and the West's teams stay."""
    connection = database(counted("number_of_cic", 152))
    teams = {"E1": ("East", 67), "E2": ("East", 3), "W1": ("West", 40), "W2": ("West", 42)}
    for team, (area, children) in teams.items():
        held = {"children": children, "care_leavers": 0, "filled_fte": 9.5, "cases_per_fte": 7.1}
        fill(connection, "caseloads_by_team", {"team": team, "area": area, **held})
    numbers = {team: children for team, (_, children) in teams.items()}
    cic = count("number_of_cic", 152, *by("area", East=70, West=82), *by("team", **numbers))
    shown = published(connection, "caseloads", of=(cic,))
    assert hidden_rows(shown) == {"caseloads": [True, True, False, False]}
    groups = shown.indicator("number_of_cic").groups
    assert [g.value for g in groups if g.figure.hidden] == ["E1", "E2"]


def test_care_leavers_of_a_table_are_the_groups_of_their_indicator() -> None:
    """What the breakdown shows, the table cannot hide: of two rows the one it does not goes."""
    kpi_id = "care_leavers_staying_put"
    connection = database(of_children(kpi_id, 50, 203))
    for position, (value, total) in enumerate((("UASC", 100), ("Citizen", 100), ("unknown", 3))):
        row = {"dimension": "uasc", "value": value, "position": position, "total": total}
        fill(connection, "care_leaver_cohort", row)
    groups = (Group("uasc", "UASC", Figure(25, 100, 25.0)), Group("uasc", "not UASC",
              Figure(25, 103, 24.3)))  # fmt: skip
    of = (indicator(kpi_id, figure=Figure(50, 203, 24.6), groups=groups),)
    hidden = hidden_rows(published(connection, "care-leavers-by-uasc", of=of))
    assert hidden == {"care-leavers-by-uasc": [False, True, True]}


# A year to date


@pytest.mark.parametrize(("may", "is_hidden"), [(20, True), (15, False)])
def test_row_of_a_year_to_date_is_compared_with_the_months_before(
    may: int, is_hidden: bool
) -> None:
    connection = database(counted("other", 9, "2018-05"), counted("other", 9))
    for when, children in (("2018-05", may), ("2018-06", 22)):
        row = {"measure": "children_placed", "position": 1, "children": children}
        fill(connection, "adoption_activity", row, month=when)
    assert hidden_rows(published(connection, "adoption-steps")) == {"adoption-steps": [is_hidden]}


@pytest.mark.parametrize(("june", "is_hidden"), [(24, True), (26, False)])
def test_row_is_compared_with_the_month_that_showed_it_last(june: int, is_hidden: bool) -> None:
    """April 20, May 22 (withheld): June's 24 is 4 more than what was shown, 26 is 6 more."""
    months = {"2018-04": 20, "2018-05": 22, "2018-06": june}
    connection = database(*(counted("other", 9, when) for when in months))
    for when, children in months.items():
        row = {"measure": "children_placed", "position": 1, "children": children}
        fill(connection, "adoption_activity", row, month=when)
    assert hidden_rows(published(connection, "adoption-steps")) == {"adoption-steps": [is_hidden]}


@pytest.mark.parametrize(
    ("may", "is_hidden"), [((20, 40), False), ((20, 60), True), ((62, 40), False)]
)
def test_only_columns_of_the_year_are_compared(may: tuple[int, int], is_hidden: bool) -> None:
    connection = database(counted("other", 9, "2018-05"), counted("other", 9))
    factors(connection, "2018-05", exclusion=may)
    factors(connection, exclusion=(22, 62))
    assert bool(hidden_factors(connection)) == is_hidden


def test_a_year_that_is_over_is_not_compared() -> None:
    connection = database(counted("other", 9, "2018-03"), counted("other", 9))
    for when, children in (("2018-03", 20), ("2018-06", 22)):
        row: dict[str, Any] = {"measure": "children_placed", "position": 1, "children": children}
        fill(connection, "adoption_activity", row, month=when)
    assert hidden_rows(published(connection, "adoption-steps")) == {"adoption-steps": [False]}


def test_what_an_earlier_edition_gives_away_is_said_in_words() -> None:
    """May's table showed 20 excluded children; June's indicator shows 22, so the row is known."""
    kpi_id = "permanent_exclusions_acytd"
    connection = database(counted("other", 9, "2018-05"), counted(kpi_id, 22))
    factors(connection, "2018-05", permanent_exclusion=(0, 20))
    factors(connection, permanent_exclusion=(0, 22))
    topics = (Topic("t", "Topic", "", read_tables(connection, JUNE, ["education-factors"]), ()),)
    (how,) = decide_withheld(month(count(kpi_id, 22), topics=topics), connection).exposed
    row = "the row 'permanent exclusion' of the table 'education-factors'"
    assert how == f"the difference between an earlier month's count for {row} and {row}"
