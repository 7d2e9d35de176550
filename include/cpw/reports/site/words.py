"""How the site writes numbers, names and colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from cpw.reports.month.month import HIDDEN, Figure, Indicator, TopicColumn, TopicRow

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
    "adoption": "Adoption",
    "care_order": "Care order",
    "protection": "Police or emergency protection",
    "voluntary": "Voluntary, section 20",
    "foster_other": "Foster care",
    "foster_kin": "Relatives and friends",
    "parents": "With parents",
    "residential": "Children's homes",
    "residential_other": "Other residential",
    "semi_independent": "Semi-independent",
    "UASC": "Unaccompanied (UASC)",
    "not UASC": "Not unaccompanied",
    "Citizen": "Not unaccompanied",
    "IFA": "Independent fostering agency",
    "P&V": "Private and voluntary",
    "adm best interest decisions": "Agency decisions for adoption",
    "exclusion": "Any exclusion",
    "exclusion and reduced timetable": "Both an exclusion and a reduced timetable",
    "exclusion or reduced timetable": "An exclusion, a reduced timetable or both",
    "permanent exclusion": "Permanent exclusion",
    "target caseload": "Most cases a post should have",
    "threshold": "Children",
    "uasc": "Unaccompanied asylum-seeking",
}
_SHORT = (
    (re.compile(r"^[A-E]\d - "), ""),
    (re.compile(r"\b(?:adm|ADM decision)\b"), "agency decision"),
    (re.compile(r"^care to "), "coming into care to "),
)
_TERMS = {
    "as_at": "the last day of the month",
    "kpi_result": "the published data",
    "external_figures": "the list of published figures",
}
_PERIOD_TERMS = {
    "R12M": "the last twelve months",
    "AC YTD": "the academic year to date",
    "YTD": "the financial year to date",
}
_MARKED = re.compile(r"`([^`]+)`")
_PERIOD_TERM = re.compile(r"\b(?:R12M|AC YTD|YTD)\b")
_MONTHS_BEFORE = re.compile(r"end\(M-(\d+)\)")


def number(value: float | None, places: int | None = None) -> str:
    """A number with a comma between thousands; with ``places`` decimals, else one if it has any."""
    if value is None:
        return NOTHING
    if places is None:
        places = 0 if float(value).is_integer() else 1
    return f"{value:,.{places}f}"


def result(value: float | None, unit: str) -> str:
    """A result as the scorecard shows it: a count as a whole number, a percentage with its sign."""
    if value is None:
        return NOTHING
    if unit == "count":
        return number(value, 0)
    return number(value, 1) + ("%" if unit in ("percent", "external") else "")


def figure(shown: Figure | None, unit: str) -> str:
    """A figure's result, or the mark that it is withheld."""
    if shown is None:
        return NOTHING
    return HIDDEN if shown.hidden else result(shown.shown, unit)


def part(shown: Figure | None, name: str) -> str:
    """A figure's ``numerator`` or ``denominator``, or the mark that it is withheld."""
    if shown is None:
        return NOTHING
    return HIDDEN if shown.hidden else number(getattr(shown, name))


def cell(row: TopicRow, at: int, column: TopicColumn) -> str:
    """A cell of a topic's table as text."""
    value = row.values[at]
    if row.hidden and column.kind != "fact":
        return HIDDEN
    if value is None or isinstance(value, str):
        return value or NOTHING
    return number(value, column.places or None).replace("-", "−") + column.sign


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
    """A dimension's value, or a row's label, in words."""
    words = _VALUES.get(value, value.replace("_", " "))
    for pattern, short in _SHORT:
        words = pattern.sub(short, words)
    return words[:1].upper() + words[1:]


def made_of(indicator: Indicator) -> str:
    """What a shown result is calculated from, such as ``90 of 100``."""
    above, below = part(indicator.figure, "numerator"), part(indicator.figure, "denominator")
    if indicator.unit == "mean":
        return f"{above} divided by {below}"
    if indicator.unit == "rate_per_10000":
        return f"{above} children in care in a population of {below} under 18"
    return f"{above} of {below}"


def in_words(text: str, labels: Mapping[str, str]) -> Markup:
    """A definition with its technical terms in words, and with links to other indicators.

    Args:
        text: the definition, with terms between backticks, and periods by their abbreviation.
        labels: the label of each indicator by id; their pages are in the folder of this one.
    """
    pieces = _MARKED.split(text)
    return Markup("").join(
        _term(piece, labels) if at % 2 else _PERIOD_TERM.sub(_period_term, piece)
        for at, piece in enumerate(pieces)
    )


def _term(term: str, labels: Mapping[str, str]) -> Markup | str:
    if term in labels:
        return Markup('“<a href="{}.html">{}</a>”').format(term, labels[term])
    before = _MONTHS_BEFORE.fullmatch(term)
    if before:
        return f"the month's end {before.group(1)} months before"
    return _TERMS.get(term, term.replace("_", " "))


def _period_term(found: re.Match[str]) -> str:
    return _PERIOD_TERMS[found.group()]


def sort_key(value: float | None) -> str:
    """The key by which a table sorts a number; cells without a number come first."""
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
    "made_of": made_of,
    "in_words": in_words,
    "sort_key": sort_key,
}
