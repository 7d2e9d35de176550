"""The numbered sections of the panel's paper, as values: the text about a month."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cpw.reports.month.commentary import Block, markdown_blocks
from cpw.reports.month.month import Indicator, PublishedMonth, QualityEffect, QualitySummary, Rag
from cpw.reports.month.movement import (
    RAG_MEANINGS,
    RAG_NAMES,
    Direction,
    describe_movement,
    month_name,
    number,
    rag_change,
)

PANEL = "Corporate Parenting Panel"
ASKED = (
    f"Members of the {PANEL} are asked to NOTE and COMMENT ON the performance data in the "
    "Children in Care scorecard."
)
_POOR: tuple[tuple[Rag, str], ...] = (("R", "Red"), ("A", "Amber"))
_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
# The groups of the updates: their movements, and the words for one KPI and for several.
_GROUPS: tuple[tuple[tuple[Direction, ...], str, str], ...] = (
    (("improved",), "shows improved performance between", "show improved performance between"),
    (("same",), "shows the same performance in", "show the same performance in"),
    (("worsened",), "shows worsened performance between", "show worsened performance between"),
    (("risen", "fallen"), "has moved between", "have moved between"),
    (("alone",), "has no earlier result to compare with", "have no earlier result to compare with"),
    (("withheld",), "has an earlier result that is withheld", "have earlier results withheld"),
)


@dataclass(frozen=True)
class Paragraph:
    """A numbered paragraph, or a heading between paragraphs if it has no number.

    A paragraph about a KPI has the KPI's label and rating, its commentary and the lead's role.
    """

    number: str
    text: str
    label: str = ""
    rag: Rag | None = None
    bullets: tuple[str, ...] = ()
    lead: str = ""
    commentary: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Section:
    """A numbered section of the paper."""

    number: str
    title: str
    paragraphs: tuple[Paragraph, ...]


def sections(month: PublishedMonth) -> tuple[Section, ...]:
    """The paper's sections, from the introduction to the recommendations."""
    now = _now(month)
    return (
        Section("1", "Introduction", _introduction(month)),
        Section("2", "Context", _context(month)),
        Section("3", f"Summary of performance – {now}", _performance(month)),
        Section("4", "Recommendations", (Paragraph("4.1", f"Recommendations: {ASKED}"),)),
    )


def _now(month: PublishedMonth) -> str:
    return month_name(str(month.partition.month))


def _introduction(month: PublishedMonth) -> tuple[Paragraph, ...]:
    return (
        Paragraph(
            "1.1",
            "Performance scorecards identify and monitor progress on a range of areas where "
            "improvements in performance and practice will lead to better outcomes for children "
            "and young people.",
        ),
        Paragraph(
            "1.2",
            f"This report includes the Children in Care scorecard for {_now(month)}. Its figures "
            f"are as at {month.as_at.day} {month.as_at:%B %Y}.",
        ),
    )


def _context(month: PublishedMonth) -> tuple[Paragraph, ...]:
    held = len(month.scorecard)
    parts = len({indicator.section for indicator in month.scorecard})
    return (
        Paragraph(
            "2.1",
            f"The scorecard gives the {PANEL} an overview of the key performance measures for "
            "children in care and care leavers.",
        ),
        Paragraph(
            "2.2",
            f"It has {held} indicators in {parts} sections. Some measure performance against a "
            "target, the others describe activity.",
        ),
        Paragraph(
            "2.3",
            "The text about each indicator below is generated from its published figures. Where "
            "its lead has written a commentary, it follows.",
        ),
    )


def _performance(month: PublishedMonth) -> tuple[Paragraph, ...]:
    return (*_ratings(month), *_changes(month), *_updates(month), *_data_quality(month))


def _ratings(month: PublishedMonth) -> tuple[Paragraph, ...]:
    """The numbers of indicators by rating."""
    counts = Counter(i.rag for i in month.scorecard if i.rag)
    unrated = sum(1 for i in month.scorecard if i.target is not None and not i.rag)
    bullets = tuple(
        f"{counts[rag]} {_be(counts[rag])} rated {RAG_NAMES[rag]} – {meaning}"
        for rag, meaning in RAG_MEANINGS.items()
    )
    more = (
        f"{unrated} more {'has' if unrated == 1 else 'have'} a target and no rating – too few are "
        "counted, or the result is withheld, missing or without a source"
    )
    rated = counts.total()
    return (
        Paragraph(
            "3.1",
            "The report contains key statistics, and performance results against the targets for "
            f"{rated} Key Performance Indicator{'' if rated == 1 else 's'} (KPIs), which are "
            "assessed using a Red/Amber/Green (RAG) status.",
        ),
        Paragraph(
            "3.2",
            f"Of the {_kpis(rated)} assessed, the RAG status for {_now(month)} is as follows:",
            bullets=(*bullets, more) if unrated else bullets,
        ),
    )


