"""The basic rules of a table, as the extract contract has them: rows that break one are not valid.

Shape, types, code sets, keys, references, order of dates. Each has its id from the table, the
column and what it asks, such as ``ssd_person.pers_dob.type``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cpw.casting import EXPECTED, UNREADABLE
from cpw.contract import Column, Contract, Table
from cpw.rules import Rule, Tolerance

Refusing = Callable[..., Rule]


def basic_rules(table: Table, known: Contract, owner: str, tolerance: Tolerance) -> list[Rule]:
    """The rules that follow from the contract alone."""

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

    rules = [*_row_rules(table, refusing)]
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
                rows=f"select count(*) as valid_rows from valid.{table.name}",
                fails_when="valid_rows = 0",
            )
        )
    return rules


def _row_rules(table: Table, refusing: Refusing) -> list[Rule]:
    return [
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
            protects=(),  # one of the rows is loaded
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


def _column_rules(column: Column, known: Contract, refusing: Refusing) -> list[Rule]:
    rules = []
    if column.required:
        rules.append(_required(column, refusing))
    if column.type != "string":
        rules.append(
            refusing(
                f"{column.name}.type",
                f"{column.name} is {EXPECTED[column.type]}",
                "validity",
                f"Write {EXPECTED[column.type]}",
                column=column.name,
                fails_when=f'"{column.name}{UNREADABLE}"',
                releasable=not column.required,
            )
        )
    if column.code_set:
        rules.append(_code(column, known.code_sets[column.code_set], refusing))
    if column.references:
        parent, _ = column.references
        rules.append(
            refusing(
                f"{column.name}.reference",
                f"{column.name} names a valid row of {parent}",
                "consistency",
                f"Deliver the row of {parent} too, or correct the id",
                column=column.name,
                reference=column.references,
            )
        )
    if column.not_before:
        rules.append(
            refusing(
                f"{column.name}.order",
                f"{column.name} is not before {column.not_before}",
                "consistency",
                "Correct the two dates",
                column=column.name,
                fails_when=f'"{column.name}" < "{column.not_before}"',
                releasable=True,
            )
        )
    return rules


def _required(column: Column, refusing: Refusing) -> Rule:
    unread = "" if column.type == "string" else f' and not "{column.name}{UNREADABLE}"'
    return refusing(
        f"{column.name}.required",
        f"{column.name} is there in every row",
        "completeness",
        "Fill it in",
        column=column.name,
        fails_when=f'"{column.name}" is null{unread}',
    )


def _code(column: Column, codes: tuple[str, ...], refusing: Refusing) -> Rule:
    listed = ", ".join(f"'{code}'" for code in codes)
    return refusing(
        f"{column.name}.code",
        f"{column.name} is a code of the set {column.code_set}",
        "validity",
        f"Use a code of the set {column.code_set} in docs/contract.md",
        column=column.name,
        fails_when=f'"{column.name}" not in ({listed})',
    )


def _content(table: Table) -> str:
    parts = [f'"{column.name}"' for column in table.columns]
    parts += [f'"{c.name}{UNREADABLE}"' for c in table.columns if c.type != "string"]
    return ", ".join(parts)


def _key_twice(table: Table) -> str:
    """The rows whose key is there more than once, or not at all: only they can repeat another."""
    key = f'"{table.key.name}"'
    return (
        f"(select * from arrived.{table.name} where _ragged is null and ({key} is null or {key} in "
        f"(select {key} from arrived.{table.name} where _ragged is null "
        f"group by {key} having count(*) > 1)))"
    )


def _repeated_rows(table: Table) -> str:
    return (
        f"select source_row from (select source_row, row_number() over "
        f"(partition by {_content(table)} order by source_row) as copy "
        f"from {_key_twice(table)}) where copy > 1"
    )


def _clashing_keys(table: Table) -> str:
    key = f'"{table.key.name}"'
    return (
        f"select source_row from {_key_twice(table)} where {key} in (select {key} from "
        f"(select distinct {_content(table)} from {_key_twice(table)}) "
        f"where {key} is not null group by {key} having count(*) > 1)"
    )
