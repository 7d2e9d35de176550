"""Which KPIs have no source in a month, and why: one answer for extracts and returns.

A KPI has no source if the returns do not contain it (:mod:`cpw.warehouse.kpi_sources`), or if most
cells of a column that it needs could not be read (:mod:`cpw.contract.unreadable`): a figure made of
the few that could would tell of few children, and say nothing of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from cpw.contract.return_modules import modules
from cpw.contract.tables import contract
from cpw.core import audit
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.core.reporting_month import ReportingMonth
from cpw.quality.lineage import readers
from cpw.warehouse.kpi_sources import (
    MODULE_NAMES,
    KpiSource,
    ReturnCoverage,
    kpi_sources,
    without_source,
)
from cpw.warehouse.return_coverage import coverage

Reasons = dict[tuple[str, str], str]
"""By KPI and cohort (``all``, ``exc_uasc``), in plain words."""

END_OF_CARE = "ssd_cla_episodes.clae_cla_episode_ceased_date"
END_OF_UASC = "ssd_immigration_status.immi_immigration_status_end_date"
_MODULE, _ITEM = re.compile(r"\b[a-z]\w+(?=\.[A-Z])"), re.compile(r"\b[A-Z][A-Z_\d]+\b")


@dataclass(frozen=True)
class MonthSource:
    """What is known of a month's source.

    Attributes:
        month: the reporting month.
        coverage: what the returns contain; None if the month comes from extracts.
        unreadable: the columns of the extracts of which most cells could not be read.
    """

    month: ReportingMonth
    coverage: ReturnCoverage | None = None
    unreadable: frozenset[str] = field(default_factory=frozenset)

    def lost(self, kpi: KpiSource, columns: frozenset[str], months: int) -> list[str]:
        """Which columns that a KPI needs tell nothing, as a reader knows them.

        Args:
            kpi: the KPI.
            columns: the contract's columns that it needs.
            months: how many months the returns must cover for it.
        """
        if self.coverage is None:
            return [_in_words(column) for column in sorted(columns & self.unreadable)]
        unread = self.coverage.unreadable_over(self.month, months)
        return [
            f"{item.split('.')[1].upper()} in the module {MODULE_NAMES[item.split('.')[0]]}"
            for item in sorted(unread)
            if item in kpi.columns or columns & set(_made_from(item))
        ]


def source_of(home: Home, partition: Partition, accepted: Mapping[str, int]) -> MonthSource:
    """What is known of the source of a month.

    Args:
        home: the data home.
        partition: authority, month and source.
        accepted: the load version of each feed that counts.
    """
    columns: set[str] = set()
    for feed, version in accepted.items():
        event = audit.latest(home, partition, "feed_accepted", feed=feed, load_version=version)
        columns |= set((event or {}).get("unreadable", []))
    return MonthSource(partition.month, coverage(home, partition, accepted), frozenset(columns))


def no_source(source: MonthSource) -> Reasons:
    """The KPIs and cohorts that have no source in the month; published statistics are left out."""
    found = without_source(source.coverage, source.month) if source.coverage else {}
    for kpi in kpi_sources():
        if kpi.in_return == "external":
            continue
        columns, months = needed(kpi), kpi.reaches_back
        if lost := source.lost(kpi, columns, months):
            found.setdefault((kpi.kpi_id, "all"), _unreadable(lost))
        columns, months = columns | {END_OF_UASC}, max(months, kpi.uasc_reaches_back)
        if kpi.has_cohort and (lost := source.lost(kpi, columns, months)):
            found.setdefault((kpi.kpi_id, "exc_uasc"), _unreadable(lost))
    return found


@cache
def needed(kpi: KpiSource) -> frozenset[str]:
    """The optional columns without which a KPI's figure tells nothing.

    They are those that its YAML names. Who is in care follows from the ends of the episodes, in
    every KPI whose models read them; who is an unaccompanied child from the ends of that status, in
    every KPI that is fed with them.
    """
    table, column = END_OF_CARE.split(".")
    ends = {END_OF_CARE} if kpi.kpi_id in readers()[table][column] else set()
    ends |= {END_OF_UASC} if END_OF_UASC.split(".")[0] in kpi.feed else set()
    return frozenset(kpi.needs) | ends


def _unreadable(columns: Iterable[str]) -> str:
    return f"most cells of {' and of '.join(columns)} could not be read"


def _in_words(column: str) -> str:
    table, name = column.split(".")
    return f"{name} in {table}"


@cache
def _made_from(item: str) -> tuple[str, ...]:
    """The contract's columns that are made from a column of a module, such as ``oc2.sdq_score``."""
    module, column = item.split(".")
    becomes = next(m for m in modules().values() if m.short_name == module).becomes
    return tuple(
        f"{table.name}.{made.name}"
        for table in contract().tables
        if table.name in becomes
        for made in table.columns
        if module in _MODULE.findall(made.in_return or "")
        and column.upper() in _ITEM.findall(made.in_return or "")
    )
