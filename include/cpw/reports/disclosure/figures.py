"""The published figures of indicators as counts of people, month by month.

A figure without UASC counts some of the people of the figure with them. A figure of a year to date
includes the people of the earlier months of that year, so that the difference between two months
is a count of people too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import duckdb

from cpw.core.editions import check_edition
from cpw.core.partition import Partition
from cpw.core.paths import seed_rows
from cpw.core.reporting_month import ReportingMonth
from cpw.core.sql import read_sql
from cpw.reports.disclosure.known_facts import CellCount, CellKey, CellStatus, KnownFacts
from cpw.reports.disclosure.relations import add_relations
from cpw.reports.disclosure.suppression import suppress

_FIGURES = Path(__file__).with_name("sql") / "figures.sql"
UASC = "UASC"
GROUP_RANK, PRINTED_GROUP_RANK, ROW_RANK, CIC_GROUP_RANK, TOTAL_RANK = range(5)
_FIGURE_RANKS = {(False, "exc_uasc"): 5, (False, "all"): 6, (True, "exc_uasc"): 7, (True, "all"): 8}
"""By whether the scorecard prints the indicator, and by cohort."""

APRIL, SEPTEMBER = 4, 9
_YEAR_STARTS = {
    "re_entry_within_24m": APRIL,
    "sdq_average": APRIL,
    "missing_over_48h_ytd": APRIL,
    "plan_changed_from_adoption": APRIL,
    "permanent_exclusions_acytd": SEPTEMBER,
    "ehcp_issued_within_20_weeks": SEPTEMBER,
}
"""Indicators of a year to date in every edition: the month in which that year starts."""

_SUBJECTS_OF_EDITION_WINDOW = (
    *("review", "period_of_care", "missing_episode", "permanence", "adoption_plan"),
    "care_leaver_birthday",
)
"""Subjects counted over the edition's window: a financial year to date if that is named ``YTD``."""

MONTH_AND_YEAR = ("missing_over_48h_in_month", "missing_over_48h_ytd")
"""An indicator of the month, and the one that sums its months over the financial year."""


@dataclass(frozen=True)
class PublishedFigure:
    """The published figure of an indicator for a month (``YYYY-MM``) and a cohort."""

    month: str
    kpi_id: str
    cohort: str
    unit: str
    subject: str | None
    numerator: float | None
    denominator: float | None
    is_printed: bool
    """Whether the month's scorecard prints the indicator."""

    @property
    def key(self) -> CellKey:
        """Its cell."""
        return figure_key(self.month, self.kpi_id, self.cohort)

    @property
    def counts(self) -> tuple[int, ...] | None:
        """Its counts of people, see :func:`counts_of`."""
        return counts_of(self.unit, self.subject, self.numerator, self.denominator)


def figure_key(month: str, kpi_id: str, cohort: str) -> CellKey:
    """The cell of a figure."""
    return ("figure", month, kpi_id, cohort)


def group_key(kpi_id: str, dimension: str, value: str) -> CellKey:
    """The cell of a group in a breakdown."""
    return ("group", kpi_id, dimension, value)


def counts_of(
    unit: str, subject: str | None, numerator: float | None, denominator: float | None
) -> tuple[int, ...] | None:
    """The counts of people that a figure shows.

    - percentage: people in the numerator, people outside it, people in the denominator
    - mean: people in the denominator
    - count, rate, caseload: people in the numerator

    Returns None for figures that count no people: posts and published statistics.
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
    facts: KnownFacts,
    key: CellKey,
    counts: tuple[int, ...],
    rank: int,
    status: CellStatus = "undecided",
) -> None:
    """Add a figure's cell; the numerator of a percentage and the rest sum to the denominator."""
    facts.add_cell(key, *counts, rank=rank, status=status)
    if len(counts) == 3:
        facts.add_total(CellCount(key, 2), [CellCount(key, 0), CellCount(key, 1)])


def read_figures(
    connection: duckdb.DuckDBPyConnection, partition: Partition
) -> list[PublishedFigure]:
    """Every computed figure published for a month or an earlier one, the earliest month first."""
    rows = connection.execute(
        read_sql(_FIGURES), {"authority": partition.authority, "month": str(partition.month)}
    ).fetchall()
    return [PublishedFigure(*row) for row in rows]


def year_start(kpi_id: str, subject: str | None, month: str) -> str | None:
    """The first month of the year that an indicator counts up to ``month``.

    None for an indicator that is not counted over a year to date in that month's edition.
    """
    starts = _YEAR_STARTS.get(kpi_id)
    if starts is None and subject in _SUBJECTS_OF_EDITION_WINDOW and kpi_id != MONTH_AND_YEAR[0]:
        edition = check_edition(ReportingMonth.parse(month))
        starts = APRIL if _window_names()[edition] == "YTD" else None
    return None if starts is None else first_month_of_year(month, starts)