def _changes(month: PublishedMonth) -> tuple[Paragraph, ...]:
    """The indicators whose rating has changed since the previous month."""
    if month.previous_month is None:
        return (Paragraph("3.3", "No earlier scorecard is published to compare this one with."),)
    changed = [i for i in month.scorecard if rag_change(i)]
    rated = [i for i in month.scorecard if i.target is not None]
    withheld = sum(1 for i in rated if describe_movement(i, month).direction == "withheld")
    opening = (
        f"This scorecard is compared with that for {month_name(month.previous_month)}. Between "
        f"the two the RAG status of {_kpis(len(changed)) if changed else 'no KPI'} changed"
    )
    detail = ". The detail of each change is given below:" if len(changed) > 1 else ":"
    unsaid = f" (that of {withheld} is withheld for one of the months)"
    text = opening + (unsaid if withheld else "") + (detail if changed else ".")
    return (
        Paragraph("3.3", text),
        # an amber or red one has its commentary with the updates
        *(
            _about(indicator, month, f"3.3.{place}", has_commentary=indicator.rag == "G")
            for place, indicator in enumerate(changed, 1)
        ),
    )


def _updates(month: PublishedMonth) -> tuple[Paragraph, ...]:
    """The indicators rated red or amber, grouped by their movement."""
    poor = [i for i in month.scorecard if i.rag in ("A", "R")]
    counts = Counter(i.rag for i in poor)
    if not poor:
        return (Paragraph("3.4", "No KPI is rated Amber or Red."),)
    rated = " and the ".join(
        f"{_kpis(counts[rag])} rated {name}" for rag, name in _POOR if counts[rag]
    )
    paragraphs = [Paragraph("3.4", f"For the {rated} an update on performance is given below.")]
    place = 0
    for directions, one, several in _GROUPS:
        members = [i for i in poor if describe_movement(i, month).direction in directions]
        if members:
            says = one if len(members) == 1 else several
            paragraphs.append(Paragraph("", _group_heading(month, len(members), says)))
        for indicator in members:
            place += 1
            paragraphs.append(_about(indicator, month, f"3.4.{place}", has_commentary=True))
    return tuple(paragraphs)


def _group_heading(month: PublishedMonth, count: int, says: str) -> str:
    """A heading like ``Five of these KPIs show improved performance between May and June``."""
    spoken = _WORDS[count] if count < len(_WORDS) else str(count)
    is_of_both = says.endswith((" between", " in")) and month.previous_month is not None
    months = f" {month_name(month.previous_month or '')} and {_now(month)}" if is_of_both else ""
    return f"{spoken} of these KPIs {says}{months}:"


def _about(
    indicator: Indicator, month: PublishedMonth, place: str, *, has_commentary: bool
) -> Paragraph:
    """The paragraph about an indicator."""
    found = markdown_blocks(indicator.commentary) if has_commentary and indicator.commentary else ()
    return Paragraph(
        place,
        " ".join(filter(None, (describe_movement(indicator, month).text, _benchmark(indicator)))),
        label=indicator.label,
        rag=indicator.rag,
        lead=(indicator.lead_role or "The lead") if found else "",
        commentary=found,
    )


def _benchmark(indicator: Indicator) -> str:
    if not indicator.national_result:
        return ""
    basis = f" ({indicator.national_basis})" if indicator.national_basis else ""
    return f"The benchmark is {benchmark_text(indicator)}{basis}."


def benchmark_text(indicator: Indicator) -> str:
    """The national result as printed, with its sign."""
    return f"{indicator.national_result}{indicator.sign}"


def _data_quality(month: PublishedMonth) -> tuple[Paragraph, ...]:
    """The ratings that the month's open failures of data quality could change."""
    found = [
        (i, i.quality) for i in month.scorecard if i.quality and not (i.printed.hidden or not i.rag)
    ]
    if month.quality is None and not found:
        return ()
    open_ones = [(i, quality) for i, quality in found if quality.changes_colour]
    checked = _checked(month.quality)
    if not open_ones and month.quality is not None and month.quality.failed == 0:
        return (Paragraph("3.5", checked),)
    if not open_ones:
        return (
            Paragraph("3.5", f"{checked} Correcting the data cannot change the rating of any KPI."),
        )
    many = f"{_kpis(len(open_ones))}{'' if len(open_ones) == 1 else ' each'}"
    return (
        Paragraph("3.5", f"{checked} Correcting the data could change the rating of {many}:"),
        *(
            Paragraph(f"3.5.{place}", _doubt(indicator, quality), indicator.label, indicator.rag)
            for place, (indicator, quality) in enumerate(open_ones, 1)
        ),
    )


def _checked(summary: QualitySummary | None) -> str:
    """How many rules were checked, and how many found something to correct."""
    if summary is None:
        return "The month's data were checked against the rules of data quality."
    found = f"{summary.failed:,} found something" if summary.failed else "none found anything"
    checked = f"{summary.rules - summary.not_run:,} rules of data quality"
    return f"The month's data were checked against {checked}, and {found} to correct."


def _doubt(indicator: Indicator, quality: QualityEffect) -> str:
    """The range of the rating, and of the result, that failures leave open."""
    ratings = [
        RAG_NAMES[rag] if rag else "unrated" for rag in (quality.worst_rag, quality.best_rag)
    ]
    between = ""
    if quality.worst is not None and quality.best is not None:
        sign = indicator.sign
        between = (
            f", with a result from {number(quality.worst)}{sign} to {number(quality.best)}{sign}"
        )
    return (
        "Until the records in question are corrected, the rating may be anything from "
        f"{ratings[0]} to {ratings[1]}{between}. "
        f"The published result is {indicator.printed.result}."
    )


def _kpis(count: int) -> str:
    return f"{count} KPI{'' if count == 1 else 's'}"


def _be(count: int) -> str:
    return "is" if count == 1 else "are"
