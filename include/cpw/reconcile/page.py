"""The comparison as one HTML page that fetches nothing, runs nothing and prints well.

Counts only, small ones among them: it is restricted. Who they are is in the list of children.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from cpw.core import html_page
from cpw.core.authorities import authorities
from cpw.core.files import make_private, written_whole
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.reconcile.causes import CAUSES
from cpw.reconcile.compare import Comparison
from cpw.warehouse.kpi_sources import kpi_sources

COHORTS = {
    "cic": "children in care at the month's end",
    "uasc": "unaccompanied asylum seeking children among them",
}
OF_COHORT = {"all": "", "exc_uasc": "without UASC", "uasc": "UASC alone"}


def page_file(home: Home, partition: Partition) -> Path:
    """Where the month's page is."""
    return home.month(partition).restricted_reports / "reconciliation.html"


def write(home: Home, comparison: Comparison) -> Path:
    """Write the page of a comparison."""
    text = _template().render(
        found=comparison,
        partition=comparison.partition,
        authority=authorities()[comparison.partition.authority].name,
        cohort_names=COHORTS,
        of_cohort=OF_COHORT,
        cause_names=CAUSES,
        notes={source.kpi_id: source.difference for source in kpi_sources() if source.is_national},
        differing=[line for line in comparison.indicators if line.differences],
    )
    target = page_file(home, comparison.partition)
    make_private(target.parent)
    with written_whole(target) as made:
        made.write_text(text, encoding="utf-8")
    return target


@cache
def _template() -> Any:
    made = html_page.environment("cpw.reconcile")
    made.filters["figure"] = figure
    return made.get_template("page.html.j2")


def figure(value: float | None, unit: str) -> str:
    """A figure as the scorecard shows it: counts whole, all else with one decimal."""
    if value is None:
        return "–"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:,.1f}{'%' if unit == 'percent' else ''}"
