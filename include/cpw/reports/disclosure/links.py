"""Counts that topic tables share with each other and with indicators, table by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import duckdb

from cpw.reports.disclosure.figures import figure_key, group_key
from cpw.reports.disclosure.suppression import Count, Key, Registry
from cpw.reports.disclosure.tables import count_columns, row_key, tables_of
from cpw.reports.month.month import Month, Table

_PARTICIPATION = "participation_at_reviews"
_COHORTS = {
    "ADM decision in year": "adm best interest decisions",
    "matched in year": "matches approved",
    "placed in year": "children placed",
    "adopted in year": "adoption orders granted",
}
"""Of the timescales' cohorts, the step that all of them took."""


def add_links(registry: Registry, month: Month, connection: duckdb.DuckDBPyConnection) -> None:
    """Register what the tables of a month have in common."""
    tables = {table.table_id: table for table in tables_of(month)}
    for table_id, link in _LINKS.items():
        if table_id in tables:
            link(registry, month, tables)
    if "review-participation" in tables:
        _link_participation(registry, month, tables["review-participation"], connection)


def _places(table: Table) -> dict[str, int]:
    """The places of a row's counts by the columns' names."""
    return {table.columns[c].name: place for place, c in enumerate(count_columns(table))}


def _rows(table: Table) -> dict[str, Key]:
    return {row.label: row_key(table.table_id, index) for index, row in enumerate(table.rows)}


def _link_factors(registry: Registry, month: Month, tables: Mapping[str, Table]) -> None:
    """Two factors together are those of both and those of either; a month lies in its year."""
    table = tables["education-factors"]
    rows, places = _rows(table), _places(table)
    one, other = rows.get("exclusion"), rows.get("reduced timetable")
    both = rows.get("exclusion and reduced timetable")
    either = rows.get("exclusion or reduced timetable")
    permanent = rows.get("permanent exclusion")
    for place in places.values():
        if one and other and both and either:
            registry.balance(
                [Count(one, place), Count(other, place)], [Count(both, place), Count(either, place)]
            )
            registry.apart(Count(both, place), Count(one, place))
            registry.apart(Count(both, place), Count(other, place))
        if permanent and one:
            registry.apart(Count(permanent, place), Count(one, place))
    in_month, in_year = places["In the month"], places["Academic year to date"]
    for row in rows.values():
        registry.apart(Count(row, in_month), Count(row, in_year))
    figures = (
        (permanent, in_year, "permanent_exclusions_acytd"),
        (other, in_month, "part_time_timetable"),
    )
    for key, place, kpi_id in figures:
        figure = figure_key(str(month.partition.month), kpi_id, "all")
        if key and figure in registry:
            registry.same(Count(figure), Count(key, place))


def _link_adoption(registry: Registry, _: Month, tables: Mapping[str, Table]) -> None:
    """Those a timescale is measured of are among those who took the step."""
    if "adoption-steps" not in tables:
        return
    steps = _rows(tables["adoption-steps"])
    for label, row in _rows(tables["adoption-timescales"]).items():
        for cohort, step in _COHORTS.items():
            if label.endswith(f"({cohort})") and step in steps:
                registry.apart(Count(row), Count(steps[step]))


def _link_service(registry: Registry, _: Month, tables: Mapping[str, Table]) -> None:
    """Of a percentage, those in it lie within those it is of."""
    table = tables["iro-service"]
    places = _places(table)
    for index, row in enumerate(table.rows):
        if row.values[count_columns(table)[places["Of"]]] is not None:
            key = row_key(table.table_id, index)
            registry.apart(Count(key, places["Number"]), Count(key, places["Of"]))


_LINKS: dict[str, Callable[[Registry, Month, Mapping[str, Table]], None]] = {
    "education-factors": _link_factors,
    "adoption-timescales": _link_adoption,
    "iro-service": _link_service,
}


def _link_participation(
    registry: Registry, month: Month, table: Table, connection: duckdb.DuckDBPyConnection
) -> None:
    """The ways of taking part add up to the indicator's numerator, by age too; so do the others."""
    outcomes = connection.execute(
        "select distinct participation, counts_as from marts.review_participation "
        "where authority = ? and month = ? order by all",
        [month.partition.authority, str(month.partition.month)],
    ).fetchall()
    rows, by_outcome = _rows(table), defaultdict[str, list[Key]](list)
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
            if whole in registry and (keys := by_outcome.get(outcome)):
                registry.total(Count(whole, position), [Count(key, place) for key in keys])
