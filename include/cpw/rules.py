"""The rules of the gates: what each asks, how severe it is, who corrects it, what it protects.

The basic rules of a table (shape, types, keys, code sets, references, order of dates) are derived
from the contract, an extract's or a return's (:mod:`cpw.basic_rules`). All others, and every
threshold, are in ``expectations/``: one YAML file a table, and ``_defaults.yml`` for what holds
unless a rule says otherwise.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from cpw.contract import PROJECT_ROOT, SEEDS, Contract, contract
from cpw.ssda903 import modules as ssda903

EXPECTATIONS = PROJECT_ROOT / "expectations"
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
_LEFT_OPEN = re.compile(r"\{[a-z]\w*\}")


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

    What is checked is one of: ``fails_when`` alone, an SQL condition that is true of a row of the
    table that breaks the rule and null of one it does not apply to; ``failing_rows``, a query for
    the ``source_row`` of those that break it; ``reference``; or ``rows``, a query for what the rule
    is asked of in place of the table's rows, with ``fails_when`` on it. Thresholds stand in the SQL
    and in the description as ``{name}``.

    ``asked_of`` says of which rows a rule with ``failing_rows`` is asked, for what it tolerates.

    ``refuses`` marks the rules whose failing rows are not valid by the interface: those rows go to
    quarantine, all others stay; ``releasable`` those of them whose rows can be loaded as they are
    when somebody answers for it. ``protects`` names the KPIs that the rule protects, none where it
    is empty; where it is not given they follow from what the rule reads (:mod:`cpw.lineage`).

    ``not_of_return`` says why a statutory return cannot answer the rule, though it holds the
    columns that the rule reads.
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
    def reads_previous(self) -> bool:
        """Whether the rule compares with the month before."""
        return "previous." in self.sql

    @cached_property
    def tables_read(self) -> frozenset[str]:
        """The tables whose rows decide how the rule comes out."""
        parents = {self.reference[0]} if self.reference else set()
        return frozenset({self.table, *_NAMED_TABLE.findall(self.sql), *parents})


@dataclass(frozen=True)
class RuleBook:
    """All rules, read from the contract and from a folder of expectations."""

    rules: tuple[Rule, ...]
    version: str

    def of_table(self, table: str) -> tuple[Rule, ...]:
        """The rules of one table (or mart)."""
        return tuple(rule for rule in self.rules if rule.table == table)

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id."""
        return next(rule for rule in self.rules if rule.id == rule_id)

    def of_feed(self, feed: str) -> tuple[Rule, ...]:
        """The rules that one feed can answer on its own."""
        return tuple(rule for rule in self.rules if feeds_of(rule) == {feed})

    def between_feeds(self) -> tuple[Rule, ...]:
        """The rules that need several feeds."""
        return tuple(rule for rule in self.rules if len(feeds_of(rule)) > 1)

    def of_marts(self) -> tuple[Rule, ...]:
        """The rules on what was built."""
        return tuple(rule for rule in self.rules if not feeds_of(rule))


def feeds_of(rule: Rule) -> set[str]:
    """The feeds that a rule needs; none where it is a rule of a mart.

    A rule on a module of the statutory return needs that return, ``ssda903``.
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


def read_rules(folder: Path = EXPECTATIONS, tables: Contract | None = None) -> RuleBook:
    """Read the rule book: the basic rules of every table and module, then those of its file.

    Raises:
        ValueError: two rules share an id, or a rule names a threshold that it does not give.
    """
    from cpw.basic_rules import basic_rules

    known = tables or contract()
    defaults = _read(folder / "_defaults.yml")
    files = {path.stem: _read(path) for path in sorted(folder.glob("*/*.yml"))}
    rules: list[Rule] = []
    of_return = defaults | defaults.get(ssda903.FEED, {})
    for tables_of, common in ((known, defaults), (ssda903.return_contract(), of_return)):
        for table in tables_of.tables:
            own = files.pop(table.name, {})
            owner = own.get("owner", common["owner"])
            rules += basic_rules(table, tables_of, owner, Tolerance(**common["tolerance"]))
            rules += _written_rules(table.name, own, common)
    for name, content in files.items():
        rules += _written_rules(name, content, defaults)
    _check_ids(rules)
    return RuleBook(tuple(rules), _version(folder))


def _read(path: Path) -> dict[str, Any]:
    # the C parser, where PyYAML has it: the rule book is read by every command
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return content if isinstance(content, dict) else {}


def _written_rules(table: str, content: dict[str, Any], defaults: dict[str, Any]) -> list[Rule]:
    rules = []
    for entry in content.get("rules") or []:
        facts = dict(entry)
        tolerance = {**defaults["tolerance"], **facts.pop("tolerance", {})}
        thresholds = {**defaults.get("thresholds", {}), **facts.pop("thresholds", {})}
        if "protects" in facts:
            facts["protects"] = tuple(facts["protects"])
        facts.setdefault("owner", content.get("owner", defaults["owner"]))
        facts.setdefault("rows", content.get("rows"))
        for name in ("rows", "failing_rows", "fails_when", "asked_of", "description", "remedy"):
            if facts.get(name):
                facts[name] = _filled(str(facts[name]), thresholds, facts["id"])
        rules.append(
            Rule(
                table=table,
                tolerance=Tolerance(**tolerance),
                thresholds=thresholds,
                **facts,
            )
        )
    return rules


def _filled(text: str, thresholds: dict[str, float], rule: str) -> str:
    for name, value in thresholds.items():
        text = text.replace(f"{{{name}}}", str(value))
    if left := _LEFT_OPEN.search(text):
        raise ValueError(f"{rule} names the threshold {left.group()}, and does not give it")
    return text


def _check_ids(rules: Iterable[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ValueError(f"two rules share the id {rule.id}")
        seen.add(rule.id)


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    contract_seeds = [
        SEEDS / f"{name}.csv"
        for name in ("extract_contract", "contract_tables", "code_sets", *ssda903.SEED_NAMES)
    ]
    for path in [*contract_seeds, *sorted(folder.rglob("*.yml"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def rule_book() -> RuleBook:
    """The project's own rule book."""
    return read_rules()
