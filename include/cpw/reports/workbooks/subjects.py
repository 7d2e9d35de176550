"""The workbook of the children behind a month's figures, and of who is overdue or falls due.

It is for those who act on it. It is the only report with the ids of persons, and its owner alone
can read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

from cpw.core.files import make_private
from cpw.core.sql import read_sql
from cpw.reports.month.month import Indicator, PublishedMonth
from cpw.reports.workbooks.sheets import Book, Cell, Link, Mark, Number, new_book

_FOOTER = "Restricted: names children"
_ROWS_AT_A_TIME = 20_000
_NAME_LIMIT = 31  # of a sheet
_KEYS = "restricted_keys"  # the name that the queries know
_SQL = Path(__file__).with_name("sql")

_HOW = {
    "What this is": (
        "The work list (who is overdue, and who falls due in the next 20 working days) and, for "
        "each indicator, every child, record or post in its denominator, whether it counts, and "
        "why. Ids are those of the case system."
    ),
    "Who may have it": (
        "The leads of the indicators, and those who correct what is on the lists. "
        "Nobody else: neither the panel nor the public."
    ),
    "Handling": (
        "Keep it where only they can read it, do not send it by e-mail, and delete it when you "
        "have the file of the next month. Correct records in the case system, not in this file."
    ),
    "In numerator": (
        "Whether it counts in the figure's numerator. That is good if high is good (polarity H), "
        "and bad if low is good (L)."
    ),
    "Due within": (
        "Overdue at the end of the month, or due within 5, 10 or 20 working days of it. Working "
        "days left are negative when overdue."
    ),
}
_WORK = {
    "Indicator": 44,
    "Task": 26,
    "Person id": 16,
    "Source id": 18,
    "Due date": 13,
    "Working days left": 10,
    "Due within": 18,
    "Area": 20,
    "Team": 28,
    "Age": 7,
}
_DUE = {
    "overdue": Mark("Overdue", "R"),
    "5": Mark("5 working days", "A"),
    "10": Mark("10 working days", "pale"),
    "20": Mark("20 working days", "plain"),
}
_INDEX = {
    "Section": 18,
    "Indicator": 60,
    "Polarity": 9,
    "Subjects": 11,
    "In numerator": 11,
    "Sheet": 34,
}
_WHO = {"Person id": 16, "Source id": 18, "In numerator": 10, "Why": 70}
_WHAT = {
    "UASC": 8,
    "Sex": 8,
    "Age": 7,
    "Area": 20,
    "Team": 28,
    "Placement group": 24,
    "Legal status group": 26,
}


@dataclass(frozen=True)
class _Listed:
    """An indicator with subjects: how many there are, and the columns of its sheet."""

    indicator: Indicator
    sheet: str
    subjects: int
    in_numerator: int
    has_measure: bool
    has_weight: bool

    @property
    def columns(self) -> dict[str, float]:
        """The heading and width of each column of its sheet."""
        measure = self.indicator.measure_means or "measure"
        return {
            **_WHO,
            **({measure[0].upper() + measure[1:]: 16} if self.has_measure else {}),
            **({"Weight": 10} if self.has_weight else {}),
            **_WHAT,
        }

    def line(self, row: Sequence[Any]) -> list[Cell]:
        """The cells of a subject."""
        _, person, source, counts, measure, weight, *what = row
        why = self.indicator.counts_when if counts else self.indicator.counts_not_when
        return [
            person,
            source,
            "yes" if counts else "no",
            why,
            *([measure] if self.has_measure else []),
            *([weight] if self.has_weight else []),
            *what,
        ]


def write_restricted_workbook(
    month: PublishedMonth, connection: duckdb.DuckDBPyConnection, restricted: Path, target: Path
) -> None:
    """Write the month's restricted workbook; only its owner can enter the folder it is in.

    Args:
        month: the indicators and their meanings.
        connection: the published database.
        restricted: the database that has the id for each pseudonym.
        target: the file; its folder is made private, so nothing else should be in it.
    """
    make_private(target.parent)
    title = f"Work list and subjects, {month.authority_name}, {month.as_at:%B %Y}: restricted"
    with (
        _with_keys(connection, restricted),
        new_book(target, month, title, _FOOTER, private=True) as book,
    ):
        listed = _listed(month, connection)
        book.add_page("Restricted", title, _about(month, listed.values()))
        book.add_table("Work list", _WORK, _work(month, connection))
        book.add_table("KPIs", _INDEX, map(_index_line, listed.values()))
        _add_subjects(book, month, connection, listed)


@contextmanager
def _with_keys(connection: duckdb.DuckDBPyConnection, restricted: Path) -> Iterator[None]:
    path = str(restricted).replace("'", "''")
    connection.execute(f"attach '{path}' as {_KEYS} (read_only)")
    try:
        yield
    finally:
        connection.execute(f"detach {_KEYS}")


def _rows(
    month: PublishedMonth, connection: duckdb.DuckDBPyConnection, query: str, **more: object
) -> Iterator[tuple[Any, ...]]:
    where = {"authority": month.partition.authority, "month": str(month.partition.month), **more}
    result = connection.execute(query, where)
    while rows := result.fetchmany(_ROWS_AT_A_TIME):
        yield from rows


def _listed(month: PublishedMonth, connection: duckdb.DuckDBPyConnection) -> dict[str, _Listed]:
    """The indicators with subjects, in the month's order."""
    counts = {
        kpi_id: found
        for kpi_id, *found in _rows(month, connection, read_sql(_SQL / "subject_counts.sql"))
    }
    shown = [i for i in month.indicators if i.kpi_id in counts]
    names = _sheet_names([i.kpi_id for i in shown])
    listed = {}
    for indicator, name in zip(shown, names, strict=True):
        subjects, in_numerator, measures, weights = counts[indicator.kpi_id]
        listed[indicator.kpi_id] = _Listed(
            indicator, name, subjects, in_numerator, bool(measures), bool(weights)
        )
    return listed