def first_month_of_year(month: str, starts: int) -> str:
    """The first month of the year in which a month lies; ``starts`` is its number, 1 to 12."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year if number >= starts else year - 1}-{starts:02}"


@cache
def _window_names() -> dict[str, str]:
    return {row["edition"]: row["window_name"] for row in seed_rows("editions")}


class FigureSuppression:
    """Which figures are withheld in the public edition of each month.

    The months are decided in order of time. What an earlier edition showed or withheld is a fact
    for the months after it.
    """

    def __init__(self, figures: Sequence[PublishedFigure]) -> None:
        """Decide every month, the earliest first."""
        self._by_month: dict[str, list[PublishedFigure]] = defaultdict(list)
        for figure in figures:
            if figure.counts is not None:
                self._by_month[figure.month].append(figure)
        self._hidden: dict[str, set[tuple[str, str]]] = {}
        for month in self._by_month:
            suppression = suppress(self.facts(month))
            self._hidden[month] = {
                (figure.kpi_id, figure.cohort)
                for figure in self._by_month[month]
                if figure.key in suppression.hidden
            }

    def is_hidden(self, month: str, kpi_id: str, cohort: str = "all") -> bool:
        """Whether a month's edition withholds a figure."""
        return (kpi_id, cohort) in self._hidden.get(month, set())

    def facts(self, month: str) -> KnownFacts:
        """What a reader knows of a month's figures.

        Figures of a year to date come with the earlier figures they are compared with. Figures of
        months that are decided are shown or hidden as in their own edition.
        """
        facts = KnownFacts()
        figures = self._by_month[month]
        for figure in figures:
            self._add(facts, figure)
        _add_cohorts(facts, month, figures)
        for cohort in ("all", "exc_uasc", UASC):
            add_relations(facts, partial(figure_key, month), cohort)
        for figure in figures:
            if start := year_start(figure.kpi_id, figure.subject, month):
                self._add_year_to_date(facts, figure, start)
        return facts

    def _add(self, facts: KnownFacts, figure: PublishedFigure) -> None:
        if figure.key in facts or (counts := figure.counts) is None:
            return
        status: CellStatus = "undecided"
        if figure.month in self._hidden:
            is_hidden = self.is_hidden(figure.month, figure.kpi_id, figure.cohort)
            status = "hidden" if is_hidden else "shown"
        rank = _FIGURE_RANKS[figure.is_printed, figure.cohort]
        add_figure(facts, figure.key, counts, rank, status)

    def _add_year_to_date(self, facts: KnownFacts, figure: PublishedFigure, start: str) -> None:
        """Add how a figure of a year to date differs from those of the year's earlier months.

        One of them is also the sum of another indicator's months, see ``MONTH_AND_YEAR``.
        """
        earlier = self._between(figure.kpi_id, figure.cohort, start, figure.month)
        for one in self._compared(earlier):
            self._add(facts, one)
            _add_differences(facts, one.key, figure.key)
        if figure.kpi_id != MONTH_AND_YEAR[1]:
            return
        years = [*earlier, figure]
        months = self._between(
            MONTH_AND_YEAR[0], figure.cohort, start, figure.month, with_last=True
        )
        for one in (*years, *months):
            self._add(facts, one)
        for before, year in zip([None, *years], years, strict=False):
            _add_sum_of_months(facts, before, year, months)

    def _compared(self, earlier: Sequence[PublishedFigure]) -> list[PublishedFigure]:
        """The earlier figures that were withheld, and the last one that was shown."""
        withheld = [e for e in earlier if self.is_hidden(e.month, e.kpi_id, e.cohort)]
        return [*withheld, *[e for e in earlier if e not in withheld][-1:]]

    def _between(
        self, kpi_id: str, cohort: str, first: str, end: str, *, with_last: bool = False
    ) -> list[PublishedFigure]:
        """An indicator's figures from a first month to an end, which is included on demand."""
        return [
            figure
            for month, figures in self._by_month.items()
            if first <= month < end or (with_last and month == end)
            for figure in figures
            if (figure.kpi_id, figure.cohort) == (kpi_id, cohort)
        ]


def _add_sum_of_months(
    facts: KnownFacts,
    before: PublishedFigure | None,
    year: PublishedFigure,
    months: Sequence[PublishedFigure],
) -> None:
    """Add that a year to date is an earlier year to date and the single months since then."""
    since = before.month if before else ""
    parts = [month for month in months if since < month.month <= year.month]
    known = [before, *parts] if before else parts
    facts.add_total(CellCount(year.key), [CellCount(part.key) for part in known])


def _add_differences(facts: KnownFacts, one: CellKey, other: CellKey) -> None:
    """Add the differences between two figures: of the numerators, and of the people outside."""
    places = min(len(facts.counts(one)), len(facts.counts(other)), 2)
    for place in range(places):
        facts.add_difference(CellCount(one, place), CellCount(other, place))


def _add_cohorts(facts: KnownFacts, month: str, figures: Iterable[PublishedFigure]) -> None:
    """Add that a figure is the figure without UASC and the figure of UASC, which no table shows.

    Where an indicator counts no UASC, its two cohorts are the same people.
    """
    for figure in figures:
        without, whole = figure.key, figure_key(month, figure.kpi_id, "all")
        if figure.cohort == "all" or without not in facts or whole not in facts:
            continue
        pairs = zip(facts.counts(whole), facts.counts(without), strict=True)
        counts = tuple(one - other for one, other in pairs)
        if not any(counts):
            for place in range(len(counts)):
                facts.add_same(CellCount(whole, place), CellCount(without, place))
        elif min(counts) >= 0:
            uasc = figure_key(month, figure.kpi_id, UASC)
            add_figure(facts, uasc, counts, _FIGURE_RANKS[False, "exc_uasc"], "hidden")
            for place in range(min(len(counts), 2)):
                facts.add_total(
                    CellCount(whole, place), [CellCount(without, place), CellCount(uasc, place)]
                )
