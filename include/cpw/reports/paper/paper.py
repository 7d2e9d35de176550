"""The panel's paper of a month as PDF, typeset with Typst.

:func:`paper_content` makes every sentence, number and cell. ``paper.typ`` has the layout, and the
guidance notes, which are the same in every paper.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

import typst

from cpw.core.files import written_whole
from cpw.reports.month.month import (
    HIDDEN,
    Audience,
    Indicator,
    PrintedResult,
    PublishedMonth,
    TopicColumn,
    TopicRow,
    TopicTable,
)
from cpw.reports.month.movement import month_name, number, target_text
from cpw.reports.paper.sections import ASKED, PANEL, Section, benchmark_text, sections

_TEMPLATE = Path(__file__).with_name("paper.typ")
_PROBE = b"#set document(title: [Probe], date: none)\n#sys.inputs.content"
_BOX = "□"
_JOINING = ("Mn", "Me", "Cf")  # marks on the character before, and what joins two
_SKIN_TONES = [chr(code) for code in range(0x1F3FB, 0x1F400)]
_STANDARD: Literal["ua-1"] = "ua-1"
_RESTRICTED = (
    "Restricted: for members of the panel only. It shows counts of fewer than five children."
)
_ALL_WITHHELD = "Withheld, as its numbers could identify single people."
_ARROWS = {"improved": "↑", "same": "→", "worsened": "↓"}
_DEMOGRAPHICS, _CHILDREN_IN_CARE = "demographics", "children_in_care"


@dataclass(frozen=True)
class ScorecardLine:
    """An indicator's line of the scorecard, as printed."""

    label: str
    note: str
    polarity: str
    period: str
    result: str
    rag: str
    numerator: str
    denominator: str
    target: str
    direction: str
    previous: str
    previous_rag: str
    outturn: str
    outturn_rag: str
    benchmark: str


@dataclass(frozen=True)
class ScorecardSection:
    """A section of the scorecard."""

    title: str
    lines: tuple[ScorecardLine, ...]


@dataclass(frozen=True)
class TableText:
    """A table of a topic as text; ``rows`` begin with their label."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class PaperContent:
    """The content of a month's paper, except for the guidance notes."""

    authority: str
    panel: str
    month: str
    as_at: str
    source: str
    previous: str
    compares_with: str
    """``month`` or ``quarter``: the period before, with which the scorecard is compared."""
    classification: str
    bar: str
    """The text in the red bar on every page; empty in the public edition."""
    summary: str
    recommendation: str
    sections: tuple[Section, ...]
    scorecard: tuple[ScorecardSection, ...]
    footnotes: tuple[str, ...]
    lacking: str
    """A sentence on tables of the demographic page without a source; empty if there are none."""
    demographics: tuple[tuple[TableText, ...], ...]
    """The tables of the demographic page by column; empty if there is no such page."""
    has_withheld: bool


def write_paper(month: PublishedMonth, target: Path) -> None:
    """Write a month's paper as a tagged PDF (PDF/UA-1)."""
    paper = _compiled(_TEMPLATE, json.dumps(_legible(asdict(paper_content(month)))))
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as made:
        made.write_bytes(paper)


def _compiled(source: Path | bytes, content: str) -> bytes:
    """The PDF, set only in fonts that come with Typst, so that it is the same on every computer."""
    return typst.compile(
        source,
        sys_inputs={"content": content},
        ignore_system_fonts=True,
        pdf_standards=_STANDARD,
    )


