"""The rules of the gates: what each asks, how severe it is, who corrects it.

The basic rules of a table (shape, types, keys, code sets, references, order of dates) are derived
from the extract contract. All others, and every threshold, are in ``expectations/``: one YAML file
a table, and ``_defaults.yml`` for what holds unless a rule says otherwise.

A row rule is a condition in SQL that is true of a row that *breaks* it, or a query for the
``source_row`` of those that do. It is null for rows it does not apply to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from cpw.casting import EXPECTED, UNREADABLE
from cpw.contract import PROJECT_ROOT, SEEDS, Column, Contract, Table, contract

EXPECTATIONS = PROJECT_ROOT / "expectations"

Severity = Literal["critical", "major", "minor"]
Stage = Literal["feed", "between_feeds", "marts"]


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

    Exactly one of ``fails_when`` (SQL condition on a row), ``failing_rows`` (SQL query for
    ``source_row``), ``reference`` and ``expectation`` (a Great Expectations type with its
    arguments) says what is checked. ``refuses`` marks the rules whose failing rows are not valid
    by the interface: those rows go to quarantine, all others stay. ``of_valid_rows`` asks the rows
    that are left, not those that arrived. ``rows`` is the query for what a rule of the marts is
    asked of, where that is not the mart its file is named after.
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
    refuses: bool = False
    fails_when: str | None = None
    failing_rows: str | None = None
    reference: tuple[str, str] | None = None
    expectation: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict, hash=False)
    of_valid_rows: bool = False
    rows: str | None = None

    @property
    def frame(self) -> str:
        """The frame the rule is validated on: the table, or only its valid rows."""
        return f"valid.{self.table}" if self.of_valid_rows else self.table


def _read(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}


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


def read_rules(folder: Path = EXPECTATIONS, tables: Contract | None = None) -> RuleBook:
    """Read the rule book: the basic rules of every table, then those of its file."""
    known = tables or contract()
    defaults = _read(folder / "_defaults.yml")
    files = {path.stem: _read(path) for path in sorted(folder.glob("*/*.yml"))}
    rules: list[Rule] = []
    for table in known.tables:
        own = files.pop(table.name, {})
        owner = own.get("owner", defaults["owner"])
        rules += basic_rules(table, known, owner, Tolerance(**defaults["tolerance"]))
        rules += _written_rules(table.name, own, defaults)
    for name, content in files.items():
        rules += _written_rules(name, content, defaults)
    _check_ids(rules)
    return RuleBook(tuple(rules), _version(folder))


def _written_rules(table: str, content: dict[str, Any], defaults: dict[str, Any]) -> list[Rule]:
    rules = []
    for entry in content.get("rules") or []:
        facts = dict(entry)
        tolerance = {**defaults["tolerance"], **facts.pop("tolerance", {})}
        facts.setdefault("owner", content.get("owner", defaults["owner"]))
        facts.setdefault("rows", content.get("rows"))
        rules.append(Rule(table=table, tolerance=Tolerance(**tolerance), **facts))
    return rules


def _check_ids(rules: Iterable[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ValueError(f"two rules share the id {rule.id}")
        seen.add(rule.id)


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    contract_seeds = [
        SEEDS / f"{n}.csv" for n in ("extract_contract", "contract_tables", "code_sets")
    ]
    for path in [*contract_seeds, *sorted(folder.rglob("*.yml"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def rule_book() -> RuleBook:
    """The project's own rule book."""
    return read_rules()


def basic_rules(table: Table, known: Contract, owner: str, tolerance: Tolerance) -> list[Rule]:
    """The rules that follow from the contract alone; rows that break one are not valid."""

    def refusing(rule: str, description: str, dimension: str, remedy: str, **facts: Any) -> Rule:
        return Rule(
            id=f"{table.name}.{rule}",
            table=table.name,
            description=description,
            dimension=dimension,
            severity="major",
            owner=owner,
            remedy=remedy,
            tolerance=tolerance,
            refuses=True,
            **facts,
        )

    rules = [
        refusing(
            "row_shape",
            "Every row has as many cells as the header",
            "validity",
            "Look for a comma or a line break outside quotation marks",
            fails_when="_ragged is not null",
        ),
        refusing(
            "repeated_row",
            "No row repeats another in every column; of such rows one is kept",
            "uniqueness",
            "Export each row once",
            failing_rows=_repeated_rows(table),
        ),
        refusing(
            f"{table.key.name}.unique",
            f"{table.key.name} is the key: no two different rows share it",
            "uniqueness",
            "Give each row a key of its own; which of the rows is right cannot be told here",
            column=table.key.name,
            failing_rows=_clashing_keys(table),
        ),
    ]
    for column in table.columns:
        rules += _column_rules(column, known, refusing)
    if table.presence == "rows_required":
        rules.append(
            Rule(
                id=f"{table.name}.has_rows",
                table=table.name,
                description=f"{table.name} has rows that are valid",
                dimension="completeness",
                severity="critical",
                owner=owner,
                remedy="Export the table again: an authority without any is not possible",
                expectation="expect_table_row_count_to_be_between",
                arguments={"min_value": 1},
                of_valid_rows=True,
            )
        )
    return rules


def _column_rules(column: Column, known: Contract, refusing: Any) -> list[Rule]:
    name = column.name
    rules = []
    if column.required:
        unread = "" if column.type == "string" else f' and not "{name}{UNREADABLE}"'
        rules.append(
            refusing(
                f"{name}.required",
                f"{name} is there in every row",
                "completeness",
                "Fill it in",
                column=name,
                fails_when=f'"{name}" is null{unread}',
            )
        )
    if column.type != "string":
        rules.append(
            refusing(
                f"{name}.type",
                f"{name} is {EXPECTED[column.type]}",
                "validity",
                f"Write {EXPECTED[column.type]}",
                column=name,
                fails_when=f'"{name}{UNREADABLE}"',
            )
        )
    if column.code_set:
        codes = ", ".join(f"'{code}'" for code in known.code_sets[column.code_set])
        rules.append(
            refusing(
                f"{name}.code",
                f"{name} is a code of the set {column.code_set}",
                "validity",
                f"Use a code of the set {column.code_set} in docs/contract.md",
                column=name,
                fails_when=f'"{name}" not in ({codes})',
            )
        )
    if column.references:
        parent, parent_column = column.references
        rules.append(
            refusing(
                f"{name}.reference",
                f"{name} names a valid row of {parent}",
                "consistency",
                f"Deliver the row of {parent} too, or correct the id",
                column=name,
                reference=(parent, parent_column),
            )
        )
    if column.not_before:
        rules.append(
            refusing(
                f"{name}.order",
                f"{name} is not before {column.not_before}",
                "consistency",
                "Correct the two dates",
                column=name,
                fails_when=f'"{name}" < "{column.not_before}"',
            )
        )
    return rules


def _content(table: Table) -> str:
    parts = [f'"{column.name}"' for column in table.columns]
    parts += [f'"{c.name}{UNREADABLE}"' for c in table.columns if c.type != "string"]
    return ", ".join(parts)


def _repeated_rows(table: Table) -> str:
    return (
        f"select source_row from (select source_row, row_number() over "
        f"(partition by {_content(table)} order by source_row) as copy "
        f"from arrived.{table.name} where _ragged is null) where copy > 1"
    )


def _clashing_keys(table: Table) -> str:
    key = f'"{table.key.name}"'
    return (
        f"select source_row from arrived.{table.name} where {key} in (select {key} from "
        f"(select distinct {_content(table)} from arrived.{table.name} where _ragged is null) "
        f"where {key} is not null group by {key} having count(*) > 1)"
    )
