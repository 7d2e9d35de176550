"""Text alternatives of the charts: first, last, lowest and highest values, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence

from cpw.reports.month.month import Group, Indicator, PublishedMonth, TopicTable, TrendPoint
from cpw.reports.site import pictures, words
from cpw.reports.site.pictures import month_words

LabelledNumber = tuple[str, float, str]
"""The label of a number, the number, and the number as written."""


def trend(indicator: Indicator, month: PublishedMonth, count: int) -> str:
    """The first, last, lowest and highest values of a trend's lines."""
    months = set(pictures.months_to(month, count))
    lines = [
        f"{name}: {_course(numbers)}."
        for name, series in (
            ("All", indicator.trend),
            ("Without UASC", indicator.exc_uasc_trend),
        )
        if (numbers := _labelled(indicator, [point for point in series if point.month in months]))
    ]
    return " ".join(["Line chart.", *lines])


def _labelled(indicator: Indicator, points: Sequence[TrendPoint]) -> list[LabelledNumber]:
    return [
        (
            month_words(point.month),
            point.figure.shown,
            words.figure(point.figure, indicator.unit),
        )
        for point in points
        if point.figure.shown is not None
    ]


def _course(numbers: Sequence[LabelledNumber]) -> str:
    (first, _, at_first), (last, _, at_last) = numbers[0], numbers[-1]
    if len(numbers) == 1:
        return f"{at_first} in {first} alone"
    course = f"from {at_first} in {first} to {at_last} in {last}"
    if len({written for _, _, written in numbers}) == 1:
        return f"{course}, the same throughout"
    return f"{course}, {_extremes(numbers)}" if len(numbers) > 2 else course


def _extremes(numbers: Sequence[LabelledNumber]) -> str:
    low, high = min(numbers, key=_value), max(numbers, key=_value)
    if low[2] == high[2]:
        return f"{low[2]} each"
    return f"lowest {low[2]} ({low[0]}), highest {high[2]} ({high[0]})"


def _value(labelled: LabelledNumber) -> float:
    return labelled[1]


def breakdown(indicator: Indicator) -> str:
    """The lowest and highest group of each dimension."""
    sentences = [
        f"{words.DIMENSIONS[dimension]}: {_extremes(_of_groups(indicator, groups))}."
        for dimension, groups in pictures.drawn_groups(indicator).items()
    ]
    return " ".join(["Bar chart of the result in each group.", *sentences])


def _of_groups(indicator: Indicator, groups: Sequence[Group]) -> list[LabelledNumber]:
    return [
        (
            words.value_name(group.value),
            group.figure.shown or 0.0,
            words.figure(group.figure, indicator.unit),
        )
        for group in groups
    ]


def table(shown: TopicTable) -> str:
    """The course of a table by month, or the lowest and highest of its rows."""
    at = pictures.last_count(shown)
    if at is None:
        return ""
    by_month = shown.chart == "line"
    name = month_words if by_month else words.value_name
    numbers = [
        (name(row.label), value, words.cell(row, at, shown.columns[at]))
        for row in pictures.drawn_rows(shown, at)
        if isinstance(value := row.values[at], float)
    ]
    if not numbers:
        return ""
    what = f"Bar chart, {shown.columns[at].name}: "
    return f"{what}{_course(numbers) if by_month else _extremes(numbers)}."


def omitted(shown: TopicTable) -> str:
    """The rows of a table that its chart leaves out, in words; empty if it shows all."""
    at = pictures.last_count(shown)
    if at is None:
        return ""
    withheld = sum(row.hidden for row in shown.rows)
    none = sum(not row.hidden and not row.values[at] for row in shown.rows)
    smaller = len(shown.rows) - withheld - none - len(pictures.drawn_rows(shown, at))
    parts = [
        *(["what is withheld"] if withheld else []),
        *([f"{none} with none"] if none and shown.chart != "line" else []),
        *([f"{smaller} smaller"] if smaller else []),
    ]
    return f"Not drawn: {', '.join(parts)}; the table has every line." if parts else ""


def omitted_groups(indicator: Indicator) -> str:
    """The dimensions with withheld groups, in words; empty if there are none."""
    known = pictures.known_groups(indicator)
    dimensions = dict.fromkeys(g.dimension for g in known if g.figure.hidden)
    if not dimensions:
        return ""
    names = ", ".join(words.DIMENSIONS[name].lower() for name in dimensions)
    return (
        f"Not all groups are shown by {names}: small groups are withheld, and others from which "
        "they could be worked out."
    )
