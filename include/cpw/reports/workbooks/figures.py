"""A published month as a workbook, for those who use its figures in their own work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from cpw.reports.month.month import (
    HIDDEN,
    Audience,
    Figure,
    Indicator,
    PrintedResult,
    PublishedMonth,
    Rag,
    TopicColumn,
    TopicRow,
)
from cpw.reports.workbooks.sheets import Cell, Link, Mark, Number, new_book

_FOOTERS = {
    Audience.PUBLIC: "Public",
    Audience.PANEL: "Restricted: for the panel and those who prepare its papers",
}
_AUDIENCES = {
    Audience.PUBLIC: "Public. Numbers that could identify a child are withheld.",
    Audience.PANEL: (
        "Restricted: for the panel and those who prepare its papers. Small numbers are shown as "
        "they are; do not publish this file or pass it on."
    ),
}
_SHEETS = {
    "Scorecard": "The scorecard as printed, with and without unaccompanied children.",
    "Results": "Every indicator and cohort, one on each line.",
    "Trend": "The result of each indicator in every published month, up to five years.",
    "Breakdowns": "Every indicator by sex, age, ethnic group, area and so on, one value on a line.",
    "Tables": "The tables of the topics, one value on each line.",
    "Definitions": "The meaning of each indicator, its target and its lead.",
}
_WORDS = {
    HIDDEN: (
        "Withheld, so that no child can be recognised: a number from 1 to 4, or one from which it "
        "could be worked out. It does not mean zero."
    ),
    "RAG": (
        "G green: on target. A amber: short of the target, not beyond the floor. R red: beyond the "
        "floor. Empty: no target, or too few people to rate."
    ),
    "Polarity": "H: high is good. L: low is good. T: neither; it is measured against a target.",
    "Direction": "Improved, worsened or same since the previous result, by polarity.",
    "Percentages": "Numbers as they are published: 98.8 is shown as 98.8%.",
    "No source": (
        "The month's extracts or returns have no data for it; the reason is in the same line. It "
        "does not mean zero."
    ),
    "Cohort": "all: everyone; exc_uasc: without unaccompanied asylum-seeking children.",
}
_SCORECARD = {
    "Section": 16,
    "Indicator": 44,
    "Polarity": 9,
    "Period": 9,
    "Result": 10,
    "RAG": 6,
    "Numerator": 11,
    "Denominator": 12,
    "Target": 9,
    "Floor": 9,
    "Direction": 11,
    "Previous": 10,
    "Previous RAG": 9,
    "Outturn": 10,
    "Outturn RAG": 9,
    "Benchmark": 11,
    "Benchmark basis": 26,
    "Note": 30,
    "Result without UASC": 12,
    "Numerator without UASC": 12,
    "Denominator without UASC": 13,
    "Id": 34,
}
_RESULTS = {
    "Id": 40,
    "Indicator": 50,
    "Section": 16,
    "Unit": 14,
    "Cohort": 11,
    "Status": 11,
    "Numerator": 12,
    "Denominator": 12,
    "Shown": 11,
    "RAG": 6,
    "Why no source": 44,
}
_TREND = {"Id": 40, "Indicator": 50, "Cohort": 11, "Unit": 14}
_BREAKDOWNS = {
    "Id": 40,
    "Indicator": 50,
    "Dimension": 20,
    "Value": 30,
    "Numerator": 12,
    "Denominator": 12,
    "Shown": 11,
}
_TABLES = {"Topic": 18, "Table": 44, "Row": 36, "Within": 18, "Column": 24, "Value": 14}
_DEFINITIONS = {
    "Id": 40,
    "Label": 44,
    "Section": 16,
    "PID": 10,
    "Lead role": 28,
    "Unit": 14,
    "Polarity": 9,
    "Period": 9,
    "Target": 9,
    "Floor": 9,
    "Definition": 70,
    "What changed": 40,
    "Choices": 50,
    "Basis": 10,
    "Definition of this figure": 50,
    "Reference data": 44,
}
_AS_NUMBER = re.compile(r"(-?\d[\d,]*)(?:\.(\d+))?(%?)")
_MOST_PLACES = 4


def write_workbook(month: PublishedMonth, target: Path) -> None:
    """Write the month's workbook: scorecard, results, trends, breakdowns, tables, definitions."""
    title = f"Corporate parenting scorecard, {month.authority_name}, {month.as_at:%B %Y}"
    with new_book(target, month, title, _FOOTERS[month.audience]) as book:
        book.add_page("About", title, _about(month))
        book.add_table("Scorecard", _SCORECARD, map(_scorecard_line, month.scorecard))
        book.add_table("Results", _RESULTS, _results(month))
        months = _months(month)
        columns = {**_TREND, **dict.fromkeys(months, 9)}
        book.add_table("Trend", columns, _trends(month, months), frozen=2)
        book.add_table("Breakdowns", _BREAKDOWNS, _breakdowns(month))
        book.add_table("Tables", _TABLES, _tables(month))
        book.add_table("Definitions", _DEFINITIONS, map(_definition, month.indicators))


