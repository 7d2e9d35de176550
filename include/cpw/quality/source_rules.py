"""What rules are asked of a source, and which of them may stop it.

What a statutory return holds is the column ``ssda903`` of ``seeds/contract/extract_contract.csv``.
A value that the return lacks is null in the contract's tables, so a rule on it would call every row
bad: a rule that reads what the source does not hold is not run. And a return has been signed and
sent, it is not exported anew next month: what is odd in it, but valid, is reported and stops
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
    """The rules of a gate for one source; of those that it cannot answer why, by id."""

    rules: tuple[Rule, ...]
    left_out: dict[str, str]

    @property
    def asked(self) -> tuple[Rule, ...]:
        """The rules that the source can answer."""
        return tuple(rule for rule in self.rules if rule.id not in self.left_out)


def rules_for(source: Source, rules: Iterable[Rule]) -> SourceRules:
    """The rules of a gate as they are asked of a source, in the order of the rule book."""
    if source == "extract":
        return SourceRules(tuple(rules), {})
    known = tuple(_of_return(rule) for rule in rules)
    lacking = {rule.id: _lacking(rule) for rule in known}
    return SourceRules(known, {rule: why for rule, why in lacking.items() if why is not None})


def _of_return(rule: Rule) -> Rule:
    """A rule as it is asked of a return: what is odd but valid stops nothing."""
    if rule.refuses or rule.severity != "major":
        return rule
    return replace(rule, tolerance=_ANY_NUMBER)


def _lacking(rule: Rule) -> str | None:
    """Why a return cannot answer the rule, in words; none where it can."""
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
        return []  # about the row as it stands, whatever it holds
    words = {*_WORD.findall(f"{rule.sql} {rule.asked_of or ''}"), rule.column}
    return [column for column in table.columns if column.name in words]
