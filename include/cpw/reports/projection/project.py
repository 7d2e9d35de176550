"""The next 12 months: children in care and care leavers, by age and by UASC.

In plain words: start from the children in care today. Each month those who turn 18 leave, and those
who turn 10 or 16 join the next age group (birthdays are spread evenly over the year). Children
enter as often as they did in the last 12 months, UASC and others apart; others leave before 18 with
the probability observed for their age group in the last 24. Those who turn 18 become the service's
cases; at each later birthday it keeps the share that its stock by age implies, and none at 25.

The central projection is this on average. The interval holds 8 in 10 simulated futures, in which
birthdays, entries and exits fall by chance, months differ from each other as much as they did, and
the rates themselves are only as sure as the counts behind them. The back-test stands at an earlier
month, projects from what had happened by then, and compares with what came.

The method is the standard cohort-component method of population projections (stock and flow); no
number in it is taken from a paper. A change that has not shown yet, such as a surge of arrivals, is
not foreseen: the back-test says what that cost before.
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
"""Months that are projected, and tested."""
ORIGINS = (12, 18, 24)
"""Months before the reporting month at which the back-tests stand."""
LOW_COVERAGE = 0.6
"""The share of tested months below which an interval that should hold 8 in 10 is too narrow."""

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
    """A row of the mart `population_flow`; None where the extract cannot tell."""

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
    """A group's points; the first is its stock in the reporting month.

    ``turning_18`` is no stock: it counts who turned 18 in care since the reporting month.
    """

    population: Population
    by: By
    group: str
    label: str
    points: tuple[ProjectedPoint, ...]

    @property
    def key(self) -> SeriesKey:
        """What it is of."""
        return self.population, self.by, self.group

    @property
    def stock(self) -> float:
        """How many there are now."""
        return self.points[0].central


@dataclass(frozen=True)
class TestedPoint:
    """A month of a back-test: what was projected, and what came."""

    month: str
    central: float
    low: float
    high: float
    observed: float

    @property
    def is_within(self) -> bool:
        """Whether what came lies in the interval."""
        return self.low <= self.observed <= self.high


@dataclass(frozen=True)
class BackTest:
    """A projection from ``origin``, of what had happened by then, against what came."""

    population: Population
    by: By
    group: str
    label: str
    origin: str
    points: tuple[TestedPoint, ...]

    @property
    def key(self) -> SeriesKey:
        """What it is of."""
        return self.population, self.by, self.group

    @property
    def mean_error_percent(self) -> float | None:
        """Mean absolute percentage error of the months; None if there was nobody in one."""
        if not all(p.observed for p in self.points):
            return None
        errors = [abs(p.central - p.observed) / p.observed for p in self.points]
        return 100 * sum(errors) / len(errors)

    @property
    def months_within(self) -> int:
        """In how many months the interval held what came."""
        return sum(p.is_within for p in self.points)


@dataclass(frozen=True)
class Crossing:
    """When care leavers exceed a capacity: centrally, and how probably at each month's end."""

    capacity: float
    month: str | None
    probabilities: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Projection:
    """The projection of a month; of a population without numbers there is a reason."""

    as_at: date
    series: tuple[Series, ...] = ()
    rates: tuple[Rate, ...] = ()
    back_tests: tuple[BackTest, ...] = ()
    assumptions: tuple[str, ...] = ()
    reasons: tuple[tuple[Population, str], ...] = ()
    totals: tuple[tuple[float, ...], ...] = field(default=(), repr=False)
    """All care leavers in each simulated future, by month; the first is the reporting month."""

    def reason(self, population: Population) -> str | None:
        """Why a population has no numbers; None where it has."""
        return dict(self.reasons).get(population)

    def of(self, population: Population, by: By = "all") -> tuple[Series, ...]:
        """The series of a population by nothing, UASC or age; or who turns 18."""
        return tuple(s for s in self.series if (s.population, s.by) == (population, by))

    def crossing(self, capacity: float) -> Crossing | None:
        """When care leavers exceed a capacity; None where they are not projected."""
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
    """The children's unbroken months up to ``end``."""
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
    """What is known of the care leavers: open cases, and how many turned 18, by month."""

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
        """New cases in each of the months, UASC or not; None where they are not known of all."""
        if not all(month in self._new for month in months):
            return None
        return np.stack([self._new[month] for month in months])

    def at(self, history: History) -> Leavers | None:
        """The cases at the end of a history; None where they are not known."""
        stock = self.stock.get(history.months[-1])
        if stock is None:
            return None
        return leavers_of(stock, history.turned, self.new(history.months))


def _without_age(flows: Sequence[Flow], end: ReportingMonth) -> tuple[str, ...]:
    if any(flow.age is None and flow.flow_month == str(end) and flow.stock_end for flow in flows):
        return ("Whose age is not known is not in the projection.",)
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
    """The numbers of one group, of stocks whose last dimensions are UASC and age group."""
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
    """A projection beside what came; None where that is not known of every month."""
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
    """What came, UASC or not and by age group, by the end of a month."""
    if series.by == "turning_18":
        since = series.points[0].month
        new = cases.new([known for known in history.months if since < known <= month])
        return None if new is None else new.sum(axis=0)[:, None]
    if series.population == CHILDREN:
        return by_age_group(history.closing[history.months.index(month)])
    stock = cases.stock.get(month)
    return None if stock is None else by_leaver_group(stock)


def _reliability(tests: Sequence[BackTest]) -> tuple[str, ...]:
    """How far the back-tests bear the intervals out."""
    said = []
    for population, who in ((CHILDREN, "children in care"), (LEAVERS, "care leavers")):
        totals = [t for t in tests if (t.population, t.by) == (population, "all")]
        if not totals:
            continue
        months = sum(len(t.points) for t in totals)
        within = sum(t.months_within for t in totals)
        verdict = f"The interval of all {who} held what came in {within} of {months} tested months"
        too_narrow = within < LOW_COVERAGE * months
        said.append(verdict + ("; read it as too narrow." if too_narrow else "."))
    return tuple(said)
