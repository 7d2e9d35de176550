"""What the projection's page shows of each population."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cpw.reports import movement
from cpw.reports.disclosure import SMALLEST
from cpw.reports.month import Month
from cpw.reports.projection import By, Flow, Population, Projection
from cpw.reports.site import words
from cpw.reports.site.charts import Chart

_TITLES: dict[Population, tuple[str, str]] = {
    "children_in_care": ("Children in care", "children in care"),
    "care_leavers": ("Care leavers", "care leavers"),
}
_BY: tuple[By, ...] = ("all", "uasc", "age")
_CAPACITIES = {
    "Cases the established posts can hold": "established posts can hold",
    "Cases the filled posts can hold": "filled posts can hold",
}


Counted = Mapping[Population, tuple[tuple[str, float], ...]]
"""How many there were at earlier months' ends (``YYYY-MM``), oldest first."""
_COUNTED_MONTHS = 24


def counted(flows: Iterable[Flow], *, public: bool) -> Counted:
    """How many children in care there were at the ends of the last months, as the extract has it.

    Months of 1 to 4 children are left out for the public.
    """
    stocks: Counter[str] = Counter()
    for flow in flows:
        if flow.population == "children_in_care":
            stocks[flow.flow_month] += flow.stock_end or 0
    months = sorted(stocks)[-_COUNTED_MONTHS - 1 : -1]
    shown = [month for month in months if not public or not 0 < stocks[month] < SMALLEST]
    return {"children_in_care": tuple((month, float(stocks[month])) for month in shown)}


def charts(projection: Projection, month: Month, counted: Counted) -> Iterator[Chart]:
    """The charts of the populations that have numbers."""
    for population in _TITLES:
        found = chart(projection, population, month, counted)
        if found:
            yield found


def chart(
    projection: Projection, population: Population, month: Month, counted: Counted
) -> Chart | None:
    """What was counted up to the month, then the projection with its interval; and capacities."""
    whole = projection.of(population)
    if not whole:
        return None
    now, *later = whole[0].points
    before = [*counted.get(population, ()), (now.month, now.central)]
    points: list[dict[str, Any]] = [
        {"month": month, "value": value, "series": "Counted"} for month, value in before
    ]
    points += [
        {"month": p.month, "value": p.central, "low": p.low, "high": p.high, "series": "Projected"}
        for p in (now, *later)
    ]
    limits = _capacities(month) if population == "care_leavers" else {}
    lines = [{"value": value, "words": label} for label, value in limits.items()]
    return Chart("projection", {"points": points, "limits": lines})


def told(projection: Projection, population: Population, month: Month) -> dict[str, Any]:
    """A population's sentences, series and back-tests."""
    title, people = _TITLES[population]
    whole = projection.of(population)
    return {
        "id": population.replace("_", "-"),
        "title": title,
        "reason": projection.reason(population),
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
    """How many of the children will turn 18 within the year."""
    for series in projection.of(population, "turning_18"):
        last = series.points[-1]
        yield (
            f"About {words.number(last.central, 0)} of them will turn 18 by then, in 8 of 10 "
            f"futures between {words.number(last.low, 0)} and {words.number(last.high, 0)}."
        )


def _capacity(projection: Projection, month: Month) -> list[str]:
    """Whether and when the care leavers outgrow what the service's posts can hold."""
    sentences = []
    for label, capacity in _capacities(month).items():
        found = projection.crossing(capacity)
        if found is None:
            continue
        chance = f"{100 * found.probabilities[-1][1]:.0f}%"
        when = (
            f"is exceeded in {movement.month_name(found.month)}"
            if found.month
            else "is not exceeded within the year"
        )
        sentences.append(
            f"What the {label}, {words.number(found.capacity, 0)} cases, {when}; "
            f"that it is by the end of the twelve months has a chance of {chance}."
        )
    return sentences


def _capacities(month: Month) -> dict[str, float]:
    """How many cases the service's posts can hold, by what is counted."""
    tables = [t for topic in month.topics for t in topic.tables]
    rows = [row for t in tables if t.table_id == "care-leaver-capacity" for row in t.rows]
    found = {_CAPACITIES[row.label]: row.values[0] for row in rows if row.label in _CAPACITIES}
    return {label: value for label, value in found.items() if isinstance(value, float)}
