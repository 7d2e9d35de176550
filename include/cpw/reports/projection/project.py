"""The next 12 months: children in care and care leavers, by age and by UASC.

The projection starts from the children in care today. Each month, those who turn 18 leave, and
those who turn 10 or 16 join the next age group. Children enter as often as in the last 12 months,
and leave before 18 with the probability observed for their age group in the last 24 months; UASC
and others are projected apart. Those who turn 18 become cases of the care leavers' service. At each
later birthday the share stays that the service's stock by age implies; at 25 nobody does.

The central projection is the mean of this. The interval contains 8 in 10 simulated futures. In
these, birthdays, entries and exits are drawn by chance, months differ from each other as much as
they did, and the rates are only as certain as the counts they come from. A back-test projects from
an earlier month, with only what had happened by then, and compares the result with what came.

This is the cohort-component method that population projections usually use; no number in it is
taken from a paper. A change that has not begun yet, such as a surge of arrivals, is not foreseen;
the back-tests show how far the method was wrong before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil, floor
from typing import Literal

import numpy as np

from cpw.core.reporting_month import ReportingMonth
from cpw.reports.projection.model import (
    ADULT,
    LEAVER_AGES,
    LEAVES_SERVICE,
    ByChance,
    History,
    Leavers,
    Numbers,
    OnAverage,
    ProjectedStocks,
    Rates,
    by_age_group,
    by_leaver_group,
    carry_forward,
    leavers_of,
    rates_of,
)
from cpw.reports.projection.rates import Rate, assumptions, rates_in_words

Population = Literal["children_in_care", "care_leavers"]
By = Literal["all", "uasc", "age", "turning_18"]
SeriesKey = tuple[Population, By, str]

CHILDREN: Population = "children_in_care"
LEAVERS: Population = "care_leavers"
RUNS = 500
SEED = 2018
LOW, HIGH = 0.1, 0.9
FEWEST_MONTHS = 12
AHEAD = 12
"""How many months are projected, and tested."""
ORIGINS = (12, 18, 24)
"""The back-tests start so many months before the reporting month."""
LOW_COVERAGE = 0.6
"""If fewer tested months than this share are within the interval, it is reported as too narrow."""

GROUPS: dict[Population, dict[By, tuple[tuple[str, str], ...]]] = {
    CHILDREN: {
        "all": (("all", "All children in care"),),
        "uasc": (("uasc", "UASC"), ("exc_uasc", "Other children")),
        "age": (("under_10", "Under 10"), ("10_15", "10-15"), ("16_17", "16-17")),
        "turning_18": (("turning_18", "Children turning 18 from now on"),),
    },
    LEAVERS: {
        "all": (("all", "All care leavers aged 18 to 24"),),
        "uasc": (("uasc", "Former UASC"), ("exc_uasc", "Other care leavers")),
        "age": (("18_20", "18-20"), ("21_24", "21-24")),
    },
}


@dataclass(frozen=True)
class Flow:
    """A row of the mart `population_flow`; None where the extract does not have the number."""

    population: str
    flow_month: str
    age: int | None
    is_uasc: bool
    stock_start: int | None
    entries: int | None
    exits: int | None
    stock_end: int | None


@dataclass(frozen=True)
class ProjectedPoint:
    """A month's end (``YYYY-MM``): the central projection and the interval of 8 in 10 futures."""

    month: str
    central: float
    low: float
    high: float


@dataclass(frozen=True)
class Series:
    """A group's projected points; the first is its stock in the reporting month.

    ``turning_18`` is not a stock: it counts those who turned 18 in care since the reporting month.
    """

    population: Population
    by: By
    group: str
    label: str
    points: tuple[ProjectedPoint, ...]

    @property
    def key(self) -> SeriesKey:
        """Its population, division and group."""
        return self.population, self.by, self.group

    @property
    def stock(self) -> float:
        """The number in the reporting month."""
        return self.points[0].central


@dataclass(frozen=True)
class TestedPoint:
    """A month of a back-test: the projection, and the number observed later."""

    month: str
    central: float
    low: float
    high: float
    observed: float

    @property
    def is_within(self) -> bool:
        """Whether the observed number lies in the interval."""
        return self.low <= self.observed <= self.high


@dataclass(frozen=True)
class BackTest:
    """A projection from the month ``origin``, compared with the numbers observed later."""

    population: Population
    by: By
    group: str
    label: str
    origin: str
    points: tuple[TestedPoint, ...]

    @property
    def key(self) -> SeriesKey:
        """Its population, division and group."""
        return self.population, self.by, self.group

    @property
    def mean_error_percent(self) -> float | None:
        """The mean absolute percentage error of the months; None if one had nobody."""
        if not all(p.observed for p in self.points):
            return None
        errors = [abs(p.central - p.observed) / p.observed for p in self.points]
        return 100 * sum(errors) / len(errors)

    @property
    def months_within(self) -> int:
        """In how many months the observed number lies in the interval."""
        return sum(p.is_within for p in self.points)