def _about(month: PublishedMonth) -> Iterator[tuple[Cell, ...]]:
    yield "Authority", f"{month.authority_name} ({month.partition.authority})"
    yield "Month", f"{month.partition.month}, as at {month.as_at.day} {month.as_at:%B %Y}"
    yield "Edition", f"{month.edition}, {month.frequency}"
    yield "Publication", f"Version {month.publication_version} of this month"
    yield "Source", month.made_of[0].upper() + month.made_of[1:]
    yield "For whom", _AUDIENCES[month.audience]
    yield from _WORDS.items()
    yield ()
    for sheet, content in _SHEETS.items():
        yield Link(sheet), content


def _scorecard_line(indicator: Indicator) -> tuple[Cell, ...]:
    figure, without, sign = indicator.figure, indicator.exc_uasc, indicator.sign
    return (
        indicator.section,
        indicator.label,
        indicator.polarity,
        indicator.period,
        _printed(indicator.printed),
        _rag(indicator, indicator.printed),
        _numerator(figure),
        _denominator(figure, indicator.unit),
        _exact(indicator.target, sign),
        _exact(indicator.floor, sign),
        indicator.direction and indicator.direction.capitalize(),
        _printed(indicator.previous),
        _rag(indicator, indicator.previous),
        _printed(indicator.outturn),
        _rag(indicator, indicator.outturn),
        _as_printed(indicator.national_result, sign),
        indicator.national_basis,
        indicator.note,
        _shown(without, indicator) if without else None,
        _numerator(without) if without else None,
        _denominator(without, indicator.unit) if without else None,
        indicator.kpi_id,
    )


def _results(month: PublishedMonth) -> Iterator[tuple[Cell, ...]]:
    for indicator in month.indicators:
        cohorts = {"all": indicator.figure, "exc_uasc": indicator.exc_uasc}
        for cohort, figure in cohorts.items():
            if figure is not None:
                yield (
                    indicator.kpi_id,
                    indicator.label,
                    indicator.section,
                    indicator.unit,
                    cohort,
                    "no_source"
                    if cohort == "exc_uasc" and indicator.lacks_exc_uasc
                    else indicator.status,
                    _numerator(figure),
                    _denominator(figure, indicator.unit),
                    _shown(figure, indicator),
                    _rag(indicator, figure),
                    _why_no_source(indicator, cohort),
                )


def _why_no_source(indicator: Indicator, cohort: str) -> str | None:
    if cohort == "exc_uasc" and indicator.lacks_exc_uasc:
        return "the returns do not record who was an unaccompanied child"
    return indicator.no_source


def _months(month: PublishedMonth) -> list[str]:
    points = (p for i in month.indicators for p in (*i.trend, *i.exc_uasc_trend))
    return sorted({point.month for point in points})