def _legible(value: Any) -> Any:
    """The content with its name in place of each character that no font has, such as an emoji.

    A PDF/UA file cannot contain such a character. One that joins or colours others is left out.
    """
    if isinstance(value, dict):
        return {name: _legible(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_legible(part) for part in value]
    if not isinstance(value, str) or (value.isascii() and value.isprintable()):
        return value
    return "".join(
        sign if _has_glyph(sign) else _named(sign) for sign in unicodedata.normalize("NFC", value)
    )


def _named(sign: str) -> str:
    """The name of a character that no font has; a box if it has none."""
    if unicodedata.category(sign) in _JOINING or sign in _SKIN_TONES:
        return ""
    known = unicodedata.name(sign, "")
    return f"[{known.lower()}]" if known else _BOX


@cache
def _has_glyph(sign: str) -> bool:
    """Whether some font has the character; found out by typesetting it."""
    if sign.isascii():
        return sign.isprintable() or sign == "\n"
    try:
        _compiled(_PROBE, sign)
    except typst.TypstError:
        return False
    return True


def paper_content(month: PublishedMonth) -> PaperContent:
    """Make the content of a month's paper."""
    now = month_name(str(month.partition.month))
    is_restricted = month.audience is Audience.PANEL
    marks = _marks(month.scorecard)
    return PaperContent(
        authority=month.authority_name,
        panel=PANEL,
        month=now,
        as_at=f"{month.as_at.day} {month.as_at:%B %Y}",
        source=_source(month),
        previous=month_name(month.previous_month) if month.previous_month else "",
        compares_with="quarter" if month.frequency == "quarterly" else "month",
        classification="Restricted" if is_restricted else "Unrestricted",
        bar=_RESTRICTED if is_restricted else "",
        summary="The performance scorecard for children in care identifies the key performance "
        "data and targets that need to be monitored to promote the best outcomes for children and "
        f"young people looked after by {month.authority_name}. The latest scorecard, for {now}, "
        "is attached to this report.",
        recommendation=ASKED,
        sections=sections(month),
        scorecard=_scorecard(month, marks),
        footnotes=tuple(f"{mark} {basis}" for basis, mark in marks.items()),
        lacking=_lacking(month),
        demographics=_demographics(month),
        has_withheld=_has_withheld(month),
    )


def _source(month: PublishedMonth) -> str:
    """The source of the month, and for how many indicators it has no data."""
    lost = sum(1 for indicator in month.scorecard if indicator.no_source)
    words = month.made_of[0].upper() + month.made_of[1:]
    if not lost:
        return words
    count = "one indicator" if lost == 1 else f"{lost} indicators"
    return f"{words}, which have no data for {count}; that does not mean zero"


def _marks(indicators: Iterable[Indicator]) -> dict[str, str]:
    """Asterisks for the bases of the national figures, in the order in which they occur."""
    bases = dict.fromkeys(i.national_basis for i in indicators if i.national_basis)
    return {basis: "*" * count for count, basis in enumerate(bases, 1)}


def _scorecard(month: PublishedMonth, marks: dict[str, str]) -> tuple[ScorecardSection, ...]:
    """The scorecard by section; sections and lines are in the order of the edition."""
    titles = dict.fromkeys(indicator.section for indicator in month.scorecard)
    return tuple(
        ScorecardSection(
            title, tuple(_line(i, marks) for i in month.scorecard if i.section == title)
        )
        for title in titles
    )


def _line(indicator: Indicator, marks: dict[str, str]) -> ScorecardLine:
    """The cells of an indicator; for a count, the paper prints only the result."""
    benchmark = (benchmark_text(indicator), marks.get(indicator.national_basis or "", ""))
    withheld = indicator.printed.hidden or indicator.figure.hidden
    is_counted = indicator.unit == "count" or (
        indicator.figure.denominator is None and not withheld
    )
    return ScorecardLine(
        label=indicator.label,
        note=indicator.note or indicator.follows or "",
        polarity=indicator.polarity or "",
        period=indicator.period or "",
        result=HIDDEN if withheld else indicator.printed.result or "",
        rag="" if withheld else indicator.printed.rag or "",
        numerator="" if is_counted else _count(indicator.figure.numerator, withheld),
        denominator="" if is_counted else _count(indicator.figure.denominator, withheld),
        target=target_text(indicator),
        direction="" if withheld else _ARROWS.get(indicator.direction or "", ""),
        previous=_printed(indicator.previous),
        previous_rag=_rag(indicator.previous),
        outturn=_printed(indicator.outturn),
        outturn_rag=_rag(indicator.outturn),
        benchmark=" ".join(filter(None, benchmark)) if indicator.national_result else "",
    )


def _printed(printed: PrintedResult) -> str:
    return HIDDEN if printed.hidden else printed.result or ""


def _rag(printed: PrintedResult) -> str:
    return "" if printed.hidden else printed.rag or ""


def _count(value: float | None, withheld: bool) -> str:
    if withheld:
        return HIDDEN
    return "" if value is None else number(value)


def _demographics(month: PublishedMonth) -> tuple[tuple[TableText, ...], ...]:
    """The tables of the demographic page in two columns, each added to the shorter one."""
    tables = _demographic_tables(month)
    if not tables:
        return ()
    columns: tuple[list[TableText], list[TableText]] = ([], [])
    heights = [0, 0]
    for table in tables:
        shorter = heights.index(min(heights))
        columns[shorter].append(_cells(table))
        heights[shorter] += len(columns[shorter][-1].rows) + 4
    return tuple(tuple(column) for column in columns)


def _lacking(month: PublishedMonth) -> str:
    found = [title for t in month.topics if t.topic_id == _DEMOGRAPHICS for title in t.lacking]
    return f"No source: SSDA903 returns have no data on {', '.join(found)}." if found else ""


def _demographic_tables(month: PublishedMonth) -> list[TopicTable]:
    """The topic's tables of the children in care; the site shows its other tables too."""
    return [
        table
        for topic in month.topics
        for table in topic.tables
        if topic.topic_id == _DEMOGRAPHICS and table.population == _CHILDREN_IN_CARE
    ]


def _cells(table: TopicTable) -> TableText:
    """A table as text; if the whole table is withheld, only a note that it is."""
    if table.rows and all(row.hidden for row in table.rows):
        return TableText(table.title, (), (), (), _ALL_WITHHELD)
    return TableText(
        title=table.title,
        head=tuple(column.name for column in table.columns),
        rows=tuple(_row(row, table.columns) for row in table.rows),
        total=_row(table.total, table.columns) if table.total else (),
        note=table.note or "",
    )


def _row(row: TopicRow, columns: tuple[TopicColumn, ...]) -> tuple[str, ...]:
    values = (
        _cell(value, column, row.hidden)
        for column, value in zip_longest(columns, row.values)
        if column is not None
    )
    return (row.label, *values)


def _cell(value: float | str | None, column: TopicColumn, is_hidden: bool) -> str:
    """A cell as text; a fact that is about no person is never withheld."""
    if is_hidden and column.kind != "fact":
        return HIDDEN
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,.{column.places}f}{column.sign}"


def _has_withheld(month: PublishedMonth) -> bool:
    """Whether anything in the paper is marked as withheld."""
    rows = (row for table in _demographic_tables(month) for row in (*table.rows, table.total))
    return any(row is not None and row.hidden for row in rows) or any(
        i.printed.hidden or i.figure.hidden or i.previous.hidden or i.outturn.hidden
        for i in month.scorecard
    )
