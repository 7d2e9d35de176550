"""The modules of an SSDA903 return: tables, columns, keys and code sets, read from ``seeds/``.

``seeds/returns/ssda903_tables.csv``, ``ssda903_columns.csv`` and ``ssda903_code_sets.csv`` describe
the return as ``extract_contract.csv`` and its two companions describe an extract. Code sets that
the return shares with the extracts are in ``code_sets.csv``. ``ssda903_code_years.csv`` has the
codes of either that not every collection year allows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from cpw.contract.tables import Column, Contract, Table, contract, limit, read_code_sets
from cpw.core.paths import SEEDS, seed_rows

FEED = "ssda903"
HEADER = "ssda903_header"
EPISODES = "ssda903_episodes"
UPN_IS_SHARED = "upn_is_shared"
_SHORT = 4
SEED_NAMES = ("ssda903_tables", "ssda903_columns", "ssda903_code_sets", "ssda903_code_years")

WhenEmpty = Literal["nothing_happened", "no_source"]


@dataclass(frozen=True)
class ModuleColumn(Column):
    """A column of a module.

    An id loses its spaces, a code is put into capitals, a flag becomes 0 or 1, a sex M or F; a
    column with the form ``made`` is computed and not in the file. ``in_header`` marks the columns
    that a file must have, although their cells may be empty. ``other_names`` are names that a file
    may have for the column. ``tells_apart`` marks a column that is not part of the key, but in
    which two rows with one key may differ and both be right.
    """

    in_header: bool = False
    other_names: tuple[str, ...] = ()
    tells_apart: bool = False


@dataclass(frozen=True)
class Module(Table):
    """One module of the return.

    ``columns`` are module columns. ``file_names`` are the names that its CSV file may have, letters
    and digits only. ``when_empty`` is the meaning of a module without rows: nothing of the kind
    happened, or the module is missing. ``becomes`` names the contract's tables that are made from
    the module. ``in_figures`` is False for a module that no figure is made from.
    """

    file_names: tuple[str, ...] = ()
    when_empty: WhenEmpty = "no_source"
    becomes: tuple[str, ...] = field(default=(), repr=False)
    in_figures: bool = True

    @property
    def person(self) -> Column:
        """The column with the child's id."""
        return self.column("child")

    @property
    def identity(self) -> tuple[Column, ...]:
        """The columns that identify a row."""
        return tuple(column for column in self.columns if column.is_key)

    @property
    def told_apart_by(self) -> tuple[Column, ...]:
        """The key's columns, and those in which rows with one key may differ."""
        own = (c for c in self.columns if isinstance(c, ModuleColumn))
        return tuple(column for column in own if column.is_key or column.tells_apart)

    @property
    def length(self) -> tuple[Column, Column] | None:
        """The start, a part of the key, and the end of what a row is about; None without them."""
        for end in self.columns:
            start = next((c for c in self.identity if c.name == end.not_before), None)
            if start is not None:
                return start, end
        return None

    def column_named(self, name: str) -> str:
        """The column that a name in a file's header stands for, else the name itself."""
        own = (c for c in self.columns if isinstance(c, ModuleColumn))
        return next((c.name for c in own if name in c.other_names), name)

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
        other_names=tuple(row["other_names"].split()),
        tells_apart=row["key"] == "tells_apart",
        least=limit(row["least"]),
        greatest=limit(row["greatest"]),
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
            in_figures=row["in_figures"] == "yes",
        )
        for row in seed_rows("ssda903_tables", seeds)
    )
    own = read_code_sets("ssda903_code_sets", seeds)
    return Contract(tables, contract().code_sets | own)


@dataclass(frozen=True)
class CodeYears:
    """The first and the last collection year that allow a code; None if there is no such end."""

    code: str
    first: int | None
    last: int | None


@cache
def codes_with_years() -> dict[str, tuple[CodeYears, ...]]:
    """The codes that not every collection year allows, by code set."""
    found: dict[str, list[CodeYears]] = {}
    for row in seed_rows("ssda903_code_years"):
        first, last = row["first_year"], row["last_year"]
        years = CodeYears(row["code"], int(first or 0) or None, int(last or 0) or None)
        found.setdefault(row["code_set"], []).append(years)
    return {code_set: tuple(codes) for code_set, codes in found.items()}


@cache
def return_contract() -> Contract:
    """The project's own contract of the return."""
    return read_return_contract()


@cache
def modules() -> dict[str, Module]:
    """The modules by table name, such as ``ssda903_episodes``, in contract order."""
    return {table.name: table for table in return_contract().tables if isinstance(table, Module)}


def module_of_file(stem: str) -> Module | None:
    """The module that a file's name names, whose case, spaces and punctuation do not matter.

    A module's name may stand anywhere in the file's (``SSDA903_2018_header``); one that is short,
    such as ``dol``, only as a word of its own. A name within a longer one does not count.

    Raises:
        ValueError: the file's name names two modules.
    """
    plain = re.sub(r"[^a-z0-9]", "", stem.lower())
    words = re.split(r"[^a-z0-9]+", stem.lower())
    named = {
        name: module
        for module in modules().values()
        for name in module.file_names
        if name == plain or name in words or (len(name) > _SHORT and name in plain)
    }
    found = {
        module.name: module
        for name, module in named.items()
        if not any(name != other and name in other for other in named)
    }
    if len(found) > 1:
        raise ValueError(" and ".join(module.short_name for module in found.values()))
    return next(iter(found.values()), None)


def known_table(name: str) -> Table:
    """The table of that name, of an extract or of a return."""
    return modules().get(name) or contract().table(name)
