"""The basic rules of a table, derived from its contract: a row that breaks one is not valid.

They check shape, types, code sets, keys, references and the order of dates. An id consists of the
table, the column and the kind of check, such as ``ssd_person.pers_dob.type``. The modules of a
return have basic rules too; their dates are day first, and their keys may have several columns.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from cpw.contract.casting import EXPECTED
from cpw.contract.cells import UNREADABLE
from cpw.contract.return_casting import DAY_FIRST, WRITE_DAY_FIRST
from cpw.contract.return_modules import HEADER, Module, codes_with_years
from cpw.contract.tables import PERSON, Column, Contract, Table, contract
from cpw.quality.rule import Rule, Tolerance

Make = Callable[..., Rule]

_DAYS_OF_OTHERS = ("ssd_person.pers_expected_dob", "ssda903_header.mc_dob")
"""Optional dates that may well be before the child's birth."""


def basic_rules(table: Table, known: Contract, owner: str, tolerance: Tolerance) -> list[Rule]:
    """The rules that follow from the contract alone."""

    def reporting(rule: str, description: str, dimension: str, remedy: str, **facts: Any) -> Rule:
        return Rule(
            **{
                "id": f"{table.name}.{rule}",
                "table": table.name,
                "description": description,
                "dimension": dimension,
                "severity": "major",
                "owner": owner,
                "remedy": remedy,
                "tolerance": tolerance,
                **facts,
            }
        )

    refusing = partial(reporting, refuses=True)
    rules = [*_row_rules(table, refusing), _error_values(table, reporting)]
    for column in table.columns:
        rules += _column_rules(column, known, refusing, is_module=isinstance(table, Module))
        rules += _cell_rules(table, column, reporting)
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


def _row_rules(table: Table, refusing: Make) -> list[Rule]:
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


def _second_header(refusing: Make) -> Rule:
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
    column: Column, known: Contract, refusing: Make, *, is_module: bool
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


def _type(column: Column, refusing: Make, *, is_module: bool) -> Rule:
    """A cell that is needed costs its row; any other is read as empty."""
    expected = (DAY_FIRST if is_module else EXPECTED)[column.type]
    is_day_first = is_module and column.type == "date"
    return refusing(
        f"{column.name}.type",
        f"{column.name} is {expected}",
        "validity",
        WRITE_DAY_FIRST if is_day_first else f"Write {expected}",
        column=column.name,
        fails_when=f'"{column.name}{UNREADABLE}" is not null'
        if column.is_needed
        else _unreadable(column, "type", "error_value"),
        refuses=column.is_needed,
    )


def _unreadable(column: Column, *reasons: str) -> str:
    """The SQL that is true for a row whose cell could not be read for one of the reasons."""
    listed = ", ".join(f"'{reason}'" for reason in reasons)
    return f'coalesce("{column.name}{UNREADABLE}" in ({listed}), false)'


def _error_values(table: Table, reporting: Make) -> Rule:
    """Error values in columns of text; those of other columns fail the rule on the type."""
    texts = [column for column in table.columns if column.type == "string"]
    return reporting(
        "error_values",
        "No text is a spreadsheet's error value, such as #N/A; it is read as empty",
        "validity",
        "Correct the formula in the workbook, or leave the cell empty",
        severity="minor",
        fails_when=" or ".join(_unreadable(column, "error_value") for column in texts),
    )


def _cell_rules(table: Table, column: Column, reporting: Make) -> list[Rule]:
    """The rules on values that cannot be, in columns that may be empty: they are read as empty."""
    rules = []
    if not column.is_needed and (column.least is not None or column.greatest is not None):
        rules.append(
            reporting(
                f"{column.name}.range",
                f"{column.name} is {_range(column)}; anything else is read as empty",
                "validity",
                "Correct the value, or leave it empty where it is not known",
                column=column.name,
                fails_when=_unreadable(column, "range"),
            )
        )
    if column.may_hold_placeholder:
        rules.append(
            reporting(
                f"{column.name}.placeholder",
                f"{column.name} is not a date that stands for none, such as 1900-01-01; it is read "
                "as empty",
                "validity",
                "Leave the cell empty where there is no date",
                column=column.name,
                severity="minor",
                fails_when=_unreadable(column, "placeholder"),
            )
        )
    if isinstance(table, Module) and column.code_set in codes_with_years():
        rules.append(_code_of_year(column, reporting))
    if _follows_birth(table, column):
        rules.append(
            reporting(
                f"{column.name}.before_birth",
                f"{column.name} is not before the child was born; it is read as empty",
                "consistency",
                "Correct the date, or the child's date of birth",
                column=column.name,
                severity="minor",
                blanks=True,
                failing_rows=_before_birth(table, column),
            )
        )
    return rules


