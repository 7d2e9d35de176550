"""What a rule of a gate is: what it checks, how severe it is, who corrects it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from cpw.contract import return_modules as ssda903
from cpw.contract.tables import contract

EXTRACT_SUFFIX = "_extract"
WHOLE_EXTRACT = "whole_extract"


Severity = Literal["critical", "major", "minor"]
SEVERITIES = ("critical", "major", "minor")
DIMENSIONS = (
    "completeness",
    "validity",
    "uniqueness",
    "consistency",
    "timeliness",
    "plausibility",
)
_NAMED_TABLE = re.compile(r"\b(?:arrived|valid|previous)\.(\w+)")


@dataclass(frozen=True)
class Tolerance:
    """A major rule blocks when more rows fail than both ``rows`` and ``share`` of those checked."""

    rows: int
    share: float

    def allows(self, failed: int, checked: int) -> bool:
        """Whether that many failures are still tolerated."""
        return failed <= max(self.rows, self.share * checked)


@dataclass(frozen=True)
class Rule:
    """One rule of a gate.

    A rule has one of four forms:

    * ``fails_when`` alone: an SQL condition on each row of the table. It is true for a row that
      breaks the rule, and null for a row that the rule does not apply to.
    * ``failing_rows``: a query for the ``source_row`` of the rows that break the rule. ``asked_of``
      selects the rows that the rule applies to, from which a tolerated share is computed.
    * ``reference``: the table and column in which the value of ``column`` must occur.
    * ``rows`` with ``fails_when``: a condition on each row of a query instead of the table.

    The SQL, the description and the remedy contain thresholds as ``{name}``.

    ``refuses`` marks rules whose failing rows are not valid: these rows go to quarantine. Among
    them, ``releasable`` marks those whose rows can be loaded as they are, once somebody has
    released them. ``blanks`` marks rules that empty ``column`` in their failing rows, which stay.
    ``protects`` names the KPIs that the rule protects; an empty tuple means none, and None means
    those that follow from the columns the rule reads (:mod:`cpw.quality.lineage`).

    ``not_of_return`` is the reason why a statutory return cannot answer the rule, although it
    contains the columns that the rule reads.
    """

    id: str
    table: str
    description: str
    dimension: str
    severity: Severity
    owner: str
    remedy: str
    column: str | None = None
    tolerance: Tolerance = field(default=Tolerance(0, 0.0))
    thresholds: dict[str, float] = field(default_factory=dict, hash=False)
    protects: tuple[str, ...] | None = None
    refuses: bool = False
    blanks: bool = False
    releasable: bool = False
    fails_when: str | None = None
    failing_rows: str | None = None
    reference: tuple[str, str] | None = None
    rows: str | None = None
    asked_of: str | None = None
    not_of_return: str | None = None

    @cached_property
    def sql(self) -> str:
        """All SQL of the rule."""
        return " ".join(part for part in (self.rows, self.failing_rows, self.fails_when) if part)

    @cached_property
    def leaves_empty(self) -> bool:
        """Whether a row that breaks the rule is kept, and the cell is read as empty."""
        return self.blanks or (not self.refuses and "__unreadable" in self.sql)

    @cached_property
    def reads_previous(self) -> bool:
        """Whether the rule compares with the month before."""
        return "previous." in self.sql

    @cached_property
    def tables_read(self) -> frozenset[str]:
        """The tables that decide the rule's outcome."""
        parents = {self.reference[0]} if self.reference else set()
        return frozenset({self.table, *_NAMED_TABLE.findall(self.sql), *parents})


def feeds_of(rule: Rule) -> set[str]:
    """The feeds that a rule needs; an empty set for a rule of a mart.

    A rule on a module of the statutory return needs ``ssda903``, the return.
    """
    if rule.table in ssda903.modules():
        return {ssda903.FEED}
    known = {table.name: table.feed for table in contract().tables}
    feeds = set(known.values())
    if rule.table == WHOLE_EXTRACT:
        return feeds
    named = {f"{feed}{EXTRACT_SUFFIX}": feed for feed in feeds}
    if rule.table not in known | named:
        return set()
    return {feed for table in rule.tables_read if (feed := (known | named).get(table))}
