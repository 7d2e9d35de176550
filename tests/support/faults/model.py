"""What a fault is: an edit of one month's extract, the rule that must catch it, the rows it names.

A fault is written with the decorator ``fault``, over a function that edits an :class:`Extract` and
returns what the rule must name, or, where cells of a row are all that changes, with ``cells``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cpw.contract.tables import contract
from cpw.core.home import Home
from cpw.core.partition import Partition

MAY = Partition.of("886", "2018-05")
JUNE = Partition.of("886", "2018-06")
CHILDREN, SEED = 150, 7  # of the world that both months are cut from
AS_AT = JUNE.month.as_at

Row = dict[str, str]
Rows = list[Row]
Test = Callable[[Row], object]

# What a rule must name: rows of its table, row numbers, ids, or how many of a whole table's facts.
Expected = list[Row] | list[int] | list[str] | int


class Extract:
    """The extract of one month in a landing zone, to be edited; ``save`` writes what was."""

    def __init__(self, home: Home, partition: Partition = JUNE) -> None:
        self.home, self.partition = home, partition
        self._rows: dict[str, Rows] = {}

    def file(self, table: str) -> Path:
        """The file of a table."""
        feed = contract().table(table).feed
        landing = self.home.landing / self.partition.authority / str(self.partition.month)
        return landing / feed / f"{table}.csv"

    def __getitem__(self, table: str) -> Rows:
        """The rows of a table, to be changed in place."""
        if table not in self._rows:
            self._rows[table] = list(csv.DictReader(io.StringIO(self.text(table))))
        return self._rows[table]

    def text(self, table: str) -> str:
        """The file of a table as it lies there."""
        return self.file(table).read_text(encoding="utf-8")

    def before(self) -> Extract:
        """The extract of the month before, to be looked into."""
        return Extract(self.home, MAY)

    def write(self, table: str, content: str | bytes) -> None:
        """Replace the file of a table; the file may be shared with other homes, so never in it."""
        data = content.encode() if isinstance(content, str) else content
        new = self.file(table).with_suffix(".new")
        new.write_bytes(data)
        new.replace(self.file(table))

    def save(self) -> None:
        """Write every table whose rows were changed."""
        for table, rows in self._rows.items():
            columns = list(rows[0]) if rows else list(contract().table(table).column_names)
            buffer = io.StringIO()
            writer = csv.DictWriter(buffer, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            if buffer.getvalue() != self.text(table):
                self.write(table, buffer.getvalue())

    def replace_in_feed(self, feed: str, old: str, new: str) -> None:
        """Replace a text in every file of a feed."""
        for table in contract().feed_tables(feed):
            self.write(table.name, self.text(table.name).replace(old, new))


Edit = Callable[[Extract], Expected]


@dataclass(frozen=True)
class Fault:
    """A fault: ``rule`` must fail on what ``edit`` returns, and stop the load where it ``blocks``.

    Where ``says`` is given there is no rule: the load must end before any gate, with a message that
    has these words. ``mend`` changes a copy of the expectations; the rule must then be errored.
    """

    name: str
    rule: str
    edit: Edit
    blocks: bool = False
    says: str = ""
    mend: Callable[[Path], None] | None = None


FAULTS: list[Fault] = []


def fault(name: str, rule: str, *, blocks: bool = False) -> Callable[[Edit], Edit]:
    """Register a fault that a rule must catch."""

    def register(edit: Edit) -> Edit:
        FAULTS.append(Fault(name, rule, edit, blocks))
        return edit

    return register


def unusable(name: str, says: str) -> Callable[[Callable[[Extract], None]], object]:
    """Register a fault that makes a file unusable: the load ends before any gate."""

    def register(edit: Callable[[Extract], None]) -> object:
        def spoil(extract: Extract) -> Expected:
            edit(extract)
            return 0

        FAULTS.append(Fault(name, "", spoil, says=says))
        return edit

    return register


def broken(name: str, rule: str) -> Callable[[Callable[[Path], None]], object]:
    """Register a rule that is broken itself, in a copy of the expectations."""

    def register(mend: Callable[[Path], None]) -> object:
        FAULTS.append(Fault(name, rule, lambda extract: 0, blocks=True, mend=mend))
        return mend

    return register


def cells(
    name: str,
    rule: str,
    where: Test = lambda row: True,
    *,
    rows: int | None = 1,
    blocks: bool = False,
    **values: str | Callable[[Row], str],
) -> None:
    """Register a fault that sets cells of the first rows that pass a test; None for all of them."""

    def edit(extract: Extract) -> Expected:
        hit = [row for row in extract[rule.split(".")[0]] if where(row)][:rows]
        assert hit, "there is no row to spoil"
        for row in hit:
            new = {name: v if isinstance(v, str) else v(row) for name, v in values.items()}
            assert new.keys() <= row.keys()
            row.update(new)
        return hit

    FAULTS.append(Fault(name, rule, edit, blocks))


def first(rows: Iterable[Row], where: Test = lambda row: True) -> Row:
    """The first row that passes a test."""
    return next(row for row in rows if where(row))


def later(day: str, days: int) -> str:
    """The day so many days later, as the extract writes it; the time of day is left out."""
    return (date.fromisoformat(day[:10]) + timedelta(days)).isoformat()


def birthday(day: str, age: int) -> str:
    """The day somebody reaches an age; who was born on 29 February on 1 March."""
    born = date.fromisoformat(day)
    leap = (born.month, born.day) == (2, 29)
    return date(born.year + age, 3 if leap else born.month, 1 if leap else born.day).isoformat()


def grouped(rows: Rows, *columns: str, by: str) -> list[Rows]:
    """The rows that share the values of some columns, each group in the order of another."""
    groups: dict[tuple[str, ...], Rows] = {}
    for row in sorted(rows, key=lambda row: row[by]):
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return list(groups.values())
