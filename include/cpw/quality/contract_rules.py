"""The basic rules of a table, derived from its contract: a row that breaks one is not valid.

They check shape, types, code sets, keys, references and the order of dates. An id consists of the
table, the column and the kind of check, such as ``ssd_person.pers_dob.type``. The modules of a
return have basic rules too; their dates are day first, and their keys may have several columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cpw.contract.casting import EXPECTED, UNREADABLE
from cpw.contract.return_casting import DAY_FIRST, WRITE_DAY_FIRST
from cpw.contract.return_modules import HEADER, Module
from cpw.contract.tables import Column, Contract, Table, contract
from cpw.quality.rule import Rule, Tolerance

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
        rules += _column_rules(column, known, refusing, is_module=isinstance(table, Module))
    if isinstance(table, Module) and table.name != HEADER and "dob" in table.column_names:
        rules.append(_same_birth(table, owner))
    if table.presence == "rows_required":
        rules.append(
            Rule(
                id=f"{table.name}.has_rows",
                table=table.name,
                description=f"{table.name} has rows that are valid",
                dimension="completeness",
                severity="critical",
                owner=owner,
                remedy="Export the table again: every authority has rows for it",
                rows=f"select count(*) as valid_rows from valid.{table.name}",
                fails_when="valid_rows = 0",
            )
        )
    return rules


def _row_rules(table: Table, refusing: Refusing) -> list[Rule]:
    key = _key(table)
    named = " and ".join(column.name for column in key)
    rules = [
        refusing(
            "row_shape",
            "Every row has as many cells as the header",
            "validity",
            "Look for a comma or a line break outside quotation marks",
            fails_when="_ragged > 0" if isinstance(table, Module) else "_ragged is not null",
        ),
        refusing(
            "repeated_row",
            "No row equals another in every column; one of such rows is loaded",
            "uniqueness",
            "Export each row once",
            protects=(),  # one of the rows is loaded
            failing_rows=_repeated_rows(table),
        ),
        refusing(
            f"{key[-1].name}.unique",
            f"{named} is the key: no two different rows share it"
            if len(key) == 1
            else f"{named} are the key: no two different rows share them",
            "uniqueness",
            "Find out which row is right, and export the key once",
            column=key[-1].name,
            failing_rows=_clashing_keys(table),
        ),
    ]
    return [*rules, _second_header(refusing)] if isinstance(table, Module) else rules


def _second_header(refusing: Refusing) -> Rule:
    return refusing(
        "second_header",
        "No row repeats the names of the header",
        "validity",
        "Remove the second header; if two files were put together, check that their columns are "
        "in the same order",
        protects=(),  # it is not a row of a child
        fails_when="_ragged = 0",
    )


def _column_rules(
    column: Column, known: Contract, refusing: Refusing, *, is_module: bool
) -> list[Rule]:
    rules = []
    if column.required:
        rules.append(_required(column, refusing))
    if column.type != "string":
        rules.append(_type(column, refusing, is_module=is_module))
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


def _type(column: Column, refusing: Refusing, *, is_module: bool) -> Rule:
    expected = (DAY_FIRST if is_module else EXPECTED)[column.type]
    is_day_first = is_module and column.type == "date"
    return refusing(
        f"{column.name}.type",
        f"{column.name} is {expected}",
        "validity",
        WRITE_DAY_FIRST if is_day_first else f"Write {expected}",
        column=column.name,
        fails_when=f'"{column.name}{UNREADABLE}"',
        releasable=not column.required,
    )


def _same_birth(table: Table, owner: str) -> Rule:
    return Rule(
        id=f"{table.name}.dob.differs",
        table=table.name,
        description="dob is the child's date of birth in the header",
        dimension="consistency",
        severity="minor",
        owner=owner,
        remedy="Correct the date of birth; the warehouse uses the one in the header",
        column="dob",
        failing_rows=f"select m.source_row from valid.{table.name} as m "
        f"inner join valid.{HEADER} as h on m.child = h.child where m.dob <> h.dob",
        asked_of="dob is not null",
    )


def _required(column: Column, refusing: Refusing) -> Rule:
    unread = "" if column.type == "string" else f' and not "{column.name}{UNREADABLE}"'
    return refusing(
        f"{column.name}.required",
        f"{column.name} has a value in every row",
        "completeness",
        "Fill it in",
        column=column.name,
        fails_when=f'"{column.name}" is null{unread}',
    )


def _code(column: Column, codes: tuple[str, ...], refusing: Refusing) -> Rule:
    listed = ", ".join(f"'{code}'" for code in codes)
    remedy = f"Use a code of the set {column.code_set} in docs/reference/contract.md"
    if column.code_set not in contract().code_sets:
        remedy = f"Use one of {', '.join(codes)}"
    return refusing(
        f"{column.name}.code",
        f"{column.name} is a code of the set {column.code_set}",
        "validity",
        remedy,
        column=column.name,
        fails_when=f'"{column.name}" not in ({listed})',
    )


def _content(table: Table) -> str:
    parts = [f'"{column.name}"' for column in table.columns]
    parts += [f'"{c.name}{UNREADABLE}"' for c in table.columns if c.type != "string"]
    return ", ".join(parts)


def _key(table: Table) -> tuple[Column, ...]:
    """The key columns: an extract's table has one, a module may have more."""
    return table.identity if isinstance(table, Module) else (table.key,)


def _listed(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in _key(table))


def _any_empty(table: Table) -> str:
    return "(" + " or ".join(f'"{column.name}" is null' for column in _key(table)) + ")"


def _key_twice(table: Table) -> str:
    """The rows whose key occurs more than once or is empty: only these can equal another row."""
    key = _listed(table)
    return (
        f"(select * from arrived.{table.name} where _ragged is null and ({_any_empty(table)} "
        f"or ({key}) in (select ({key}) from arrived.{table.name} where _ragged is null "
        f"group by all having count(*) > 1)))"
    )


def _repeated_rows(table: Table) -> str:
    return (
        f"select source_row from (select source_row, row_number() over "
        f"(partition by {_content(table)} order by source_row) as copy "
        f"from {_key_twice(table)}) where copy > 1"
    )


def _clashing_keys(table: Table) -> str:
    key = _listed(table)
    return (
        f"select source_row from {_key_twice(table)} where ({key}) in (select ({key}) from "
        f"(select distinct {_content(table)} from {_key_twice(table)}) "
        f"where not {_any_empty(table)} group by all having count(*) > 1)"
    )
