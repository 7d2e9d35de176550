"""The charts of a month, and the rows that each is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cpw.core.reporting_month import ReportingMonth
from cpw.reports.month.month import (
    Group,
    Indicator,
    PublishedMonth,
    TopicRow,
    TopicTable,
    TrendPoint,
)
from cpw.reports.site import words
from cpw.reports.site.drawing import Chart

_MARGIN = 0.08
_MOST_BARS = 18
_SERIES = ("All", "Without UASC")


def months_to(month: PublishedMonth, count: int) -> list[str]:
    """The last ``count`` months up to a month, the oldest first."""
    last = month.partition.month
    return [str(last.plus(back)) for back in range(1 - count, 1)]


def trend(indicator: Indicator, month: PublishedMonth, count: int) -> Chart | None:
    """The results of the last 12 or 60 months over bands of green, amber and red.

    None if there is nothing to see: fewer than two results, only zeros, or an annual figure that
    stays the same. None also for 60 months if all results are in the last 12.
    """
    months = months_to(month, count)
    earlier = {point.month for point in indicator.trend} - set(months_to(month, 12))
    if count > 12 and not earlier:
        return None
    trends = (indicator.trend, indicator.exc_uasc_trend)
    points = [
        {"month": at, "series": name, "value": value}
        for name, series in zip(_SERIES, trends, strict=True)
        if series
        for at, value in _on(months, series)
    ]
    values = [float(point["value"]) for point in points if point["value"] is not None]
    if not _says_something(indicator, values):
        return None
    return Chart(f"trend_{count}", {"points": points, "zones": _zones(indicator, values)})


def _says_something(indicator: Indicator, values: Sequence[float]) -> bool:
    is_flat = len(set(values)) == 1
    return len(values) > 1 and any(values) and not (is_flat and indicator.unit == "external")


def _on(months: Sequence[str], series: Sequence[TrendPoint]) -> list[tuple[str, float | None]]:
    shown = {point.month: point.figure.shown for point in series}
    return [(month, shown.get(month)) for month in months]


def _zones(indicator: Indicator, values: Sequence[float]) -> list[dict[str, Any]]:
    """Bands of green, amber and red that together cover the height of the chart."""
    limits = [limit for limit in (indicator.target, indicator.floor) if limit is not None]
    low, high = min(*values, *limits, *values[:1]), max(*values, *limits, *values[:1])
    margin = (high - low) * _MARGIN or max(abs(high) * _MARGIN, 1.0)
    low, high = max(0.0, low - margin) if low >= 0 else low - margin, high + margin
    if indicator.unit in ("percent", "external"):
        high = min(high, max(100.0, *values))
    if indicator.target is None or indicator.polarity == "T":
        return [_zone("none", low, high)]
    target = indicator.target
    floor = indicator.floor if indicator.floor is not None else target
    if indicator.polarity == "L":
        bands = (("G", low, target), ("A", target, floor), ("R", floor, high))
    else:
        bands = (("R", low, floor), ("A", floor, target), ("G", target, high))
    return [_zone(name, start, end) for name, start, end in bands if end > start]


def _zone(name: str, low: float, high: float) -> dict[str, Any]:
    letter = "" if name == "none" else name
    return {"zone": name, "low": low, "high": high, "middle": (low + high) / 2, "letter": letter}


def breakdown(indicator: Indicator) -> Chart | None:
    """A bar for each group, in every dimension with at least two groups shown."""
    lines = [
        line
        for dimension, groups in drawn_groups(indicator).items()
        for line in (
            _line(words.DIMENSIONS[dimension], is_heading=True),
            *(_group_line(indicator, group) for group in groups),
        )
    ]
    return _bars(lines) if any(line["number"] for line in lines) else None


def known_groups(indicator: Indicator) -> list[Group]:
    """The groups, without dimensions in which nobody has a known value."""
    known = {group.dimension for group in indicator.groups if group.value != "unknown"}
    return [group for group in indicator.groups if group.dimension in known]


def drawn_groups(indicator: Indicator) -> dict[str, list[Group]]:
    """The groups that get a bar, by dimension; dimensions with fewer than two are left out."""
    found: dict[str, list[Group]] = {}
    for group in known_groups(indicator):
        if group.figure.shown is not None:
            found.setdefault(group.dimension, []).append(group)
    return {dimension: groups for dimension, groups in found.items() if len(groups) > 1}


def _group_line(indicator: Indicator, group: Group) -> dict[str, Any]:
    return _line(
        words.value_name(group.value),
        number=group.figure.shown,
        said=words.figure(group.figure, indicator.unit),
    )


def _line(
    label: str, number: float | None = None, said: str = "", *, is_heading: bool = False
) -> dict[str, Any]:
    shown = f"{label}: {said}" if said else label
    return {"label": shown, "is_heading": is_heading, "number": number}


def _bars(lines: Sequence[dict[str, Any]]) -> Chart:
    return Chart("bars", {"bars": [{"order": at, **line} for at, line in enumerate(lines)]})


def table(shown: TopicTable) -> Chart | None:
    """The last count of a topic's table as bars, or by month; None for fewer than two rows."""
    at = last_count(shown)
    if at is None or len(drawn := drawn_rows(shown, at)) < 2:
        return None
    if shown.chart == "line":
        values = [None if row.hidden else row.values[at] for row in shown.rows]
        points = [
            {"month": row.label, "value": value}
            for row, value in zip(shown.rows, values, strict=True)
        ]
        return Chart("months", {"points": points})
    column = shown.columns[at]
    lines = [
        _line(
            words.value_name(row.label),
            number=_number(row, at),
            said=words.cell(row, at, column),
        )
        for row in drawn
    ]
    return _bars([_line(column.name, is_heading=True), *lines])


def last_count(shown: TopicTable) -> int | None:
    """The column of a table that is drawn: its last count. None if nothing is drawn."""
    counts = [at for at, column in enumerate(shown.columns) if column.kind == "count"]
    return counts[-1] if counts and shown.chart != "none" else None


def drawn_rows(shown: TopicTable, at: int) -> list[TopicRow]:
    """The rows that get a bar: those that count anybody, and only the largest if they are many."""
    rows = [row for row in shown.rows if not row.hidden and _number(row, at)]
    if shown.chart == "line" or len(rows) <= _MOST_BARS:
        return rows
    return sorted(rows, key=lambda row: -_number(row, at))[:_MOST_BARS]


def _number(row: TopicRow, at: int) -> float:
    value = row.values[at]
    return value if isinstance(value, float) else 0.0


def month_words(month: str) -> str:
    """A month ``YYYY-MM`` in short words: ``Jun 2018``."""
    return f"{ReportingMonth.parse(month).first_day:%b %Y}"
