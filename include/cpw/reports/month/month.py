"""A published month as the reports read it: one value that site, paper and workbooks share.

It is made as the panel reads it, with every number.
:func:`cpw.reports.disclosure.public_edition.public_edition` makes the public's from it, which has
the same shape: wherever ``hidden`` is true, the numbers beside it are None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from cpw.core.partition import Partition, Source

HIDDEN = "[c]"
"""The mark in place of a withheld number, as official statistics use it."""

Rag = Literal["G", "A", "R"]

SOURCE_WORDS: dict[Source, str] = {
    "extract": "from the monthly extracts",
    "ssda903": "from SSDA903 returns",
}


class Audience(StrEnum):
    """The readers of an edition of the reports."""

    PUBLIC = "public"
    PANEL = "panel"


@dataclass(frozen=True)
class Figure:
    """A figure: numerator, denominator and the number shown; a count has no denominator."""

    numerator: float | None
    denominator: float | None
    shown: float | None
    rag: Rag | None = None
    hidden: bool = False


NO_FIGURE = Figure(None, None, None)
WITHHELD = Figure(None, None, None, hidden=True)


@dataclass(frozen=True)
class TrendPoint:
    """An indicator's figure in one published month (``YYYY-MM``)."""

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
    """The figure for one value of a dimension in an indicator's breakdown (cohort ``all``)."""

    dimension: str
    value: str
    figure: Figure


@dataclass(frozen=True)
class QualityEffect:
    """What the month's open failures of data quality can do to a figure.

    ``worst`` and ``best`` are results as shown, each with its RAG.
    """

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
        """Whether correcting the failures could change the figure."""
        return self.worst != self.best

    @property
    def changes_colour(self) -> bool:
        """Whether correcting the failures could change the RAG."""
        return self.worst_rag != self.best_rag


@dataclass(frozen=True)
class Indicator:
    """A KPI of the catalogue in one month.

    If the edition in force does not print the KPI, ``position`` is None, and so is everything the
    edition gives it: period, target, floor, previous result, outturn, national result. ``trend``
    has up to 60 published months, the oldest first and this month last.
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
    """Why it has no source, in a month made of statutory returns."""
    definition_note: str | None = None
    """Which definition the figure of a return follows, where return and extract differ."""
    reference_note: str | None = None
    """What the figure is made or compared with, and of which time that is."""
    reference_is_old: bool = False
    """Whether any of that is over two years old."""
    lacks_exc_uasc: bool = False
    """Whether only the figure without UASC has no source."""

    @property
    def rag(self) -> Rag | None:
        """The month's RAG, as the scorecard prints it."""
        return self.printed.rag

    @property
    def follows(self) -> str | None:
        """What is printed below its name: its definition, and reference data that is old."""
        definition = f"{self.definition_note.split('. ')[0]}." if self.definition_note else ""
        old = self.reference_note if self.reference_is_old and self.reference_note else ""
        return f"{definition} {old}".strip() or None

    @property
    def sign(self) -> str:
        """The sign after its results, its target and its floor: ``%`` or nothing."""
        return "%" if self.unit in ("percent", "external") else ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions of its breakdown, in order."""
        return tuple(dict.fromkeys(group.dimension for group in self.groups))


@dataclass(frozen=True)
class TopicColumn:
    """A column of a topic's table.

    A ``count`` is of people (or of families, reviews, episodes). A ``derived`` number is computed
    from the row's counts (a mean, a share) and hidden with them. A ``fact`` is about no person (a
    target, posts) and always shown.
    """

    name: str
    kind: Literal["count", "derived", "fact"]
    places: int = 0
    sign: str = ""


@dataclass(frozen=True)
class TopicRow:
    """A row of a topic's table, with a value for each column."""

    label: str
    values: tuple[float | str | None, ...]
    group: str | None = None
    hidden: bool = False


@dataclass(frozen=True)
class TopicTable:
    """A table of a topic page.

    Attributes:
        population: the people that the rows divide. Tables of the same people have the same word,
            such as ``children_in_care``, who are the subjects of the KPI ``number_of_cic``.
        dimension: by what the rows divide them.
        adds_up: whether the rows sum to the population, so that a reader who knows all rows but
            one can work that one out.
        total: the last line, with the sums of the columns; None where the table has none.
        last_is_whole: whether the last count of a row includes the counts before it (girls and
            boys among all children), so that the rest is a count too.
        within: the dimension of a breakdown whose values are the ``group`` of the rows; the rows of
            a group sum to it (single ages to an age band).
        overlaps: a dimension that divides the same people in another way, where its values and the
            rows have people in common. The public sees such a table whole or not at all.
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
    """A page of indicators and tables: demographics, care leavers, adoption, health and so on."""

    topic_id: str
    title: str
    introduction: str
    tables: tuple[TopicTable, ...]
    kpi_ids: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    """The titles of tables without a source, in a month made of statutory returns."""


@dataclass(frozen=True)
class QualitySummary:
    """The results of the gates for the month."""

    rules: int
    passed: int
    failed: int
    errored: int
    not_run: int
    quarantined: int | None
    """How many rows the gates refused; None where that is withheld."""
    owners: tuple[tuple[str, int], ...]
    """Each role, with the number of failed rules that it has to put right."""


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
    """The indicators that the edition prints, by position, then the others of the catalogue."""
    topics: tuple[Topic, ...]
    quality: QualitySummary | None
    source: Source = "extract"
    """Whether the month is made of monthly extracts or of statutory returns."""

    @property
    def made_of(self) -> str:
        """The source of the month, in words."""
        return SOURCE_WORDS[self.source]

    @property
    def scorecard(self) -> tuple[Indicator, ...]:
        """The indicators that the edition in force prints, in its order."""
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