@dataclass(frozen=True)
class Crossing:
    """When care leavers exceed a capacity.

    ``month`` is the first month in which the central projection does, None if none does;
    ``probabilities`` has the probability at each month's end.
    """

    capacity: float
    month: str | None
    probabilities: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Projection:
    """The projection from a month; a population without numbers has a reason instead."""

    as_at: date
    series: tuple[Series, ...] = ()
    rates: tuple[Rate, ...] = ()
    back_tests: tuple[BackTest, ...] = ()
    assumptions: tuple[str, ...] = ()
    reasons: tuple[tuple[Population, str], ...] = ()
    totals: tuple[tuple[float, ...], ...] = field(default=(), repr=False)
    """All care leavers in each simulated future, by month; the first is the reporting month."""

    def reason(self, population: Population) -> str | None:
        """Why a population has no numbers; None where it has some."""
        return dict(self.reasons).get(population)

    def of(self, population: Population, by: By = "all") -> tuple[Series, ...]:
        """The series of a population: the whole, by UASC, by age, or those turning 18."""
        return tuple(s for s in self.series if (s.population, s.by) == (population, by))

    def crossing(self, capacity: float) -> Crossing | None:
        """When care leavers exceed a capacity; None if care leavers are not projected."""
        found = self.of(LEAVERS)
        if not found:
            return None
        points = found[0].points
        beyond = [p.month for p in points if p.central > capacity]
        chances = (sum(n > capacity for n in month) / len(month) for month in self.totals)
        months = (p.month for p in points)
        probabilities = tuple(zip(months, chances, strict=True))
        return Crossing(capacity, beyond[0] if beyond else None, probabilities)


def project(flows: Sequence[Flow], as_at: date) -> Projection:
    """Project the children in care and the care leavers twelve months ahead."""
    end = ReportingMonth(as_at.year, as_at.month)
    history = _history(flows, end)
    if len(history.months) < FEWEST_MONTHS:
        reason = (
            f"The movements of children in care are known for {len(history.months)} months up to "
            f"{as_at:%B %Y}; a projection needs {FEWEST_MONTHS}."
        )
        return Projection(as_at, reasons=((CHILDREN, reason), (LEAVERS, reason)))
    cases = _Cases(flows)
    leavers = cases.at(history)
    rates = rates_of(history, leavers)
    central, futures = _runs(history, rates)
    tests = _back_tests(history, cases)
    tested = any(test.population == LEAVERS for test in tests)
    no_cases = f"No open cases of care leavers aged 18 to 24 are known for {as_at:%B %Y}."
    return Projection(
        as_at,
        series=_series(central, futures, end),
        rates=rates_in_words(rates),
        back_tests=tests,
        assumptions=(
            *assumptions(len(history.months), leavers is not None, tested),
            *_without_age(flows, end),
            *_reliability(tests),
        ),
        reasons=() if leavers else ((LEAVERS, no_cases),),
        totals=_totals(futures),
    )


def _history(flows: Sequence[Flow], end: ReportingMonth) -> History:
    """The history of children in care, over the months up to ``end`` without a gap."""
    rows = [flow for flow in flows if flow.population == CHILDREN]
    known = {row.flow_month for row in rows}
    month, months = end, list[str]()
    while str(month) in known:
        months.insert(0, str(month))
        month = month.plus(-1)
    places = {month: index for index, month in enumerate(months)}
    counts = np.zeros((4, len(months), 2, ADULT))
    for row in rows:
        if row.flow_month in places and row.age is not None:
            age = min(max(row.age, 0), ADULT - 1)
            counts[:, places[row.flow_month], int(row.is_uasc), age] += [
                number or 0 for number in (row.stock_start, row.entries, row.exits, row.stock_end)
            ]
    return History(tuple(months), *counts)