def _sheet_names(kpi_ids: Iterable[str]) -> list[str]:
    """A sheet name for each id: its first characters, with a number if that name is taken."""
    taken = {"restricted", "work list", "kpis", "history"}  # Excel keeps the last for itself
    names = []
    for kpi_id in kpi_ids:
        name, number = kpi_id[:_NAME_LIMIT], 1
        while name.casefold() in taken:
            number += 1
            name = f"{kpi_id[: _NAME_LIMIT - 1 - len(str(number))]}~{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _about(month: PublishedMonth, listed: Iterable[_Listed]) -> Iterator[tuple[Cell, ...]]:
    yield "Authority", f"{month.authority_name} ({month.partition.authority})"
    yield "Month", f"{month.partition.month}, as at {month.as_at.day} {month.as_at:%B %Y}"
    yield "Publication", f"Version {month.publication_version} of this month"
    yield from _HOW.items()
    yield ()
    yield (
        Link("Work list"),
        "Who is overdue or falls due soon; those overdue for longest come first.",
    )
    yield Link("KPIs"), "The indicators, each with a link to the sheet of its subjects."
    yield "Lines of subjects", f"{sum(one.subjects for one in listed):,}"


def _work(
    month: PublishedMonth, connection: duckdb.DuckDBPyConnection
) -> Iterator[tuple[Cell, ...]]:
    for row in _rows(month, connection, read_sql(_SQL / "work_items.sql")):
        kpi_id, task, person, source, due, days, within, area, team, age = row
        yield (
            month.indicator(kpi_id).label,
            task,
            person,
            source,
            due,
            days,
            _DUE[within],
            area,
            team,
            age,
        )


def _index_line(listed: _Listed) -> tuple[Cell, ...]:
    return (
        listed.indicator.section,
        listed.indicator.label,
        listed.indicator.polarity,
        Number(listed.subjects),
        Number(listed.in_numerator),
        Link(listed.sheet),
    )


def _add_subjects(
    book: Book,
    month: PublishedMonth,
    connection: duckdb.DuckDBPyConnection,
    listed: dict[str, _Listed],
) -> None:
    rows = _rows(month, connection, read_sql(_SQL / "subjects.sql"), kpi_ids=list(listed))
    for kpi_id, found in groupby(rows, key=itemgetter(0)):
        one = listed[kpi_id]
        book.add_table(one.sheet, one.columns, map(one.line, found), frozen=2, one_line=True)
