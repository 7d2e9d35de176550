"""The rules that run for a source, and the rules that may stop it.

A rule on the contract's tables is made for monthly extracts. It runs for a statutory return only if
the return can answer it. It does not run

* if the rule itself says why not (``not_of_return``);
* if it compares with the month before: the gate of the return compares it with the return before;
* if it reads a table or a column that no return contains: all its values are null. The column
  ``ssda903`` of ``seeds/contract/extract_contract.csv`` lists what a return contains;
* if it reads what is made from a module that was not given. Rules that refuse rows or empty cells
  run nevertheless: without rows they refuse none.

A return has been signed and sent, and nobody exports it again next month: anything odd but valid in
it is reported and stops nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cpw.contract.return_modules import modules
from cpw.contract.tables import Column, Table, contract
from cpw.core.partition import Source
from cpw.quality.rule import Rule, Tolerance

COMPARES_MONTHS = (
    "an SSDA903 return is of a year; its own gate compares it with the return of the year before"
)
_WORD = re.compile(r"\w+")
_ITEM = re.compile(r"\b([a-z]\w*)\.[A-Z]")
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


def rules_for(
    source: Source, rules: Iterable[Rule], not_given: Mapping[str, str] | None = None
) -> SourceRules:
    """The rules of a gate as they apply to a source, in the order of the rule book.

    Args:
        source: where the month's data comes from.
        rules: the rules of the gate.
        not_given: the modules that a return lacks, by short name, as they are called in words.
    """
    if source == "extract":
        return SourceRules(tuple(rules), {})
    known = tuple(_of_return(rule) for rule in rules)
    lacking = {rule.id: _lacking(rule, not_given or {}) for rule in known}
    return SourceRules(known, {rule: why for rule, why in lacking.items() if why is not None})


def _of_return(rule: Rule) -> Rule:
    """A rule as it applies to a return: rows that are odd but valid stop nothing."""
    if rule.refuses or rule.severity != "major":
        return rule
    return replace(rule, tolerance=_ANY_NUMBER)


def _lacking(rule: Rule, not_given: Mapping[str, str]) -> str | None:
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
    if rule.reads_previous:
        return COMPARES_MONTHS
    if rule.refuses or rule.blanks:
        return None
    absent = sorted(words for name, words in not_given.items() if name in _modules_read(rule))
    return f"the module {absent[0]} was not given, or too little of it is valid" if absent else None


def _modules_read(rule: Rule) -> set[str]:
    """The modules, by short name, from which the data that a rule reads is made.

    Of another table, the rule also reads which rows it has: they depend on all of its modules.
    """
    found: set[str] = set()
    for table in contract().tables:
        if table.name not in rule.tables_read:
            continue
        for column in _columns_read(rule, table):
            found |= set(_ITEM.findall(column.in_return or ""))
        sources = {
            module.short_name
            for module in modules().values()
            if module.in_figures and table.name in module.becomes
        }
        if len(sources) == 1 or table.name != rule.table:
            found |= sources
    return found


def _columns_read(rule: Rule, table: Table) -> list[Column]:
    if rule.id in {f"{table.name}.{name}" for name in (*_WHOLE_ROWS, f"{table.key.name}.unique")}:
        return []  # these rules check whole rows, whatever the cells contain
    words = {*_WORD.findall(f"{rule.sql} {rule.asked_of or ''}"), rule.column}
    return [column for column in table.columns if column.name in words]
