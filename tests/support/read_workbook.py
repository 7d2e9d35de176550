"""Workbooks read back, and text that a spreadsheet may take for something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.workbook.workbook import Workbook

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "<r>bold</r>",
    "_x0041_",
    "http://example.org",
    "<&>'\"",
    "bell \a",
)


def table(book: Workbook, sheet: str) -> list[dict[str, Cell]]:
    """The lines of a sheet, as cells by heading."""
    header, *lines = book[sheet].iter_rows()
    return [{str(h.value): c for h, c in zip(header, line, strict=True)} for line in lines]


def values(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    return [{h: cell.value for h, cell in line.items()} for line in table(book, sheet)]


def as_read(value: object) -> str:
    """A text as a spreadsheet shows it."""
    return str(value).strip()


def all_cells(book: Workbook) -> Iterator[Cell]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from row


def contrast(cell: Cell) -> float:
    """The contrast of a cell's text, as WCAG measures it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (2, 4, 6)]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    font = cell.font.color
    shades = luminance(font.rgb if font else "FF000000"), luminance(cell.fill.fgColor.rgb)
    return (max(shades) + 0.05) / (min(shades) + 0.05)
