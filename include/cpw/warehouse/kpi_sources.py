"""Which KPIs can be computed from a set of statutory returns, and why the others cannot.

``seeds/indicators/kpi_sources.csv`` lists what every KPI needs from a return: the modules, how far
back the returns must reach, and the month-ends for which it can be computed. A KPI that returns
do not contain has no source: it never gets a figure, not even 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from cpw.contract.collection_year import year_of
from cpw.core.database import connect
from cpw.core.paths import seed_rows
from cpw.core.reporting_month import ReportingMonth

YEAR_ENDS = 3  # the month of March

MODULE_NAMES = {
    "header": "header",
    "episodes": "episodes",
    "reviews": "reviews",
    "uasc": "UASC",
    "oc2": "OC2",
    "oc3": "OC3",
    "ad1": "AD1",
    "placed_for_adoption": "placed for adoption",
    "missing": "missing",
    "sw_episodes": "SW episodes",
}


@dataclass(frozen=True)
class ReturnCoverage:
    """The years, modules and columns that a set of returns contains.

    Attributes:
        by_year: for each year the names of the return's modules, as in ``MODULE_NAMES``, and of
            the columns that have a value in some row, such as ``oc2.teeth_check``.
        unreadable: for each year the columns of which most cells could not be read.
    """

    by_year: Mapping[int, frozenset[str]]
    unreadable: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def lacking(self, wanted: Iterable[str], month: ReportingMonth, months: int) -> list[str]:
        """The wanted names that a return of the ``months`` months up to the month-end lacks."""
        years = [year for year in _years_over(month, months) if year in self.by_year]
        return [name for name in wanted if any(name not in self.by_year[y] for y in years)]

    def unreadable_over(self, month: ReportingMonth, months: int) -> frozenset[str]:
        """The columns that could not be read in a return of the ``months`` months."""
        years = _years_over(month, months)
        return frozenset().union(*(self.unreadable.get(year, frozenset()) for year in years))

    def modules(self, month: ReportingMonth) -> list[str]:
        """The modules that are in all returns of the twelve months up to the month-end."""
        return sorted(set(MODULE_NAMES) - set(self.lacking(MODULE_NAMES, month, 12)))

    def not_given(self, month: ReportingMonth) -> dict[str, str]:
        """The modules that a return of these months lacks, as they are called in words."""
        return {name: MODULE_NAMES[name] for name in self.lacking(MODULE_NAMES, month, 12)}

    def known_since(self, month: ReportingMonth) -> ReportingMonth | None:
        """The first month of the unbroken series of returns that ends with the month's own year.

        None if the return of the month's own year is missing.
        """
        year = year_of(month.as_at)
        if year not in self.by_year:
            return None
        while year - 1 in self.by_year:
            year -= 1
        return ReportingMonth(year - 1, 4)


def _years_over(month: ReportingMonth, months: int) -> range:
    """The collection years of the last ``months`` months, ending with the reporting month.

    0 means the year of the reporting month alone.
    """
    first = month.plus(1 - months) if months else month
    return range(year_of(first.as_at), year_of(month.as_at) + 1)


@dataclass(frozen=True)
class KpiSource:
    """What a KPI needs from a return; a line of ``seeds/indicators/kpi_sources.csv``.

    Attributes:
        kpi_id: the KPI.
        in_return: whether a return contains it; ``external`` is a published statistic.
        modules: the modules that it is computed from.
        columns: the columns of these modules that it requires, as ``module.column``.
        reaches_back: how many months, ending with the reporting month, the returns must cover; 0
            means the return of the month alone.
        uasc_reaches_back: the same, to find who was an unaccompanied child.
        march_only: whether it can be computed only for the month in which a return ends.
        is_national: whether the figure from a return follows the national definition.
        has_cohort: whether it is also published without unaccompanied children.
        difference: how the national and the local definition differ; empty if they do not.
        reason: why a return does not contain it; empty if a return does.
        feed: the tables of the contract to deliver for it.
        needs: the optional columns of the contract without which its figure tells nothing.
    """

    kpi_id: str
    in_return: Literal["yes", "no", "external"]
    modules: tuple[str, ...]
    columns: tuple[str, ...]
    reaches_back: int
    uasc_reaches_back: int
    march_only: bool
    is_national: bool
    has_cohort: bool
    difference: str
    reason: str
    feed: tuple[str, ...]
    needs: tuple[str, ...] = ()


@cache
def kpi_sources() -> tuple[KpiSource, ...]:
    """Every KPI's line of the seed, in its order."""
    return read_sources(seed_rows("kpi_sources"), seed_rows("kpi_catalogue"))


def read_sources(
    sources: Iterable[Mapping[str, str]], catalogue: Iterable[Mapping[str, str]]
) -> tuple[KpiSource, ...]:
    """The lines of ``kpi_sources``, each with the facts of its KPI in ``kpi_catalogue``."""
    known = {row["kpi_id"]: row for row in catalogue}
    return tuple(
        KpiSource(
            kpi_id=row["kpi_id"],
            in_return=row["ssda903"],  # type: ignore[arg-type]
            modules=tuple(row["modules"].split()),
            columns=tuple(row["columns"].split()),
            reaches_back=int(row["reaches_back_months"]),
            uasc_reaches_back=int(row["uasc_reaches_back_months"]),
            march_only=row["month_end"] == "march",
            is_national=row["figure"] == "national",
            has_cohort=known[row["kpi_id"]]["exc_uasc_cohort"] == "yes",
            difference=row["difference"],
            reason=row["reason"],
            feed=tuple(row["feed"].split()),
            needs=tuple(row["needs"].split()),
        )
        for row in sources
    )


