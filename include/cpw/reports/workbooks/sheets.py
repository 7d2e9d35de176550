"""The parts of a workbook: tables in which numbers are numbers and text is never a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from cpw.core.cell_text import cell_text
from cpw.core.files import written_whole
from cpw.reports.month.month import HIDDEN, PublishedMonth

_A4, _A3 = 9, 8
_WIDEST_ON_A4 = 160
_LINE_HEIGHT = 15  # points
_HEADER = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864", "text_wrap": True}
_TEXT = {"text_wrap": True, "quote_prefix": True}
_GREEN = {"bg_color": "#00622F", "font_color": "#FFFFFF"}
_AMBER = {"bg_color": "#FFBF47", "font_color": "#000000"}
_RED = {"bg_color": "#A3101F", "font_color": "#FFFFFF"}
_PALE = {"bg_color": "#FFF1CC", "font_color": "#000000"}
_COLOURS = {"G": _GREEN, "A": _AMBER, "R": _RED, "pale": _PALE, "plain": {}}


@dataclass(frozen=True)
class Number:
    """A number, how many decimal places are shown, and a sign after it such as ``%``."""

    value: float
    places: int = 0
    sign: str = ""

    @property
    def format(self) -> str:
        """The number format of its cell."""
        digits = f"#,##0.{'0' * self.places}" if self.places else "#,##0"
        sign = self.sign.replace('"', "")
        return f'{digits}"{sign}"' if sign else digits


@dataclass(frozen=True)
class Mark:
    """A word or letter on a background: ``G``, ``A``, ``R``, ``pale`` or ``plain``."""

    text: str
    colour: str


@dataclass(frozen=True)
class Link:
    """A link to a sheet, shown as the sheet's name."""

    sheet: str


Cell = str | float | Number | Mark | Link | date | None
"""A plain number is shown with all its decimal places."""


class Book:
    """A workbook of tables that print well, each under one header row."""

    def __init__(self, workbook: Any, footer: str) -> None:
        """Take an open XlsxWriter workbook; the footer on each page says who may read it."""
        self._workbook = workbook
        self._footer = footer
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self._plain, self._text = self._format(), self._format(**_TEXT)

    def add_page(self, name: str, title: str, rows: Iterable[Sequence[Cell]]) -> None:
        """Add a sheet of text: a title, and below it lines of a name and its explanation."""
        widths = {"name": 28, "text": 90, "number": 14}
        sheet = self._sheet(name, widths, frozen=None)
        sheet.write_string(0, 0, clean(title), self._format(bold=True, font_size=16))
        for position, row in enumerate(rows, start=2):
            self._write(sheet, position, row, tuple(widths.values()))

    def add_table(
        self,
        name: str,
        columns: Mapping[str, float],
        rows: Iterable[Sequence[Cell]],
        frozen: int = 0,
        one_line: bool = False,
    ) -> None:
        """Add a sheet of a table.

        Args:
            name: the name of the sheet.
            columns: the heading and width of each column.
            rows: a cell for each column.
            frozen: how many columns stay in view when the reader scrolls.
            one_line: make every row one line high, which is faster for many rows.
        """
        sheet, last = self._sheet(name, columns, frozen), 0
        for column, heading in enumerate(columns):
            sheet.write_string(0, column, clean(heading), self._format(**_HEADER))
        for last, row in enumerate(rows, start=1):
            self._write(sheet, last, row, () if one_line else tuple(columns.values()))
        sheet.autofilter(0, 0, last, len(columns) - 1)

    def _format(self, **properties: object) -> Any:
        """A cell format; the same properties give the same format object."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format({"valign": "top", **properties})
        return self._formats[key]

    def _sheet(self, name: str, columns: Mapping[str, float], frozen: int | None) -> Any:
        sheet = self._workbook.add_worksheet(name)
        for number, width in enumerate(columns.values()):
            sheet.set_column(number, number, width)
        sheet.set_landscape()
        sheet.set_paper(_A4 if sum(columns.values()) <= _WIDEST_ON_A4 else _A3)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self._footer}&R&A, page &P of &N")
        if frozen is not None:
            sheet.freeze_panes(1, frozen)
            sheet.repeat_rows(0)
        return sheet

    def _write(self, sheet: Any, row: int, cells: Sequence[Cell], widths: Sequence[float]) -> None:
        if (lines := _lines(cells, widths)) > 1:
            sheet.set_row(row, lines * _LINE_HEIGHT)
        for column, cell in enumerate(cells):
            match cell:
                case None:
                    pass
                case str() if cell == HIDDEN:
                    sheet.write_string(row, column, cell, self._format(align="right"))
                case str():
                    sheet.write_string(row, column, clean(cell), self._text)
                case int() | float():
                    sheet.write_number(row, column, cell, self._plain)
                case Number():
                    form = self._format(num_format=cell.format)
                    sheet.write_number(row, column, cell.value, form)
                case Mark():
                    form = self._format(bold=True, align="center", **_COLOURS[cell.colour])
                    sheet.write_string(row, column, clean(cell.text), form)
                case Link():
                    sheet.write_url(row, column, f"internal:'{cell.sheet}'!A1", string=cell.sheet)
                case date():
                    moment = datetime.combine(cell, time())
                    form = self._format(num_format="d mmm yyyy", align="left")
                    sheet.write_datetime(row, column, moment, form)


def _lines(cells: Sequence[Cell], widths: Sequence[float]) -> int:
    """The number of lines of a row's longest text; not every program finds it out by itself."""
    return max(
        (
            sum(1 + int(len(line) / width) for line in cell.splitlines())
            for cell, width in zip(cells, widths, strict=False)
            if isinstance(cell, str)
        ),
        default=1,
    )


@contextmanager
def new_book(
    target: Path, month: PublishedMonth, title: str, footer: str, private: bool = False
) -> Iterator[Book]:
    """Make a workbook, and replace the target with it once it is complete.

    Its scratch files are in the folder of the target. Its date is that of the month, so that the
    same publication gives the same bytes whenever it is written.

    Args:
        target: the file.
        month: the month it is about.
        title: the title in the file's properties.
        footer: a line on every page on who may read it.
        private: whether its owner alone can read the file.
    """
    with (
        written_whole(target) as made,
        TemporaryDirectory(prefix=".workbook-", dir=target.parent) as scratch,
    ):
        made.touch(mode=0o600 if private else 0o666)
        workbook = xlsxwriter.Workbook(str(made), {"tmpdir": scratch})
        workbook.set_properties(
            {
                "title": clean(title),
                "subject": "Children in care and care leavers",
                "author": "Corporate Parenting Warehouse",
                "category": clean(footer),
                "comments": f"Publication {month.publication_version} of {month.partition}",
                "created": datetime.combine(month.as_at, time()),
            }
        )
        yield Book(workbook, footer)
        workbook.close()


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """The text without what a workbook cannot contain: control characters, and too great a length.

    Text that looks like XlsxWriter's own rich text gets a space at the end; else it would be lost.
    """
    whole = cell_text(text)
    return f"{whole} " if whole.startswith("<r>") and whole.endswith("</r>") else whole
