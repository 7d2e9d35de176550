"""The cut: what of the world's rows an extract of one day shows, driven by the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from cpw.contract.tables import Contract
from cpw_synthetic.days import iso

_MINUTES = 24 * 60


class After(NamedTuple):
    """A value that is ``then`` from a day on, and ``before`` (nothing, if not said) until it."""

    day: int | None
    then: str | int | None
    before: str | None = None


Value = str | int | float | After | None
ExtractRow = dict[str, Value]


class _Column(NamedTuple):
    position: int
    unit: int  # 1 for days, 1440 for minutes, 0 for what is no date
    as_known: str | None


@dataclass
class SyntheticExtract:
    """What is known on the day of the cut, formatted as lines of CSV.

    Generators write whole lives, the future included; :meth:`add` keeps what is known. Dates are
    ordinals, timestamps minutes since day 0.

    Attributes:
        cut: the day the extract is made.
        history: the first day of the history an extract holds.
    """

    contract: Contract
    cut: int
    history: int
    rows: dict[str, list[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the tables, empty, and what of the contract the cut needs."""
        self.rows = {table.name: [] for table in self.contract.tables}
        units = {"date": 1, "timestamp": _MINUTES}
        self._columns = {
            table.name: {
                column.name: _Column(position, units.get(column.type, 0), column.as_known)
                for position, column in enumerate(table.columns)
            }
            for table in self.contract.tables
        }

    @property
    def horizon(self) -> int:
        """A day past which nothing can matter, not even as planned."""
        return self.cut + 400

    def add(
        self, table: str, row: ExtractRow, *, known: int | None = None, last: int | None = None
    ) -> bool:
        """Add a row as far as it is known; tell whether it is.

        Args:
            table: the table's name in the contract.
            row: values by column; what is left out is null.
            known: the day the row is made, where no date of it says so.
            last: the last day the row was of interest: history drops what is older.
        """
        cut = self.cut
        if (known is not None and known > cut) or (last is not None and last < self.history):
            return False
        columns = self._columns[table]
        cells = [""] * len(columns)
        for name, value in row.items():
            position, unit, as_known = columns[name]
            if type(value) is After:
                value = value.then if value.day is not None and value.day <= cut else value.before
            if value is None:
                continue
            if not unit:
                cells[position] = str(value)
                continue
            moment = int(value)  # type: ignore[arg-type]
            if as_known == "keep" or moment // unit <= cut:
                cells[position] = iso(moment) if unit == 1 else _timestamp(moment)
            elif as_known == "absent":
                return False
        self.rows[table].append(csv_line(cells))
        return True


def csv_line(cells: list[str]) -> str:
    """The cells as one line of CSV, quoted where need be."""
    line = ",".join(cells)
    if line.count(",") < len(cells) and '"' not in line and "\n" not in line:
        return line
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def _timestamp(moment: int) -> str:
    day, minute = divmod(moment, _MINUTES)
    return f"{iso(day)} {minute // 60:02d}:{minute % 60:02d}:00"
