"""A published month as the reports read it: one value that site, paper and workbooks share.

Everything here is as published. What the public may not see is taken out of it by
:mod:`cpw.reports.disclosure.public_edition`, which gives another value of the same shape:
wherever ``hidden`` is true, the numbers beside it are None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from cpw.core.partition import Partition, Source

HIDDEN = "[c]"
"""What stands in place of a number that is withheld, as official statistics mark it."""

Rag = Literal["G", "A", "R"]

SOURCE_WORDS: dict[Source, str] = {
    "extract": "from the monthly extracts",
    "ssda903": "from SSDA903 returns",
}


class Audience(StrEnum):
    """Whom an edition of the reports is for."""

    PUBLIC = "public"
    PANEL = "panel"


@dataclass(frozen=True)
class Figure:
    """A result: numerator and denominator (of a count the numerator alone) and what is shown."""

    numerator: float | None
    denominator: float | None
    shown: float | None
    rag: Rag | None = None
    hidden: bool = False


NO_FIGURE = Figure(None, None, None)
WITHHELD = Figure(None, None, None, hidden=True)


@dataclass(frozen=True)
class TrendPoint:
    """A published month of a trend; ``month`` is ``YYYY-MM``."""

    month: str
    figure: Figure


@dataclass(frozen=True)
class PrintedResult:
    """A result as a scorecard prints it, such as ``98.8%`` or ``1,605``."""

    result: str | None
    rag: Rag | None
    hidden: bool = False


@dataclass(frozen=True)
class Group:
    """One value of a dimension in the breakdown of an indicator (cohort ``all``)."""

    dimension: str
    value: str
    figure: Figure


@dataclass(frozen=True)
class QualityEffect:
    """What the month's open failures can do to a figure; worst and best as shown, and their RAG."""

    subjects: int | None
    with_failures: int | None
    failures: int
    rules: int
    worst: float | None
    best: float | None
    worst_rag: Rag | None
    best_rag: Rag | None

    @property
    def is_open(self) -> bool:
        """Whether the figure may be another."""
        return self.worst != self.best

    @property
    def changes_colour(self) -> bool:
        """Whether the RAG may be another."""
        return self.worst_rag != self.best_rag


@dataclass(frozen=True)
class Indicator:
    """A KPI of the catalogue in one month.

    ``position`` and what depends on it (period, target, floor, previous, outturn, national) is
    None where the edition in force does not print it. ``trend`` holds up to 60 published months,
    oldest first, this one last; months without a publication are not in it.
    """

    kpi_id: str
    position: int | None
    section: str
    label: str
    pid_reference: str | None
    lead_role: str | None
    unit: Literal["percent", "mean", "count", "rate_per_10000", "external"]
    polarity: Literal["H", "L", "T"] | None
    period: str | None
    subject: str | None
    definition: str
    changed: str | None
    choices: str | None
    basis: str
    counts_when: str | None
    counts_not_when: str | None
    measure_means: str | None
    target: float | None
    floor: float | None
    floor_basis: str | None
    status: Literal["computed", "no_source", "external"]
    printed: PrintedResult
    figure: Figure
    previous: PrintedResult
    before: Figure | None
    """The figure of the month the scorecard compares with, where that month is published."""
    outturn: PrintedResult
    direction: Literal["improved", "worsened", "same"] | None
    national_result: str | None
    national_basis: str | None
    note: str | None
    exc_uasc: Figure | None
    trend: tuple[TrendPoint, ...]
    exc_uasc_trend: tuple[TrendPoint, ...]
    groups: tuple[Group, ...]
    quality: QualityEffect | None
    commentary: str | None
    """The lead's Markdown, as written."""
    no_source: str | None = None
    """Why the statutory returns that the month is made of are no source of it."""
    definition_note: str | None = None
    """Of a figure from a return, where definitions part: which one it follows, and how."""
    lacks_exc_uasc: bool = False
    """Whether it has a source, and its figure without UASC has none."""

    @property
    def rag(self) -> Rag | None:
        """The month's RAG, as the scorecard prints it."""
        return self.printed.rag

    @property
    def follows(self) -> str | None:
        """Which definition its figure follows, in a short sentence; None where none part."""
        return f"{self.definition_note.split('. ')[0]}." if self.definition_note else None

    @property
    def sign(self) -> str:
        """What stands behind its results, its target and its floor."""
        return "%" if self.unit in ("percent", "external") else ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions it is broken down by, in order."""
        return tuple(dict.fromkeys(group.dimension for group in self.groups))


@dataclass(frozen=True)
class TopicColumn:
    """A column of a topic's table.

    ``count`` holds people (or families, reviews, episodes); ``derived`` is worked out of the row's
    counts (a mean, a share) and hidden with them; ``fact`` is of no person (a target, posts).
    """

    name: str
    kind: Literal["count", "derived", "fact"]
    places: int = 0
    sign: str = ""


@dataclass(frozen=True)
class TopicRow:
    """A row of a topic's table: a value for each column."""

    label: str
    values: tuple[float | str | None, ...]
    group: str | None = None
    hidden: bool = False


