"""The published scorecard in the terminal, in the order and colours of the panel's paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cpw.core.database import connect, has_column, has_mart
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.core.sql import read_sql
from cpw.reports.month.month import SOURCE_WORDS
from cpw.reports.month.read import read_source

_COLOURS = {"G": "black on green3", "A": "black on orange1", "R": "white on red3"}
_ARROWS = {"improved": "[green]↑[/]", "same": "[orange1]→[/]", "worsened": "[red]↓[/]"}
WIDTH = 144
_SCORECARD_LINES = Path(__file__).with_name("sql") / "scorecard_lines.sql"
_PERCENTAGES = ("percent", "external")


@dataclass(frozen=True)
class _Line:
    section: str
    label: str
    polarity: str | None
    period: str
    result: str | None
    rag: str | None
    numerator: float | None
    denominator: float | None
    target: float | None
    previous_result: str | None
    previous_rag: str | None
    direction: str | None
    outturn_result: str | None
    outturn_rag: str | None
    national_result: str | None
    national_basis: str | None
    edition: str
    note: str | None
    unit: str
    worst: float | None
    best: float | None
    definition_note: str | None
    no_source_reason: str | None
    old_reference: str | None


def print_scorecard(home: Home, partition: Partition, console: Console) -> None:
    """Print a published month's scorecard, and how many indicators are green, amber and red.

    Raises:
        InputError: the month is not published.
    """
    lines, made_of = _lines(home, partition)
    wide = Console(file=console.file, width=max(console.width, WIDTH), highlight=False)
    wide.print(_table(lines, partition, made_of))
    for basis, mark in _marks(lines).items():
        wide.print(f"{mark} {escape(basis)}")
    rags = [line.rag for line in lines]
    wide.print(f"{rags.count('G')} green, {rags.count('A')} amber, {rags.count('R')} red")
    figures = sum(1 for line in lines if line.result)
    lost = sum(1 for line in lines if line.no_source_reason)
    without = f", {lost} have no source, which is not zero" if lost else ""
    wide.print(f"{figures} of {len(lines)} indicators have a result{without}")


def _lines(home: Home, partition: Partition) -> tuple[list[_Line], str]:
    """The scorecard's lines, and the source of the month in words."""
    if not home.published_database.exists():
        raise InputError("nothing is published yet", remedy="Load a month first")
    with connect(home.published_database, read_only=True) as connection:
        query = read_sql(
            _SCORECARD_LINES,
            definition_note=_of_registry(connection, "definition_note"),
            no_source_reason=_of_registry(connection, "no_source_reason"),
            old_reference=_old_reference(connection),
            table=_quality(connection),
        )
        rows = connection.execute(
            query, {"authority": partition.authority, "month": str(partition.month)}
        ).fetchall()
        made_of = SOURCE_WORDS[read_source(connection, partition)]
    if not rows:
        raise InputError(f"{partition} is not published", remedy="Load it first")
    return [_Line(*row) for row in rows], made_of


def _of_registry(connection: duckdb.DuckDBPyConnection, column: str) -> str:
    """A column of ``dim_kpi``, or null for a publication of an earlier release without it."""
    return f"k.{column}" if has_column(connection, "dim_kpi", column) else "null"


def _old_reference(connection: duckdb.DuckDBPyConnection) -> str:
    """What a figure is made or compared with, if that is over two years old."""
    if not has_column(connection, "dim_kpi", "reference_is_old"):
        return "null"
    return "case when k.reference_is_old then k.reference_note end"


def _quality(connection: duckdb.DuckDBPyConnection) -> str:
    """The table with the best and worst case; empty for a publication of an earlier release."""
    if has_mart(connection, "corporate_parenting", "kpi_data_quality"):
        return "marts.kpi_data_quality"
    return (
        "(select authority, month, kpi_id, cohort, null::decimal as worst, null::decimal as best "
        "from marts.kpi_result)"
    )


def _table(lines: list[_Line], partition: Partition, made_of: str) -> Table:
    table = Table(
        title=f"Children in Care, {partition.month.as_at:%B %Y} "
        f"(edition {lines[0].edition}, {made_of})",
        title_style="bold",
        padding=0,
    )
    table.add_column("indicator", min_width=36)
    table.add_column("pol.", justify="center", no_wrap=True)
    table.add_column("period", no_wrap=True)
    is_open = any(_range(line) for line in lines)
    for name in _FIGURES:
        if is_open or name != _OPEN:
            table.add_column(name, justify="right", no_wrap=True)
    marks = _marks(lines)
    section = ""
    for line in lines:
        if line.section != section:
            section = line.section
            table.add_section()
            table.add_row(f"[bold]{escape(section)}[/]")
        table.add_row(
            _label(line), line.polarity or "", line.period, *_figures(line, marks, is_open)
        )
    return table


_OPEN = "may be"
_FIGURES = (
    *("result", _OPEN, "RAG", "num", "denom", "target"),
    *("previous", "RAG", "DoT", "outturn", "RAG", "national"),
)


def _figures(line: _Line, marks: dict[str, str], is_open: bool) -> tuple[str, ...]:
    """The cells under ``_FIGURES``; for a count, the papers print only the result."""
    counted = line.denominator is None
    return (
        line.result or "",
        *((_range(line),) if is_open else ()),
        _rag(line.rag),
        "" if counted else _number(line.numerator),
        _number(line.denominator),
        _target(line),
        line.previous_result or "",
        _rag(line.previous_rag),
        _ARROWS.get(line.direction or "", ""),
        line.outturn_result or "",
        _rag(line.outturn_rag),
        _national(line, marks),
    )


def _range(line: _Line) -> str:
    """The worst and the best case, if open failures of data quality make them differ."""
    if line.worst is None or line.best is None or line.worst == line.best:
        return ""
    low, high = sorted((float(line.worst), float(line.best)))
    places = 0 if line.denominator is None else 1
    return f"[dim]{low:,.{places}f}–{high:,.{places}f}[/]"


def _label(line: _Line) -> str:
    """The indicator's name; below it a note, or on its definition and on old reference data."""
    definition = f"{line.definition_note.split('. ')[0]}." if line.definition_note else ""
    below = line.note or f"{definition} {line.old_reference or ''}".strip()
    return escape(line.label) + (f"\n[italic]{escape(below)}[/]" if below else "")


def _marks(lines: list[_Line]) -> dict[str, str]:
    """Asterisks for each basis of the national figures, in their order of appearance."""
    bases = dict.fromkeys(line.national_basis for line in lines if line.national_basis)
    return {basis: "*" * count for count, basis in enumerate(bases, 1)}


def _national(line: _Line, marks: dict[str, str]) -> str:
    if not line.national_result:
        return ""
    sign = "%" if line.unit in _PERCENTAGES else ""
    return " ".join((f"{line.national_result}{sign}", marks.get(line.national_basis or "", "")))


def _target(line: _Line) -> str:
    if line.target is None:
        return ""
    if line.unit in _PERCENTAGES:
        return f"{_number(line.target)}%"
    return f"{line.target:,.1f}"


def _rag(rag: str | None) -> str:
    return f"[{_COLOURS[rag]}] {rag} [/]" if rag else ""


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{float(value):,.1f}"
