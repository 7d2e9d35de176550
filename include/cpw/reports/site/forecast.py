"""The contents of the projection's page: sentences, chart and tables of each population."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cpw.reports.disclosure.threshold import SMALLEST_SHOWN
from cpw.reports.month import movement
from cpw.reports.month.month import PublishedMonth
from cpw.reports.projection.project import By, Flow, Population, Projection
from cpw.reports.site import words
from cpw.reports.site.drawing import Chart

_TITLES: dict[Population, tuple[str, str]] = {
    "children_in_care": ("Children in care", "children in care"),
    "care_leavers": ("Care leavers", "care leavers"),
}
_BY: tuple[By, ...] = ("all", "uasc", "age")
_CAPACITIES = {
    "Cases the established posts can hold": "established posts",
    "Cases the filled posts can hold": "filled posts",
}


PastStocks = Mapping[Population, tuple[tuple[str, float], ...]]
"""How many people there were at the ends of earlier months (``YYYY-MM``), the oldest first."""
_COUNTED_MONTHS = 24


def past_stocks(flows: Iterable[Flow], *, public: bool) -> PastStocks:
    """How many children in care there were at the end of each of the last 24 months.

    The numbers come from the histories in the extract. For the public, months with 1 to 4 children
    are left out.
    """
    stocks: Counter[str] = Counter()
    for flow in flows:
        if flow.population == "children_in_care":
            stocks[flow.flow_month] += flow.stock_end or 0
    months = sorted(stocks)[-_COUNTED_MONTHS - 1 : -1]
    shown = [month for month in months if not public or not 0 < stocks[month] < SMALLEST_SHOWN]
    return {"children_in_care": tuple((month, float(stocks[month])) for month in shown)}


def charts(projection: Projection, month: PublishedMonth, stocks: PastStocks) -> Iterator[Chart]:
    """The charts of the populations that have numbers."""
    for population in _TITLES:
        found = chart(projection, population, month, stocks)
        if found:
            yield found


def chart(
    projection: Projection, population: Population, month: PublishedMonth, stocks: PastStocks
) -> Chart | None:
    """The numbers counted up to the month, the projection with its interval, and capacities."""
    whole = projection.of(population)
    if not whole:
        return None
    now, *later = whole[0].points
    before = [*stocks.get(population, ()), (now.month, now.central)]
    points: list[dict[str, Any]] = [
        {"month": month, "value": value, "series": "Counted"} for month, value in before
    ]
    points += [
        {"month": p.month, "value": p.central, "low": p.low, "high": p.high, "series": "Projected"}
        for p in (now, *later)
    ]
    limits = _capacities(month) if population == "care_leavers" else {}
    lines = [{"value": value, "words": _limit(value, posts)} for value, posts in limits.items()]
    return Chart("projection", {"points": points, "limits": lines})


def _limit(cases: float, posts: str) -> str:
    return f"{words.number(cases, 0)}: what the {posts} can hold"


def population_section(
    projection: Projection, population: Population, month: PublishedMonth
) -> dict[str, Any]:
    """A population's sentences, series and back-tests."""
    title, people = _TITLES[population]
    whole = projection.of(population)
    return {
        "id": population.replace("_", "-"),
        "title": title,
        "reason": projection.reason(population),
        "chart_description": _chart_description(projection, population, month) if whole else "",
        "sentence": _sentence(projection, population, people) if whole else "",
        "more": [
            *_turning_18(projection, population),
            *(_capacity(projection, month) if population == "care_leavers" else ()),
        ],
        "series": [series for by in _BY for series in projection.of(population, by)],
        "tests": [test for test in projection.back_tests if test.population == population],
    }


def _sentence(projection: Projection, population: Population, people: str) -> str:
    points = projection.of(population)[0].points
    first, last = points[0], points[-1]
    change = last.central - first.central
    way = "more" if change >= 0 else "fewer"
    return (
        f"{words.number(first.central, 0)} {people} in {movement.month_name(first.month)}, about "
        f"{words.number(last.central, 0)} in {movement.month_name(last.month)}: "
        f"{words.number(abs(change), 0)} {way}, in 8 of 10 futures between "
        f"{words.number(last.low, 0)} and {words.number(last.high, 0)}."
    )


def _turning_18(projection: Projection, population: Population) -> Iterator[str]:
    """The sentence on how many of the children will turn 18 within the year."""
    for series in projection.of(population, "turning_18"):
        last = series.points[-1]
        yield (
            f"About {words.number(last.central, 0)} of them will turn 18 by then, in 8 of 10 "
            f"futures between {words.number(last.low, 0)} and {words.number(last.high, 0)}."
        )


def _chart_description(
    projection: Projection, population: Population, month: PublishedMonth
) -> str:
    """The text alternative of the chart, without what the sentences next to it say."""
    points = projection.of(population)[0].points
    low, high = min(point.low for point in points), max(point.high for point in points)
    capacities = _capacities(month) if population == "care_leavers" else {}
    lines = [f"a line at {_limit(cases, posts)}" for cases, posts in capacities.items()]
    shown = ["what was counted", "what is projected, dashed, with its band", *lines]
    return (
        f"Line chart of {', '.join(shown)}. The band lies between {words.number(low, 0)} and "
        f"{words.number(high, 0)} in the twelve months."
    )


def _capacity(projection: Projection, month: PublishedMonth) -> list[str]:
    """Sentences on whether and when there are more care leavers than the posts can hold."""
    sentences = []
    for capacity, posts in _capacities(month).items():
        found = projection.crossing(capacity)
        if found is None:
            continue
        can_hold = f"The {posts} can hold {words.number(found.capacity, 0)} cases"
        if found.month == str(month.partition.month):
            sentences.append(f"{can_hold}: there are more already.")
            continue
        chance = f"a chance of {100 * found.probabilities[-1][1]:.0f}% by the end of the year"
        when = f"from {movement.month_name(found.month)} there" if found.month else "there"
        expected = "are expected to be more" if found.month else "are not expected to be more"
        sentences.append(f"{can_hold}: {when} {expected}, with {chance}.")
    return sentences


def _capacities(month: PublishedMonth) -> dict[float, str]:
    """How many cases the service's posts can hold, with the kind of posts, or both if equal."""
    tables = [t for topic in month.topics for t in topic.tables]
    rows = [row for t in tables if t.table_id == "care-leaver-capacity" for row in t.rows]
    found: dict[float, str] = {}
    for row in rows:
        value = row.values[0]
        if row.label in _CAPACITIES and isinstance(value, float):
            both = "posts, established as well as filled,"
            found[value] = both if value in found else _CAPACITIES[row.label]
    return found