def _trends(month: PublishedMonth, months: list[str]) -> Iterator[tuple[Cell, ...]]:
    for indicator in month.indicators:
        cohorts = {"all": indicator.trend, "exc_uasc": indicator.exc_uasc_trend}
        for cohort, trend in cohorts.items():
            if trend:
                cells = {point.month: _shown(point.figure, indicator) for point in trend}
                head = (indicator.kpi_id, indicator.label, cohort, indicator.unit)
                yield *head, *map(cells.get, months)


def _breakdowns(month: PublishedMonth) -> Iterator[tuple[Cell, ...]]:
    for indicator in month.indicators:
        for group in indicator.groups:
            yield (
                indicator.kpi_id,
                indicator.label,
                group.dimension,
                group.value,
                _numerator(group.figure),
                _denominator(group.figure, indicator.unit),
                _shown(group.figure, indicator),
            )


def _tables(month: PublishedMonth) -> Iterator[tuple[Cell, ...]]:
    for topic in month.topics:
        for table in topic.tables:
            for row in (*table.rows, *([table.total] if table.total else [])):
                for column, value in zip(table.columns, row.values, strict=True):
                    cell = _table_cell(row, column, value)
                    yield topic.title, table.title, row.label, row.group, column.name, cell
        for title in topic.lacking:
            yield topic.title, title, None, None, None, "no source"


def _table_cell(row: TopicRow, column: TopicColumn, value: float | str | None) -> Cell:
    if row.hidden and column.kind != "fact":
        return HIDDEN
    if value is None or isinstance(value, str):
        return value
    return Number(value, column.places, column.sign)


def _definition(indicator: Indicator) -> tuple[Cell, ...]:
    return (
        indicator.kpi_id,
        indicator.label,
        indicator.section,
        indicator.pid_reference,
        indicator.lead_role,
        indicator.unit,
        indicator.polarity,
        indicator.period,
        _exact(indicator.target, indicator.sign),
        _exact(indicator.floor, indicator.sign),
        indicator.definition,
        indicator.changed,
        indicator.choices,
        indicator.basis,
        indicator.definition_note,
        indicator.reference_note,
    )


def _numerator(figure: Figure) -> Cell:
    return HIDDEN if figure.hidden else _exact(figure.numerator)


def _denominator(figure: Figure, unit: str) -> Cell:
    if figure.hidden:
        return None if unit == "count" else HIDDEN
    return _exact(figure.denominator)


def _shown(figure: Figure, indicator: Indicator) -> Cell:
    if figure.hidden:
        return HIDDEN
    if figure.shown is None:
        return None
    return Number(figure.shown, 0 if indicator.unit == "count" else 1, indicator.sign)


def _printed(printed: PrintedResult) -> Cell:
    return HIDDEN if printed.hidden else _as_printed(printed.result)


def _as_printed(text: str | None, sign: str = "") -> Cell:
    """A printed number as a number shown in the same way; other text stays text."""
    found = _AS_NUMBER.fullmatch(text or "")
    if text is None or found is None:
        return text
    whole, places, printed_sign = found[1].replace(",", ""), found[2] or "", found[3]
    return Number(float(f"{whole}.{places or 0}"), len(places), printed_sign or sign)


def _rag(indicator: Indicator, of: PrintedResult | Figure) -> Cell:
    """The RAG letter on its colour; marked as withheld only if there is a target."""
    rag: Rag | None = of.rag
    if rag is not None:
        return Mark(rag, rag)
    return HIDDEN if of.hidden and indicator.target is not None else None


def _exact(value: float | None, sign: str = "") -> Cell:
    """A number with all its decimal places, at most four."""
    if value is None:
        return None
    exponent = Decimal(f"{value:.{_MOST_PLACES}f}").normalize().as_tuple().exponent
    return Number(value, max(0, -int(exponent)), sign)
