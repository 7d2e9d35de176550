"""The counts of people behind the figures of a month, and what a reader knows of them.

A figure without UASC lies within the one with them. Where a window accumulates, the month's figure
holds those of the months before it in the same financial or academic year, and what came between
is a count too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import duckdb

from cpw.core.editions import check_edition
from cpw.core.partition import Partition
from cpw.core.paths import seed_rows
from cpw.core.reporting_month import ReportingMonth
from cpw.reports.disclosure.relations import relate
from cpw.reports.disclosure.suppression import Count, Key, Registry, Standing

UASC = "UASC"
GROUP_RANK, PRINTED_GROUP_RANK, ROW_RANK, CIC_GROUP_RANK, TOTAL_RANK = range(5)
_FIGURE_RANKS = {(False, "exc_uasc"): 5, (False, "all"): 6, (True, "exc_uasc"): 7, (True, "all"): 8}

APRIL, SEPTEMBER = 4, 9
_YEARS = {
    "re_entry_within_24m": APRIL,
    "sdq_average": APRIL,
    "missing_over_48h_ytd": APRIL,
    "plan_changed_from_adoption": APRIL,
    "permanent_exclusions_acytd": SEPTEMBER,
    "ehcp_issued_within_20_weeks": SEPTEMBER,
}
"""The month in which the year of a window begins that accumulates in every edition."""

_OF_THE_WINDOW = (
    *("review", "period_of_care", "missing_episode", "permanence", "adoption_plan"),
    "care_leaver_birthday",
)
"""Subjects of the edition's own window, which accumulates where its name is ``YTD``."""

MONTH_AND_YEAR = ("missing_over_48h_in_month", "missing_over_48h_ytd")
"""A month's count, and that of the year's months together."""


@dataclass(frozen=True)
class Result:
    """A published figure: an indicator's in a month and cohort."""

    month: str
    kpi_id: str
    cohort: str
    unit: str
    subject: str | None
    numerator: float | None
    denominator: float | None
    is_printed: bool

    @property
    def key(self) -> Key:
        """Its cell."""
        return figure_key(self.month, self.kpi_id, self.cohort)

    @property
    def counts(self) -> tuple[int, ...] | None:
        """The people in it."""
        return counts_of(self.unit, self.subject, self.numerator, self.denominator)


def figure_key(month: str, kpi_id: str, cohort: str) -> Key:
    """The cell of a figure."""
    return ("figure", month, kpi_id, cohort)


def group_key(kpi_id: str, dimension: str, value: str) -> Key:
    """The cell of a breakdown's group."""
    return ("group", kpi_id, dimension, value)


def counts_of(
    unit: str, subject: str | None, numerator: float | None, denominator: float | None
) -> tuple[int, ...] | None:
    """The people in a figure; none where it is of no people (posts, published statistics).

    Of a percentage those in the numerator, those not in it, and both together; of a mean those
    measured; of a rate or a caseload those in the numerator.
    """
    if subject == "post" or unit == "external" or numerator is None:
        return None
    if unit in ("count", "rate_per_10000") or subject == "aggregate":
        return (round(numerator),)
    if denominator is None:
        return None
    whole = round(denominator)
    return (round(numerator), whole - round(numerator), whole) if unit == "percent" else (whole,)


def add_figure(
    registry: Registry, key: Key, counts: tuple[int, ...], rank: int, standing: Standing = "free"
) -> None:
    """Register a figure's cell: of a percentage, numerator and remainder make up the whole."""
    registry.add(key, *counts, rank=rank, standing=standing)
    if len(counts) == 3:
        registry.total(Count(key, 2), [Count(key, 0), Count(key, 1)])


def read_results(connection: duckdb.DuckDBPyConnection, partition: Partition) -> list[Result]:
    """Every computed figure that is published up to a month, by month."""
    rows = connection.execute(
        """
        select
            r.month, r.kpi_id, r.cohort, k.unit, k.subject,
            cast(r.numerator as double), cast(r.denominator as double), s.kpi_id is not null
        from marts.kpi_result as r
        inner join marts.dim_kpi as k using (authority, month, kpi_id)
        left join marts.scorecard as s using (authority, month, kpi_id)
        where r.authority = ? and r.month <= ? and r.status = 'computed'
        order by r.month, r.kpi_id, r.cohort
        """,
        [partition.authority, str(partition.month)],
    ).fetchall()
    return [Result(*row) for row in rows]


def year_of(kpi_id: str, subject: str | None, month: str) -> str | None:
    """The first month of the year over which an indicator's window accumulates in a month."""
    begins = _YEARS.get(kpi_id)
    if begins is None and subject in _OF_THE_WINDOW and kpi_id != MONTH_AND_YEAR[0]:
        begins = APRIL if _windows()[check_edition(ReportingMonth.parse(month))] == "YTD" else None
    return None if begins is None else first_month(month, begins)