def without_source(coverage: ReturnCoverage, month: ReportingMonth) -> dict[tuple[str, str], str]:
    """The KPIs and cohorts that cannot be computed from the returns for a month, with the reason.

    Args:
        coverage: the modules and years of the returns.
        month: the reporting month.

    Returns:
        By KPI and cohort (``all``, ``exc_uasc``) the reason in plain words. Published statistics
        are left out: they do not come from an authority's data.
    """
    found = {}
    for source in kpi_sources():
        if source.in_return == "external":
            continue
        reason = _reason(source, coverage, month)
        if reason:
            found[source.kpi_id, "all"] = reason
        if source.has_cohort:
            reason = reason or _reason_for_cohort(source, coverage, month)
            if reason:
                found[source.kpi_id, "exc_uasc"] = reason
    return found


def _reason(source: KpiSource, coverage: ReturnCoverage, month: ReportingMonth) -> str | None:
    if source.in_return == "no":
        return source.reason
    if absent := coverage.lacking(source.modules, month, source.reaches_back):
        return _not_given(absent)
    if empty := coverage.lacking(source.columns, month, source.reaches_back):
        return f"no row of the return has {' and '.join(c.split('.')[1].upper() for c in empty)}"
    if source.march_only and month.month != YEAR_ENDS:
        about = MODULE_NAMES[source.modules[-1]]
        return f"{about} is about 31 March: only that month has it"
    return _too_short(coverage, month, source.reaches_back)


def _reason_for_cohort(
    source: KpiSource, coverage: ReturnCoverage, month: ReportingMonth
) -> str | None:
    if absent := coverage.lacking(["uasc"], month, source.uasc_reaches_back):
        return _not_given(absent)
    reason = _too_short(coverage, month, source.uasc_reaches_back)
    return f"{reason}, to know who was an unaccompanied child" if reason else None


def _not_given(modules: list[str]) -> str:
    names = [MODULE_NAMES[module] for module in modules]
    if len(names) == 1:
        return f"the module {names[0]} was not given, or too little of it is valid"
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"the modules {listed} were not given, or too little of them is valid"


def _too_short(coverage: ReturnCoverage, month: ReportingMonth, months: int) -> str | None:
    """The sentence on the returns that are missing to cover the months; None if none is."""
    missing = [str(y) for y in _years_over(month, months) if y not in coverage.by_year]
    if not missing:
        return None
    if len(missing) == 1:
        return f"needs the return of {missing[0]} too"
    return f"needs the returns of {', '.join(missing[:-1])} and {missing[-1]} too"


def more_of_returns(coverage: ReturnCoverage, month: ReportingMonth) -> dict[str, list[str]]:
    """The KPIs that further returns or modules would add, by the reason they have no source now.

    Args:
        coverage: the modules and years of the returns.
        month: the reporting month.
    """
    in_return = {source.kpi_id for source in kpi_sources() if source.in_return == "yes"}
    found: dict[str, list[str]] = {}
    for (kpi_id, cohort), reason in without_source(coverage, month).items():
        if kpi_id in in_return and cohort == "all":
            found.setdefault(reason, []).append(kpi_id)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def not_in_returns() -> list[str]:
    """The KPIs that no return contains, in the seed's order."""
    return [source.kpi_id for source in kpi_sources() if source.in_return == "no"]


def to_feed(kpis: Iterable[str]) -> dict[str, list[str]]:
    """The tables to deliver for KPIs without a source.

    Args:
        kpis: ids of KPIs.

    Returns:
        For each table of the extract contract the KPIs that need it, in the seed's order; the
        table that most KPIs need comes first.
    """
    wanted = set(kpis)
    tables: dict[str, list[str]] = {}
    for source in kpi_sources():
        if source.kpi_id in wanted:
            for table in source.feed:
                tables.setdefault(table, []).append(source.kpi_id)
    return dict(sorted(tables.items(), key=lambda item: -len(item[1])))


def write_without_source(
    target: Path,
    reasons: Mapping[tuple[str, str], str],
    coverage: ReturnCoverage | None,
    month: ReportingMonth,
) -> None:
    """Write the facts on the source for the build: two Parquet files.

    Args:
        target: the file of KPIs without a source: ``kpi_id, cohort, reason``. Beside it goes
            ``return_coverage.parquet``: ``module, known_since``, with a row for each module and
            the first day that the returns cover; without rows for extracts.
        reasons: the KPIs and cohorts without a source, and why.
        coverage: what the returns contain; None if the month comes from extracts.
        month: the reporting month.
    """
    modules: list[tuple[object, ...]] = []
    if coverage:
        since = coverage.known_since(month) or month
        modules = [(module, since.first_day) for module in coverage.modules(month)]
    lines: list[tuple[object, ...]] = [(*of, why) for of, why in sorted(reasons.items())]
    _write(target, "kpi_id varchar, cohort varchar, reason varchar", lines)
    _write(target.with_name("return_coverage.parquet"), "module varchar, known_since date", modules)


def _write(target: Path, columns: str, rows: list[tuple[object, ...]]) -> None:
    with connect() as connection:
        connection.execute(f"create table lines ({columns})")
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f"insert into lines values ({marks})", rows)
        connection.execute(f"copy lines to '{target}' (format parquet)")