@dataclass(frozen=True)
class TopicTable:
    """A table of a topic page.

    ``population`` names whom its rows divide, the same word in every table of the same people
    (such as ``children_in_care``, whose whole is the KPI ``number_of_cic``); ``adds_up`` says that
    the rows' counts sum to that whole, so that one row can be worked out of the others.
    ``dimension`` is by what. ``total`` is the last line, where one is shown. ``last_is_whole`` says
    that the last count of a row holds the others, so that what is left over is a count too (girls
    and boys within all). ``within`` names the dimension whose values the rows' ``group`` is of: the
    rows of one group sum to it (single ages to an age band). ``overlaps`` names a dimension that
    divides the same people otherwise, with parts in common: for the public such a table is shown
    whole or not at all.
    """

    table_id: str
    title: str
    population: str
    dimension: str
    adds_up: bool
    columns: tuple[TopicColumn, ...]
    rows: tuple[TopicRow, ...]
    total: TopicRow | None = None
    last_is_whole: bool = False
    within: str | None = None
    overlaps: str | None = None
    note: str | None = None
    chart: Literal["bar", "line", "none"] = "bar"


@dataclass(frozen=True)
class Topic:
    """A page of tables: demographics, care leavers, adoption, health, placements and so on."""

    topic_id: str
    title: str
    introduction: str
    tables: tuple[TopicTable, ...]
    kpi_ids: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    """Of a month made of statutory returns, the titles of the tables they are no source of."""


@dataclass(frozen=True)
class QualitySummary:
    """What the gates said of the month."""

    rules: int
    passed: int
    failed: int
    errored: int
    not_run: int
    quarantined: int | None
    """Rows not taken in; None where that is withheld."""
    owners: tuple[tuple[str, int], ...]
    """Role and how many rules that fail are its to put right."""


@dataclass(frozen=True)
class PublishedMonth:
    """A published month of an authority."""

    partition: Partition
    authority_name: str
    as_at: date
    edition: str
    frequency: Literal["monthly", "quarterly"]
    publication_version: int
    previous_month: str | None
    """The month the scorecard compares with, ``YYYY-MM``."""
    audience: Audience
    indicators: tuple[Indicator, ...]
    """Those the edition prints, by position, then the others of the catalogue."""
    topics: tuple[Topic, ...]
    quality: QualitySummary | None
    source: Source = "extract"
    """What the month is made of."""

    @property
    def made_of(self) -> str:
        """What the month is made of, in words."""
        return SOURCE_WORDS[self.source]

    @property
    def scorecard(self) -> tuple[Indicator, ...]:
        """The indicators the edition in force prints, in its order."""
        return tuple(i for i in self.indicators if i.position is not None)

    def indicator(self, kpi_id: str) -> Indicator:
        """The indicator of an id.

        Raises:
            KeyError: there is none.
        """
        found = [i for i in self.indicators if i.kpi_id == kpi_id]
        if not found:
            raise KeyError(kpi_id)
        return found[0]
