"""How the site writes numbers, names and colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cpw.reports.month import HIDDEN, Column, Figure, Indicator, Row

NOTHING = "–"
RAG_WORDS = {"G": "green", "A": "amber", "R": "red"}
ARROWS = {"improved": "↑", "same": "→", "worsened": "↓"}
POLARITIES = {"H": "high is good", "L": "low is good", "T": "close to the target is good"}
PERIODS = {
    "R12M": "rolling twelve months",
    "YTD": "financial year to date, from April",
    "AC YTD": "academic year to date, from September",
    "SS": "snapshot on the month's last day",
    "M": "the month",
    "A": "annual",
    "H": "half year",
}
DIMENSIONS = {
    "sex": "Sex",
    "age_band": "Age",
    "ethnic_group": "Ethnic group",
    "uasc": "Unaccompanied asylum-seeking",
    "area": "Area",
    "team": "Team",
    "placement_group": "Placement",
    "legal_status_group": "Legal status",
}
UNITS = {
    "percent": "percentage",
    "mean": "mean",
    "count": "number",
    "rate_per_10000": "rate per 10,000 children of the population",
    "external": "published statistic",
}
_VALUES = {
    "F": "Female",
    "M": "Male",
    "U": "Unknown",
    "foster_other": "Foster care",
    "foster_kin": "Relatives and friends",
    "semi_independent": "Semi-independent",
    "residential_other": "Other residential",
    "not UASC": "No",
    "UASC": "Yes",
}


def number(value: float | None, places: int | None = None) -> str:
    """A number with thousands parted; without ``places``, as many as it has, at most one."""
    if value is None:
        return NOTHING
    if places is None:
        places = 0 if float(value).is_integer() else 1
    return f"{value:,.{places}f}"


def result(value: float | None, unit: str) -> str:
    """A result as the scorecard shows it: counts whole, percentages with their sign."""
    if value is None:
        return NOTHING
    if unit == "count":
        return number(value, 0)
    return number(value, 1) + ("%" if unit in ("percent", "external") else "")


def figure(shown: Figure | None, unit: str) -> str:
    """A figure's result, or the sign that it is withheld."""
    if shown is None:
        return NOTHING
    return HIDDEN if shown.hidden else result(shown.shown, unit)


def part(shown: Figure | None, name: str) -> str:
    """A figure's ``numerator`` or ``denominator``, or the sign that it is withheld."""
    if shown is None:
        return NOTHING
    return HIDDEN if shown.hidden else number(getattr(shown, name))


def cell(row: Row, at: int, column: Column) -> str:
    """A cell of a topic's table."""
    value = row.values[at]
    if row.hidden and column.kind != "fact":
        return HIDDEN
    if value is None or isinstance(value, str):
        return value or NOTHING
    return number(value, column.places or None) + column.sign


def target(indicator: Indicator) -> str:
    """An indicator's target with its sign."""
    return _limit(indicator, indicator.target)


def floor(indicator: Indicator) -> str:
    """An indicator's floor with its sign."""
    return _limit(indicator, indicator.floor)


def _limit(indicator: Indicator, value: float | None) -> str:
    sign = "%" if value is not None and indicator.unit in ("percent", "external") else ""
    return number(value) + sign


def value_name(value: str) -> str:
    """A dimension's value in words."""
    words = _VALUES.get(value, value.replace("_", " "))
    return words[:1].upper() + words[1:]


def sort_key(value: float | None) -> str:
    """What a table sorts a number by: what is not there comes first."""
    return "" if value is None else f"{value:.6f}"


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "result": result,
    "figure": figure,
    "part": part,
    "cell": cell,
    "target": target,
    "floor": floor,
    "value_name": value_name,
    "sort_key": sort_key,
}
