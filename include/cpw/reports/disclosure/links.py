"""Counts that single topic tables share with each other and with indicators, table by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import duckdb

from cpw.reports.disclosure.figures import figure_key, group_key
from cpw.reports.disclosure.known_facts import CellCount, CellKey, KnownFacts
from cpw.reports.disclosure.tables import count_columns, row_key, tables_of
from cpw.reports.month.month import PublishedMonth, TopicTable

_PARTICIPATION = "participation_at_reviews"
_STEP_OF_COHORT = {
    "ADM decision in year": "adm best interest decisions",
    "matched in year": "matches approved",
    "placed in year": "children placed",
    "adopted in year": "adoption orders granted",
}
"""By cohort of the adoption timescales: the step that every child of the cohort has taken."""


def add_links(
    facts: KnownFacts, month: PublishedMonth, connection: duckdb.DuckDBPyConnection
) -> None:
    """Add the counts that a month's tables share; a table that is not there is left out."""
    tables = {table.table_id: table for table in tables_of(month)}
    for table_id, link in _LINKS.items():
        if table_id in tables:
            link(facts, month, tables)
    if "review-participation" in tables:
        _link_participation(facts, month, tables["review-participation"], connection)


def _places(table: TopicTable) -> dict[str, int]:
    """The place of each column among a row's counts, by the column's name."""
    return {table.columns[c].name: place for place, c in enumerate(count_columns(table))}


def _rows(table: TopicTable) -> dict[str, CellKey]:
    return {row.label: row_key(table.table_id, index) for index, row in enumerate(table.rows)}


def _link_factors(
    facts: KnownFacts, month: PublishedMonth, tables: Mapping[str, TopicTable]
) -> None:
    """Exclusions and reduced timetables.

    Children with one factor plus children with the other are children with both plus children with
    either. The children of the month are among those of the academic year.
    """
    table = tables["education-factors"]
    rows, places = _rows(table), _places(table)
    one, other = rows.get("exclusion"), rows.get("reduced timetable")
    both = rows.get("exclusion and reduced timetable")
    either = rows.get("exclusion or reduced timetable")
    permanent = rows.get("permanent exclusion")
    for place in places.values():
        if one and other and both and either:
            facts.add_balance(
                [CellCount(one, place), CellCount(other, place)],
                [CellCount(both, place), CellCount(either, place)],
            )
            facts.add_difference(CellCount(both, place), CellCount(one, place))
            facts.add_difference(CellCount(both, place), CellCount(other, place))
        if permanent and one:
            facts.add_difference(CellCount(permanent, place), CellCount(one, place))
    in_month, in_year = places["In the month"], places["Academic year to date"]
    for row in rows.values():
        facts.add_difference(CellCount(row, in_month), CellCount(row, in_year))
    figures = (
        (permanent, in_year, "permanent_exclusions_acytd"),
        (other, in_month, "part_time_timetable"),
    )
    for key, place, kpi_id in figures:
        figure = figure_key(str(month.partition.month), kpi_id, "all")
        if key and figure in facts:
            facts.add_same(CellCount(figure), CellCount(key, place))


def _link_adoption(facts: KnownFacts, _: PublishedMonth, tables: Mapping[str, TopicTable]) -> None:
    """The children for whom a timescale is measured are among those who took the cohort's step."""
    if "adoption-steps" not in tables:
        return
    steps = _rows(tables["adoption-steps"])
    for label, row in _rows(tables["adoption-timescales"]).items():
        for cohort, step in _STEP_OF_COHORT.items():
            if label.endswith(f"({cohort})") and step in steps:
                facts.add_difference(CellCount(row), CellCount(steps[step]))


def _link_service(facts: KnownFacts, _: PublishedMonth, tables: Mapping[str, TopicTable]) -> None:
    """In the rows of percentages, ``Number`` counts some of the people of ``Of``."""
    table = tables["iro-service"]
    places = _places(table)
    for index, row in enumerate(table.rows):
        if row.values[count_columns(table)[places["Of"]]] is not None:
            key = row_key(table.table_id, index)
            facts.add_difference(CellCount(key, places["Number"]), CellCount(key, places["Of"]))


_LINKS: dict[str, Callable[[KnownFacts, PublishedMonth, Mapping[str, TopicTable]], None]] = {
    "education-factors": _link_factors,
    "adoption-timescales": _link_adoption,
    "iro-service": _link_service,
}


def _link_participation(
    facts: KnownFacts,
    month: PublishedMonth,
    table: TopicTable,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """The ways of taking part sum to the indicator's numerator, the others to what is left.

    So it is in the column of all reviews, and in each age group's column with the group of the
    breakdown.
    """
    outcomes = connection.execute(
        "select distinct participation, counts_as from marts.review_participation "
        "where authority = ? and month = ? order by all",
        [month.partition.authority, str(month.partition.month)],
    ).fetchall()
    rows, by_outcome = _rows(table), defaultdict[str, list[CellKey]](list)
    for label, outcome in outcomes:
        if label in rows:
            by_outcome[outcome].append(rows[label])
    for name, place in _places(table).items():
        whole = (
            figure_key(str(month.partition.month), _PARTICIPATION, "all")
            if name == "All"
            else group_key(_PARTICIPATION, "age_band", name)
        )
        for position, outcome in enumerate(("participated", "not_participated")):
            if whole in facts and (keys := by_outcome.get(outcome)):
                facts.add_total(CellCount(whole, position), [CellCount(key, place) for key in keys])
