"""The rules that run for a source, and the rules that may stop it.

The column ``ssda903`` of ``seeds/contract/extract_contract.csv`` lists what a statutory return
contains. All other values are null in the contract's tables, so a rule on them would fail for every
row: a rule that reads data the source does not contain does not run. A return has been signed and
sent, and nobody exports it again next month: anything odd but valid in it is reported and stops
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cpw.contract.tables import Column, Table, contract
from cpw.core.partition import Source
from cpw.quality.rule import Rule, Tolerance

_WORD = re.compile(r"\w+")
_WHOLE_ROWS = ("row_shape", "repeated_row")
_ANY_NUMBER = Tolerance(rows=0, share=1.0)


@dataclass(frozen=True)
class SourceRules:
    """The rules of a gate for one source; ``left_out`` has why some do not run, by rule id."""

    rules: tuple[Rule, ...]
    left_out: dict[str, str]

    @property
    def asked(self) -> tuple[Rule, ...]:
        """The rules that run for the source."""
        return tuple(rule for rule in self.rules if rule.id not in self.left_out)


def rules_for(source: Source, rules: Iterable[Rule]) -> SourceRules:
    """The rules of a gate as they apply to a source, in the order of the rule book."""
    if source == "extract":
        return SourceRules(tuple(rules), {})
    known = tuple(_of_return(rule) for rule in rules)
    lacking = {rule.id: _lacking(rule) for rule in known}
    return SourceRules(known, {rule: why for rule, why in lacking.items() if why is not None})


def _of_return(rule: Rule) -> Rule:
    """A rule as it applies to a return: rows that are odd but valid stop nothing."""
    if rule.refuses or rule.severity != "major":
        return rule
    return replace(rule, tolerance=_ANY_NUMBER)


def _lacking(rule: Rule) -> str | None:
    """Why the rule does not run for a return, in words; None if it runs."""
    if rule.not_of_return:
        return rule.not_of_return
    tables = [table for table in contract().tables if table.name in rule.tables_read]
    for table in tables:
        if not table.in_return:
            return f"an SSDA903 return contains nothing of {table.name}"
    for table in tables:
        for column in _columns_read(rule, table):
            if column.in_return is None:
                return f"an SSDA903 return does not contain {table.name}.{column.name}"
    return None


def _columns_read(rule: Rule, table: Table) -> list[Column]:
    if rule.id in {f"{table.name}.{name}" for name in (*_WHOLE_ROWS, f"{table.key.name}.unique")}:
        return []  # these rules check whole rows, whatever the cells contain
    words = {*_WORD.findall(f"{rule.sql} {rule.asked_of or ''}"), rule.column}
    return [column for column in table.columns if column.name in words]
