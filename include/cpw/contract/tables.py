"""The extract contract: feeds, tables, columns, keys and code sets, read from ``seeds/``.

``seeds/contract/extract_contract.csv``, ``contract_tables.csv`` and ``code_sets.csv`` are the only
description of an extract. The parser, the staging models, the basic rules, the generator of
synthetic extracts and ``docs/reference/contract.md`` all follow from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from cpw.core.paths import SEEDS, seed_rows

PERSON = ("ssd_person", "pers_person_id")

ColumnType = Literal["string", "date", "timestamp", "integer", "number"]
Form = Literal["id", "code", "flag", "sex", "postcode", "made", ""]
SQL_TYPES: dict[str, str] = {
    "string": "string",
    "date": "date",
    "timestamp": "timestamp",
    "integer": "integer",
    "number": "decimal(18, 4)",
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``as_known`` decides what happens to a date after ``as_at``: ``absent`` removes the row (it is
    not known yet), ``blank`` empties the date, ``keep`` leaves it (due and birth dates).
    ``not_before`` names the start that this end must not precede. ``shows_month`` marks the dates
    that show which month an extract covers. ``in_return`` names the item of a statutory return that
    the column is made from; None if a return does not contain it. ``form`` decides how a text cell
    is read. ``least`` and ``greatest`` are the ends of the values that a number can have.
    """

    name: str
    type: ColumnType
    required: bool
    is_key: bool
    code_set: str | None
    references: tuple[str, str] | None
    as_known: Literal["absent", "blank", "keep"] | None
    not_before: str | None
    shows_month: bool
    in_return: str | None = None
    form: Form = ""
    least: Decimal | None = None
    greatest: Decimal | None = None

    @property
    def is_needed(self) -> bool:
        """Whether a row without the column's value is not valid: a key, a reference, required."""
        return self.required or self.is_key or self.references is not None

    @property
    def may_hold_placeholder(self) -> bool:
        """Whether the column's date may be one that stands for none."""
        return self.type in ("date", "timestamp") and not self.is_needed

    @property
    def sql_type(self) -> str:
        """The column's type in SQL, the same in the lake and in staging."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table of a feed; ``presence`` is ``rows_required``, ``required`` or ``optional``."""

    feed: str
    name: str
    presence: Literal["rows_required", "required", "optional"]
    grain: str
    columns: tuple[Column, ...] = field(repr=False)

    @property
    def key(self) -> Column:
        """The primary key."""
        return next(column for column in self.columns if column.is_key)

    @property
    def person(self) -> Column | None:
        """The column with the id of the row's child, if the table has one."""
        own = (c for c in self.columns if PERSON in (c.references, (self.name, c.name)))
        return next(own, None)

    @property
    def in_return(self) -> bool:
        """Whether a statutory return contains any column of the table."""
        return any(column.in_return for column in self.columns)

    @property
    def parent(self) -> Column | None:
        """The column with the id of the row that a row belongs to, if the row has no child's id."""
        if self.person is not None:
            return None
        return next((column for column in self.columns if column.references), None)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Contract:
    """All tables and code sets of the seeds."""

    tables: tuple[Table, ...]
    code_sets: dict[str, tuple[str, ...]] = field(repr=False)

    def table(self, name: str) -> Table:
        """The table of that name."""
        return next(table for table in self.tables if table.name == name)

    def feed_tables(self, feed: str) -> tuple[Table, ...]:
        """A feed's tables, in contract order."""
        return tuple(table for table in self.tables if table.feed == feed)


def _column(row: dict[str, str]) -> Column:
    table, _, column = row["references"].partition(".")
    return Column(
        name=row["column"],
        type=row["type"],  # type: ignore[arg-type]
        required=row["required"] == "yes",
        is_key=row["key"] == "pk",
        code_set=row["code_set"] or None,
        references=(table, column) if column else None,
        as_known=row["as_known"] or None,  # type: ignore[arg-type]
        not_before=row["not_before"] or None,
        shows_month=row["shows_month"] == "yes",
        in_return=row.get("ssda903") or None,
        form=row["form"],  # type: ignore[arg-type]
        least=limit(row["least"]),
        greatest=limit(row["greatest"]),
    )


def limit(cell: str) -> Decimal | None:
    """A least or greatest value of a seed; None if there is none."""
    return Decimal(cell) if cell else None


def read_contract(seeds: Path = SEEDS) -> Contract:
    """Read the contract from a folder of seeds."""
    columns: dict[str, list[Column]] = {}
    for row in seed_rows("extract_contract", seeds):
        columns.setdefault(row["table"], []).append(_column(row))
    tables = tuple(
        Table(
            feed=row["feed"],
            name=row["table"],
            presence=row["presence"],  # type: ignore[arg-type]
            grain=row["grain"],
            columns=tuple(columns[row["table"]]),
        )
        for row in seed_rows("contract_tables", seeds)
    )
    return Contract(tables, read_code_sets("code_sets", seeds))


def read_code_sets(seed: str, seeds: Path = SEEDS) -> dict[str, tuple[str, ...]]:
    """The codes of each set of a seed, in its order."""
    found: dict[str, list[str]] = {}
    for row in seed_rows(seed, seeds):
        found.setdefault(row["code_set"], []).append(row["code"])
    return {name: tuple(codes) for name, codes in found.items()}


@cache
def contract() -> Contract:
    """The project's own contract."""
    return read_contract()
