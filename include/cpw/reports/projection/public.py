"""The projection as the public may see it, next to the public edition of the month.

A group is withheld if it has, or had in a back-test, 1 to 4 people. It is also withheld if it has
1 to 4 people more than the values that the edition shows for it: a reader could subtract those and
would know how many people the edition withholds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cpw.reports.disclosure.relations import NUMBER_OF_CIC
from cpw.reports.disclosure.tables import tables_of
from cpw.reports.disclosure.threshold import SMALLEST_SHOWN
from cpw.reports.month.month import NO_FIGURE, Figure, PublishedMonth, TopicRow, TopicTable
from cpw.reports.projection.model import ADULT, LEAVES_SERVICE
from cpw.reports.projection.project import (
    CHILDREN,
    GROUPS,
    LEAVERS,
    By,
    Population,
    Projection,
    SeriesKey,
)
from cpw.reports.projection.rates import LEAVER_AGE_GROUPS, Rate

_PARTS: Mapping[tuple[Population, By], Mapping[str, str]] = {
    (CHILDREN, "age"): {
        **{"0-4": "under_10", "5-9": "under_10"},
        **{"10-15": "10_15", "16+": "16_17"},
    },
    (CHILDREN, "uasc"): {"UASC": "uasc", "not UASC": "exc_uasc"},
    (LEAVERS, "age"): {
        str(age): "18_20" if age <= 20 else "21_24" for age in range(ADULT, LEAVES_SERVICE)
    },
    (LEAVERS, "uasc"): {"UASC": "uasc", "Citizen": "exc_uasc"},
}
"""The values of a breakdown or table, with the group they belong to; others are not projected."""
_DIMENSIONS: Mapping[By, str] = {"age": "age_band", "uasc": "uasc"}
_CARE_LEAVERS = "care_leavers"


def public_projection(projection: Projection, edition: PublishedMonth) -> Projection:
    """The projection without the groups, rates and tests that would show 1 to 4 people.

    Args:
        projection: the projection with every group.
        edition: the public edition of the month that it starts from.
    """
    hidden = {key for population in GROUPS for key in _withheld(projection, population, edition)}
    return replace(
        projection,
        series=tuple(s for s in projection.series if s.key not in hidden),
        rates=_rates(projection.rates),
        back_tests=tuple(t for t in projection.back_tests if t.key not in hidden),
        totals=() if (LEAVERS, "all", "all") in hidden else projection.totals,
    )


def _withheld(
    projection: Projection, population: Population, edition: PublishedMonth
) -> set[SeriesKey]:
    """The groups of a population to withhold, so that no number from 1 to 4 is or can be known.

    These are the groups that show such a number. Then, in each division, the next smallest group is
    added until the withheld groups together have nobody, or at least 5 people: the reader can
    subtract the groups that are shown from the whole. That has to be so for each of the numbers
    known of a group.
    """
    known = _known(projection, population, edition)
    few = {key for key, numbers in known.items() if any(_is_few(number) for number in numbers)}
    if (population, "all", "all") in few or _whole(edition, population).hidden:
        return set(known)
    for by in GROUPS[population]:
        groups = sorted((key for key in known if key[1] == by), key=lambda key: known[key][0])
        hidden = [key for key in groups if key in few]
        rest = [key for key in groups if key not in hidden]
        while rest and any(_is_few(sum(of)) for of in zip(*map(known.get, hidden), strict=True)):
            hidden.append(next((key for key in rest if known[key][0]), rest[0]))
            rest.remove(hidden[-1])
        few |= set(hidden)
    return few


def _is_few(number: float) -> bool:
    """Whether a number or a difference is above 0 and below 5; estimates may be fractions."""
    return 0 < round(abs(number), 6) < SMALLEST_SHOWN


def _known(
    projection: Projection, population: Population, edition: PublishedMonth
) -> dict[SeriesKey, list[float]]:
    """The numbers that a reader could know of each group.

    These are its people today, how many of them the edition does not show, and the observed numbers
    of the back-tests.
    """
    known: dict[SeriesKey, list[float]] = {}
    for series in projection.series:
        if series.population == population:
            turning = series.by == "turning_18"
            stock = series.points[-1].central if turning else series.stock
            known[series.key] = [stock, _left_over(edition, series.key, stock)]
    for test in projection.back_tests:
        if test.population == population:
            known.setdefault(test.key, []).extend(point.observed for point in test.points)
    return known


def _left_over(edition: PublishedMonth, key: SeriesKey, stock: float) -> float:
    """How many people of a group the edition does not show: the group without the shown values.

    For the whole population it is how many people the edition has more than the projection, without
    the values that are not projected.
    """
    population, by, group = key
    if by == "turning_18":
        return 0
    if by == "all":
        parts, whole = _PARTS[population, "age"], _whole(edition, population).numerator
        shown = _shown(edition, population, "age")
        outside = [number for value, number in shown.items() if value not in parts]
        return 0 if whole is None else whole - stock - sum(outside)
    parts, shown = _PARTS[population, by], _shown(edition, population, by)
    inside = [number for value, number in shown.items() if parts.get(value) == group]
    return stock - sum(inside) if shown else 0


def _whole(edition: PublishedMonth, population: Population) -> Figure:
    """The figure of a whole population in the edition."""
    if population == CHILDREN:
        figures = [i.figure for i in edition.indicators if i.kpi_id == NUMBER_OF_CIC]
    else:
        figures = [_of_row(t.total) for t in _tables(edition, "age") if t.total]
    return figures[0] if figures else NO_FIGURE


def _shown(edition: PublishedMonth, population: Population, by: By) -> dict[str, float]:
    """How many people the edition shows for each value; 0 for a withheld value."""
    if population == CHILDREN:
        indicators = [i for i in edition.indicators if i.kpi_id == NUMBER_OF_CIC]
        groups = [g for i in indicators for g in i.groups if g.dimension == _DIMENSIONS[by]]
        return {group.value: group.figure.numerator or 0 for group in groups}
    rows = [row for table in _tables(edition, by) for row in table.rows]
    return {row.label: _of_row(row).numerator or 0 for row in rows}


def _tables(edition: PublishedMonth, by: By) -> list[TopicTable]:
    """The edition's tables of care leavers by age or by UASC."""
    return [t for t in tables_of(edition) if (t.population, t.dimension) == (_CARE_LEAVERS, by)]


def _of_row(row: TopicRow) -> Figure:
    value = row.values[0]
    number = value if isinstance(value, float) else None
    return Figure(number, None, number, hidden=row.hidden)


def _rates(rates: Iterable[Rate]) -> tuple[Rate, ...]:
    """The rates that may be shown: none of a family in which a rate rests on 1 to 4 people."""
    every = tuple(rates)
    withheld = {_family(rate) for rate in every if _rests_on_few(rate)}
    return tuple(rate for rate in every if _family(rate) not in withheld)


def _family(rate: Rate) -> tuple[str, str | None]:
    """A rate's family: rates of which one can be worked out from the others and their total."""
    if rate.kind == "kept" and rate.age is not None:
        return rate.kind, LEAVER_AGE_GROUPS[int(rate.age) > 20]
    return rate.kind, rate.age


def _rests_on_few(rate: Rate) -> bool:
    people = {
        "entries": (rate.count,),
        "exits": (rate.count, rate.exposure / (rate.basis_months or 1)),
        "kept": (rate.count, rate.exposure - rate.count),
    }[rate.kind]
    return any(_is_few(number) for number in people)