def _code_of_year(column: Column, reporting: Make) -> Rule:
    """A code that another collection year allows is read, and reported."""
    year = "year(getvariable('year_end'))"
    codes = codes_with_years()[str(column.code_set)]
    conditions = [
        f"(\"{column.name}\" = '{code.code}' and {year} not between {code.first or 0} "
        f"and {code.last or 9999})"
        for code in codes
    ]
    return reporting(
        f"{column.name}.code_of_year",
        f"{column.name} is a code that the return's collection year allows",
        "validity",
        "Use a code of the collection's guide for the year; the warehouse reads the code as it is",
        column=column.name,
        severity="minor",
        fails_when=" or ".join(conditions),
    )


def _range(column: Column) -> str:
    if column.greatest is None:
        return f"at least {column.least}"
    return f"{column.least} to {column.greatest}"


def _follows_birth(table: Table, column: Column) -> bool:
    """Whether a date lies in a child's life: an optional one without a start of its own."""
    return (
        column.may_hold_placeholder
        and column.not_before is None
        and f"{table.name}.{column.name}" not in _DAYS_OF_OTHERS
        and _person_of(table) is not None
    )


def _before_birth(table: Table, column: Column) -> str:
    births = HEADER if isinstance(table, Module) else PERSON[0]
    person, born = ("child", "dob") if isinstance(table, Module) else (PERSON[1], "pers_dob")
    return (
        f"select t.source_row from valid.{table.name} as t "
        f"inner join ({_person_of(table)}) as o on t.source_row = o.source_row "
        f'inner join valid.{births} as p on o.person_id = p."{person}" '
        f'where cast(t."{column.name}" as date) < p."{born}"'
    )


def _person_of(table: Table) -> str | None:
    """The SQL of each valid row's child, through the rows it refers to; None if it has none."""
    own = table.person
    if own is not None:
        return f'select source_row, "{own.name}" as person_id from valid.{table.name}'
    link = table.parent
    if link is None or link.references is None:
        return None
    parent, column = link.references
    above = _person_of(contract().table(parent))
    if above is None:
        return None
    return (
        f"select c.source_row, any_value(a.person_id) as person_id from valid.{table.name} as c "
        f'inner join valid.{parent} as p on c."{link.name}" = p."{column}" '
        f"inner join ({above}) as a on p.source_row = a.source_row group by 1"
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


def _required(column: Column, refusing: Make) -> Rule:
    unread = "" if column.type == "string" else f' and "{column.name}{UNREADABLE}" is null'
    return refusing(
        f"{column.name}.required",
        f"{column.name} has a value in every row",
        "completeness",
        "Fill it in",
        column=column.name,
        fails_when=f'"{column.name}" is null{unread}',
    )


def _code(column: Column, codes: tuple[str, ...], refusing: Make) -> Rule:
    """A code that is needed costs its row if it is in no set; any other is read as empty."""
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
        fails_when=f'"{column.name}" not in ({listed})'
        if column.is_needed
        else _unreadable(column, "code"),
        refuses=column.is_needed,
    )


def _content(table: Table) -> str:
    parts = [f'"{column.name}"' for column in table.columns]
    parts += [f'"{column.name}{UNREADABLE}"' for column in table.columns]
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
    """Rows that differ and share their key; in a return, one that has no length clashes with none.

    Rows of a return may also differ in the columns that tell rows with one key apart.
    """
    rows = _key_twice(table)
    apart = table.told_apart_by if isinstance(table, Module) else _key(table)
    key = ", ".join(f'"{column.name}"' for column in apart)
    if isinstance(table, Module) and table.length is not None:
        start, end = table.length
        rows = f'(from {rows} where "{end.name}" is distinct from "{start.name}")'
    return (
        f"select source_row from {rows} where ({key}) in (select ({key}) from "
        f"(select distinct {_content(table)} from {rows}) "
        f"where not {_any_empty(table)} group by all having count(*) > 1)"
    )
