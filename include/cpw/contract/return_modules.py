"""The modules of an SSDA903 return: tables, columns, keys and code sets, read from ``seeds/``.

``seeds/returns/ssda903_tables.csv``, ``ssda903_columns.csv`` and ``ssda903_code_sets.csv`` describe
the return as ``extract_contract.csv`` and its two companions describe an extract. Code sets that
the return shares with the extracts are in ``code_sets.csv``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from cpw.contract.tables import Column, Contract, Table, contract, read_code_sets
from cpw.core.paths import SEEDS, seed_rows

FEED = "ssda903"
HEADER = "ssda903_header"
EPISODES = "ssda903_episodes"
UPN_IS_SHARED = "upn_is_shared"
SEED_NAMES = ("ssda903_tables", "ssda903_columns", "ssda903_code_sets")

Form = Literal["id", "code", "flag", "sex", "made", ""]
WhenEmpty = Literal["nothing_happened", "no_source"]


@dataclass(frozen=True)
class ModuleColumn(Column):
    """A column of a module.

    ``form`` decides how a text cell is read: an id loses its spaces, a code is put into capitals, a
    flag becomes 0 or 1, a sex M or F; a column with the form ``made`` is computed and not in the
    file. ``in_header`` marks the columns that a file must have, although their cells may be empty.
    """

    form: Form = ""
    in_header: bool = False


@dataclass(frozen=True)
class Module(Table):
    """One module of the return.

    ``columns`` are module columns. ``file_names`` are the names that its CSV file may have, letters
    and digits only. ``when_empty`` is the meaning of a module without rows: nothing of the kind
    happened, or the module is missing. ``becomes`` names the contract's tables that are made from
    the module.
    """

    file_names: tuple[str, ...] = ()
    when_empty: WhenEmpty = "no_source"
    becomes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def person(self) -> Column:
        """The column with the child's id."""
        return self.column("child")

    @property
    def identity(self) -> tuple[Column, ...]:
        """The columns that identify a row."""
        return tuple(column for column in self.columns if column.is_key)

    @property
    def short_name(self) -> str:
        """The module's short name, such as ``episodes``."""
        return self.name.removeprefix(f"{FEED}_")


def _column(row: dict[str, str]) -> ModuleColumn:
    table, _, column = row["references"].partition(".")
    return ModuleColumn(
        name=row["column"],
        type=row["type"],  # type: ignore[arg-type]
        required=row["required"] == "yes",
        is_key=row["key"] == "pk",
        code_set=row["code_set"] or None,
        references=(table, column) if column else None,
        as_known=None,
        not_before=row["not_before"] or None,
        shows_month=False,
        form=row["form"],  # type: ignore[arg-type]
        in_header=row["in_header"] == "yes",
    )


def read_return_contract(seeds: Path = SEEDS) -> Contract:
    """Read the contract of the return from a folder of seeds; its tables are modules."""
    columns: dict[str, list[Column]] = {}
    for row in seed_rows("ssda903_columns", seeds):
        columns.setdefault(row["table"], []).append(_column(row))
    tables = tuple(
        Module(
            feed=row["feed"],
            name=row["table"],
            presence=row["presence"],  # type: ignore[arg-type]
            grain=row["grain"],
            columns=tuple(columns[row["table"]]),
            file_names=tuple(row["files"].split()),
            when_empty=row["when_empty"],  # type: ignore[arg-type]
            becomes=tuple(row["becomes"].split()),
        )
        for row in seed_rows("ssda903_tables", seeds)
    )
    own = read_code_sets("ssda903_code_sets", seeds)
    return Contract(tables, contract().code_sets | own)


@cache
def return_contract() -> Contract:
    """The project's own contract of the return."""
    return read_return_contract()


@cache
def modules() -> dict[str, Module]:
    """The modules by table name, such as ``ssda903_episodes``, in contract order."""
    return {table.name: table for table in return_contract().tables if isinstance(table, Module)}


def module_of_file(stem: str) -> Module | None:
    """The module of a file name, whose case, spaces and punctuation do not matter."""
    plain = re.sub(r"[^a-z0-9]", "", stem.lower())
    return next((module for module in modules().values() if plain in module.file_names), None)


def known_table(name: str) -> Table:
    """The table of that name, of an extract or of a return."""
    return modules().get(name) or contract().table(name)