class _Cases:
    """What is known about care leavers, by month: open cases, and how many turned 18."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        self.stock: dict[str, Numbers] = {}
        self._new: dict[str, Numbers] = {}
        for flow in flows:
            if flow.population != LEAVERS or flow.age is None:
                continue
            if flow.stock_end is not None and ADULT <= flow.age < LEAVES_SERVICE:
                stock = self.stock.setdefault(flow.flow_month, np.zeros((2, LEAVER_AGES)))
                stock[int(flow.is_uasc), flow.age - ADULT] += flow.stock_end
            if flow.entries is not None and flow.age == ADULT:
                new = self._new.setdefault(flow.flow_month, np.zeros(2))
                new[int(flow.is_uasc)] += flow.entries

    def new(self, months: Sequence[str]) -> Numbers | None:
        """New cases by month and UASC; None if they are not known for every month."""
        if not all(month in self._new for month in months):
            return None
        return np.stack([self._new[month] for month in months])

    def at(self, history: History) -> Leavers | None:
        """The cases at the end of a history; None if they are not known."""
        stock = self.stock.get(history.months[-1])
        if stock is None:
            return None
        return leavers_of(stock, history.turned, self.new(history.months))


def _without_age(flows: Sequence[Flow], end: ReportingMonth) -> tuple[str, ...]:
    if any(flow.age is None and flow.flow_month == str(end) and flow.stock_end for flow in flows):
        return ("People whose age is not known are not in the projection.",)
    return ()


def _runs(history: History, rates: Rates) -> tuple[ProjectedStocks, ProjectedStocks]:
    """The central projection, and the simulated futures."""
    central = carry_forward(history, rates, AHEAD, OnAverage())
    return central, carry_forward(history, rates, AHEAD, ByChance(RUNS, SEED))


def _numbers(of: ProjectedStocks, population: Population, by: By) -> Numbers | None:
    if by == "turning_18":
        return of.turned
    return of.children if population == CHILDREN else of.leavers


def _of_group(stocks: Numbers, by: By, place: int) -> Numbers:
    """The numbers of one group, from stocks whose last dimensions are UASC and age group."""
    numbers: Numbers
    if by in ("all", "turning_18"):
        numbers = stocks.sum(axis=(-2, -1))
    elif by == "uasc":
        numbers = stocks[..., 1 - place, :].sum(axis=-1)
    else:
        numbers = stocks[..., place].sum(axis=-1)
    return numbers


def _series(
    central: ProjectedStocks, futures: ProjectedStocks, end: ReportingMonth
) -> tuple[Series, ...]:
    found = []
    for population, divisions in GROUPS.items():
        for by, groups in divisions.items():
            means, runs = _numbers(central, population, by), _numbers(futures, population, by)
            if means is None or runs is None:
                continue
            for place, (group, label) in enumerate(groups):
                numbers = _of_group(means, by, place), _of_group(runs, by, place)
                points = _points(*numbers, end)
                found.append(Series(population, by, group, label, points))
    return tuple(found)


def _points(means: Numbers, runs: Numbers, end: ReportingMonth) -> tuple[ProjectedPoint, ...]:
    lows = np.quantile(runs, LOW, axis=1, method="lower")
    highs = np.quantile(runs, HIGH, axis=1, method="higher")
    points = []
    for ahead, (mean, low, high) in enumerate(zip(means[:, 0], lows, highs, strict=True)):
        central = round(float(mean), 6)
        interval = min(float(low), floor(central)), max(float(high), ceil(central))
        points.append(ProjectedPoint(str(end.plus(ahead)), central, *interval))
    return tuple(points)


def _totals(futures: ProjectedStocks) -> tuple[tuple[float, ...], ...]:
    if futures.leavers is None:
        return ()
    return tuple(tuple(month) for month in futures.leavers.sum(axis=(2, 3)).tolist())


def _back_tests(history: History, cases: _Cases) -> tuple[BackTest, ...]:
    """A back-test of every group at every origin with a year of history before it."""
    tests: list[BackTest] = []
    for back in ORIGINS:
        known = len(history.months) - back
        if known < FEWEST_MONTHS:
            break
        then = history.to(known)
        rates = rates_of(then, cases.at(then))
        series = _series(*_runs(then, rates), ReportingMonth.parse(then.months[-1]))
        tests += [test for one in series if (test := _compared(one, history, cases)) is not None]
    return tuple(tests)


def _compared(series: Series, history: History, cases: _Cases) -> BackTest | None:
    """A projection with the observed numbers; None if one of them is not known."""
    origin, *ahead = series.points
    groups = [group for group, _ in GROUPS[series.population][series.by]]
    tested = []
    for point in ahead:
        stock = _observed(series, point.month, history, cases)
        if stock is None:
            return None
        number = float(_of_group(stock, series.by, groups.index(series.group)))
        tested.append(TestedPoint(point.month, point.central, point.low, point.high, number))
    return BackTest(*series.key, series.label, origin.month, tuple(tested))


def _observed(series: Series, month: str, history: History, cases: _Cases) -> Numbers | None:
    """The number observed at the end of a month, by UASC and age group."""
    if series.by == "turning_18":
        since = series.points[0].month
        new = cases.new([known for known in history.months if since < known <= month])
        return None if new is None else new.sum(axis=0)[:, None]
    if series.population == CHILDREN:
        return by_age_group(history.closing[history.months.index(month)])
    stock = cases.stock.get(month)
    return None if stock is None else by_leaver_group(stock)


def _reliability(tests: Sequence[BackTest]) -> tuple[str, ...]:
    """How often the back-tests found the observed number in the interval, a sentence each."""
    sentences = []
    for population, who in ((CHILDREN, "children in care"), (LEAVERS, "care leavers")):
        totals = [t for t in tests if (t.population, t.by) == (population, "all")]
        if not totals:
            continue
        months = sum(len(t.points) for t in totals)
        within = sum(t.months_within for t in totals)
        ending = "; it is probably too narrow." if within < LOW_COVERAGE * months else "."
        sentences.append(
            f"The interval of all {who} contained the number counted later in {within} of {months} "
            f"tested months{ending}"
        )
    return tuple(sentences)
