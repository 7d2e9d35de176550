"""The quality report as one HTML page that fetches nothing, runs nothing and prints well."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from cpw.core import html_page
from cpw.core.authorities import authorities
from cpw.core.files import make_private, written_whole
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.quality.lineage import protected_by
from cpw.quality.report import facts
from cpw.quality.rule_book import rule_book

_WIDTH, _HEIGHT = 110, 22
_SIGNS = {"percent": "%"}


def write(home: Home, partition: Partition) -> Path | None:
    """Write a month's quality report; returns None if no gate has run."""
    verdict = facts.verdict(home, partition)
    if not verdict.runs:
        return None
    with facts.opened(home, partition, verdict.runs) as connection:
        history = facts.history(connection)
        failing = facts.failing(connection)
        months = facts.by_month(connection)
        page = _template().render(
            partition=partition,
            authority=authorities()[partition.authority].name,
            verdict=verdict,
            totals=facts.totals(connection),
            failing=[
                {**rule, "trend": _sparkline(history[rule["rule_id"]]), "kpis": _kpis(rule)}
                for rule in failing
            ],
            not_run=facts.not_run(connection),
            owners=facts.grouped(connection, "owner"),
            feeds=facts.grouped(connection, "feed"),
            tables=facts.grouped(connection, "table_name"),
            dimensions=facts.grouped(connection, "dimension"),
            months=months,
            most=max([1, *(m["critical"] + m["major"] + m["minor"] for m in months)]),
            rules=facts.all_rules(connection),
            figures=facts.figures(connection, partition),
        )
    target = home.month(partition).quality_report
    make_private(target.parent)
    with written_whole(target) as made:
        made.write_text(page, encoding="utf-8")
    return target


@cache
def _template() -> Any:
    made = html_page.environment("cpw.quality.report")
    made.filters["number"] = _number
    made.filters["share"] = _share
    made.filters["figure"] = _figure
    return made.get_template("page.html.j2")


def _number(value: object) -> str:
    """A count with thousands separators; a fraction with one decimal."""
    if value is None:
        return "–"
    number = float(str(value))
    return f"{number:,.0f}" if number.is_integer() else f"{number:,.1f}"


def _figure(value: object, unit: str) -> str:
    """A figure as the scorecard shows it: counts whole, all else with one decimal."""
    if value is None:
        return "–"
    number = float(str(value))
    return f"{number:,.0f}" if unit == "count" else f"{number:,.1f}{_SIGNS.get(unit, '')}"


def _share(failed: int, checked: int) -> str:
    if not checked:
        return ""
    share = 100 * failed / checked
    return f"{share:.1f}%" if share >= 0.05 or not failed else "<0.1%"


def _kpis(rule: dict[str, Any]) -> tuple[str, ...]:
    """The KPIs that a rule protects; empty for a rule that is no longer in the rule book."""
    known = next((r for r in rule_book().rules if r.id == rule["rule_id"]), None)
    return protected_by(known) if known else ()


def _sparkline(values: list[int | None]) -> dict[str, Any]:
    """The points of a small line chart of failures by month; the highest count is at the top."""
    most = max([1, *(v for v in values if v is not None)])
    step = _WIDTH / max(1, len(values) - 1)
    points = [
        (round(n * step, 1), round(_HEIGHT - 2 - (_HEIGHT - 4) * value / most, 1))
        for n, value in enumerate(values)
        if value is not None
    ]
    return {
        "points": " ".join(f"{x},{y}" for x, y in points),
        "last": points[-1] if points else None,
        "values": values,
        "width": _WIDTH,
        "height": _HEIGHT,
    }