def first_month(month: str, begins: int) -> str:
    """The first month of the year a month lies in."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year if number >= begins else year - 1}-{begins:02}"


@cache
def _windows() -> dict[str, str]:
    return {row["edition"]: row["window_name"] for row in seed_rows("editions")}


class Months:
    """The figures of one month after the other, each withheld by what was shown before."""

    def __init__(self, results: Sequence[Result]) -> None:
        """Decide every month, the earliest first."""
        self._by_month: dict[str, list[Result]] = defaultdict(list)
        for result in results:
            if result.counts is not None:
                self._by_month[result.month].append(result)
        self.hidden: dict[str, set[tuple[str, str]]] = {}
        for month in self._by_month:
            solution = self.registry(month).solve()
            self.hidden[month] = {
                (result.kpi_id, result.cohort)
                for result in self._by_month[month]
                if result.key in solution.hidden
            }

    def is_hidden(self, month: str, kpi_id: str, cohort: str = "all") -> bool:
        """Whether a figure is withheld in its month's edition."""
        return (kpi_id, cohort) in self.hidden.get(month, set())

    def registry(self, month: str) -> Registry:
        """A month's figures, and the earlier ones that its accumulating windows hold.

        Figures of a month that is decided stand as they are.
        """
        registry = Registry()
        results = self._by_month[month]
        for result in results:
            self._add(registry, result)
        _relate_cohorts(registry, month, results)
        for cohort in ("all", "exc_uasc", UASC):
            relate(registry, partial(figure_key, month), cohort)
        for result in results:
            if year := year_of(result.kpi_id, result.subject, month):
                self._accumulate(registry, result, year)
        return registry

    def _add(self, registry: Registry, result: Result) -> None:
        if result.key in registry or (counts := result.counts) is None:
            return
        standing: Standing = "free"
        if result.month in self.hidden:
            is_hidden = self.is_hidden(result.month, result.kpi_id, result.cohort)
            standing = "hidden" if is_hidden else "shown"
        rank = _FIGURE_RANKS[result.is_printed, result.cohort]
        add_figure(registry, result.key, counts, rank, standing)

    def _accumulate(self, registry: Registry, result: Result, year: str) -> None:
        """A figure holds those of the year's earlier months, and a month's its own."""
        held = [*self._of_year(result.kpi_id, result.cohort, year, result.month), result]
        for earlier in self._compared(held[:-1]):
            self._add(registry, earlier)
            _apart(registry, earlier.key, result.key)
        if result.kpi_id != MONTH_AND_YEAR[1]:
            return
        of_month = self._of_year(MONTH_AND_YEAR[0], result.cohort, year, result.month, last=True)
        for one in (*held, *of_month):
            self._add(registry, one)
        for since, until in zip([None, *held], held, strict=False):
            _add_up(registry, since, until, of_month)

    def _compared(self, earlier: Sequence[Result]) -> list[Result]:
        """Of a year's earlier months the one shown last, and those withheld."""
        withheld = [e for e in earlier if self.is_hidden(e.month, e.kpi_id, e.cohort)]
        return [*withheld, *[e for e in earlier if e not in withheld][-1:]]

    def _of_year(
        self, kpi_id: str, cohort: str, first: str, until: str, *, last: bool = False
    ) -> list[Result]:
        return [
            result
            for month, results in self._by_month.items()
            if first <= month < until or (last and month == until)
            for result in results
            if (result.kpi_id, result.cohort) == (kpi_id, cohort)
        ]


def _add_up(
    registry: Registry, since: Result | None, until: Result, of_month: Sequence[Result]
) -> None:
    """What a year held, and its months since, are what it holds."""
    between = [m for m in of_month if m.month <= until.month]
    parts = [since, *(m for m in between if m.month > since.month)] if since else between
    registry.total(Count(until.key), [Count(part.key) for part in parts])


def _apart(registry: Registry, one: Key, other: Key) -> None:
    """Two figures' people in the numerator, and not in it, lie apart."""
    places = min(len(registry.counts(one)), len(registry.counts(other)), 2)
    for place in range(places):
        registry.apart(Count(one, place), Count(other, place))


def _relate_cohorts(registry: Registry, month: str, results: Iterable[Result]) -> None:
    """A figure is that without UASC and theirs, which nobody prints; where none is, it is both."""
    for result in results:
        without, whole = result.key, figure_key(month, result.kpi_id, "all")
        if result.cohort == "all" or without not in registry or whole not in registry:
            continue
        pairs = zip(registry.counts(whole), registry.counts(without), strict=True)
        counts = tuple(one - other for one, other in pairs)
        if not any(counts):
            for place in range(len(counts)):
                registry.same(Count(whole, place), Count(without, place))
        elif min(counts) >= 0:
            theirs = figure_key(month, result.kpi_id, UASC)
            add_figure(registry, theirs, counts, _FIGURE_RANKS[False, "exc_uasc"], "hidden")
            for place in range(min(len(counts), 2)):
                registry.total(Count(whole, place), [Count(without, place), Count(theirs, place)])
