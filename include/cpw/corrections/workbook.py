"""Correction lists: one workbook per owner, with the rows to correct.

Restricted: the lists have child-level values. Every cell is text or a whole number, never a
formula, whatever the extract contains.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from cpw.core.authorities import authorities
from cpw.core.cell_text import cell_text
from cpw.core.files import make_private
from cpw.core.home import Home
from cpw.corrections.ledger import Count, Ledger, Selection

ROWS_A_SHEET = 500_000  # Excel allows 1,048,576

_HEADER = Font(bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor="1F3864")
_REFUSED_FILL = PatternFill("solid", fgColor="FBE5D6")
_LINE = Border(bottom=Side("thin", color="BFBFBF"))
_TOP = Alignment(vertical="top", wrap_text=True)

# heading and width of each column of the corrections
_COLUMNS = {
    "File": 34,
    "Row": 8,
    "Column": 26,
    "What was found": 24,
    "What is expected": 38,
    "What to do": 38,
    "Severity": 10,
    "State": 10,
    "Record id": 18,
    "Child id": 18,
    "Belongs to": 18,
    "Since": 10,
    "Month": 10,
    "Rule": 34,
    "Entry": 13,
}
_RULES = {
    "What must hold": 60,
    "What to do": 60,
    "Rule": 44,
    "Table": 30,
    "Severity": 10,
    "Refused": 10,
    "Loaded": 10,
    "Since": 10,
}
_HOW = (
    "Each line of the sheet Corrections is one row of an extract and one rule that it breaks. "
    "Correct the record in the system the extract comes from, not in this list and not in the "
    "extract.",
    "File, Row and Column show the place in the extract that was loaded; rows are counted as in "
    "a spreadsheet, where the header is row 1.",
    "Refused rows (shaded) are in no figure until they are corrected. Loaded rows are in the "
    "figures as they are.",
    "When the corrected extract has been loaded, the next list no longer has the line: you need "
    "not tick it off or send anything back.",
    "If a refused row is right as it is, send its entry id to the data lead, who may release it.",
    "This list names children. Keep it where only those who correct it can read it, and delete it "
    "when it is done.",
)


@dataclass(frozen=True)
class CorrectionList:
    """A list that was written: its owner, its path, and its numbers of rows."""

    owner: str
    path: Path
    refused: int
    kept: int


def export(
    home: Home, ledger: Ledger, owner: str | None = None, out: Path | None = None
) -> list[CorrectionList]:
    """Write a list for each owner with open entries; only the user who runs this can read them.

    Earlier lists in the default folder are removed, so that nobody corrects a row twice.

    Args:
        home: the data home.
        ledger: the open ledger.
        owner: write only this owner's list.
        out: the folder to write to; None for the default one.
    """
    selection = Selection(owner=owner)
    owners = ledger.owners(selection)
    if out is None:
        make_private(home.quarantine)
        folder = make_private(home.corrections(ledger.authority, ledger.month))
        for path in folder.glob("*.xlsx"):
            if owner is None or path.name == _name(ledger, owner):
                path.unlink()
    else:
        folder = out
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _scratch_in(make_private(home.work) / "spill"):
        return [_write(ledger, replace(selection, owner=one), one, folder) for one in owners]


@contextmanager
def _scratch_in(folder: Path) -> Iterator[None]:
    """Keep openpyxl's temporary files, which contain the rows, inside the data home."""
    make_private(folder)
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _name(ledger: Ledger, owner: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", owner.lower()).strip("-")
    return f"corrections-{ledger.authority}-{ledger.month}-{slug}.xlsx"


def _write(ledger: Ledger, selection: Selection, owner: str, folder: Path) -> CorrectionList:
    counts = ledger.counts(selection)
    book = Workbook(write_only=True)
    book.properties.creator = "Corporate Parenting Warehouse"
    rows = Counter[bool]()
    _write_summary(book, ledger, owner, counts)
    sheet, position = _correction_sheet(book, 1), 1
    for row in ledger.rows(selection):
        if position > ROWS_A_SHEET:
            _finish(sheet, position)
            sheet, position = _correction_sheet(book, len(book.worksheets)), 1
        sheet.append(_cells(sheet, _line(row), _REFUSED_FILL if row["is_refused"] else None))
        position += 1
        rows[row["is_refused"]] += 1
    _finish(sheet, position)
    target = folder / _name(ledger, owner)
    new = target.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    book.save(new)
    new.replace(target)
    return CorrectionList(owner, target, rows[True], rows[False])


def _line(row: dict[str, Any]) -> list[object]:
    found = row["value"]
    if found is None:
        found = "(empty)" if row["column_name"] and row["source_row"] else ""
    return [
        row["file"] or row["table_name"],
        row["source_row"],
        row["column_name"],
        found,
        row["reason"],
        row["remedy"],
        row["severity"],
        "refused" if row["is_refused"] else "loaded",
        row["row_key"],
        row["person_id"],
        row["parent_key"],
        row["first_month"],
        row["month"],
        row["rule_id"],
        row["entry_id"],
    ]


def _correction_sheet(book: Workbook, number: int) -> Worksheet:
    sheet: Worksheet = book.create_sheet("Corrections" if number == 1 else f"Corrections {number}")
    _lay_out(sheet, _COLUMNS)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.append(_header(sheet, _COLUMNS))
    return sheet


def _finish(sheet: Worksheet, rows: int) -> None:
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_COLUMNS))}{rows}"


def _lay_out(sheet: Worksheet, columns: dict[str, int]) -> None:
    for number, width in enumerate(columns.values(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = HeaderFooterItem()
    footer.left.text, footer.right.text = "Restricted: names children", "Page &P of &N"
    sheet.HeaderFooter.oddFooter = footer


def _write_summary(book: Workbook, ledger: Ledger, owner: str, counts: list[Count]) -> None:
    sheet = book.create_sheet("Summary")
    _lay_out(sheet, _RULES)
    known = authorities().get(ledger.authority)
    place = f"{known.name} ({ledger.authority})" if known else ledger.authority
    refused, kept = sum(c.refused for c in counts), sum(c.kept for c in counts)
    title = _cell(sheet, f"Corrections for the {owner}")
    title.font = Font(bold=True, size=16)
    sheet.append([title])
    sheet.append(_cells(sheet, [f"{place}, as of {ledger.month}"], line=False))
    sheet.append(
        _cells(
            sheet,
            [
                f"{refused + kept:,} to correct: {refused:,} refused, {kept:,} loaded as they are. "
                f"Written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
            ],
            line=False,
        )
    )
    sheet.append([])
    for sentence in _HOW:
        sheet.append(_cells(sheet, [sentence], line=False))
    sheet.append([])
    sheet.append(_header(sheet, _RULES))
    for count in sorted(counts, key=lambda c: (-c.refused, -c.kept, c.rule_id)):
        facts = [count.reason, count.remedy, count.rule_id, count.table, count.severity]
        sheet.append(_cells(sheet, [*facts, count.refused, count.kept, count.since]))


def _header(sheet: Worksheet, columns: Iterable[str]) -> list[Cell]:
    cells = []
    for heading in columns:
        cell = _cell(sheet, heading)
        cell.font, cell.fill, cell.alignment = _HEADER, _HEADER_FILL, _TOP
        cells.append(cell)
    return cells


def _cells(
    sheet: Worksheet, values: Iterable[object], fill: PatternFill | None = None, line: bool = True
) -> list[Cell]:
    cells = [_cell(sheet, value) for value in values]
    for cell in cells:
        cell.alignment = _TOP
        if line:
            cell.border = _LINE
        if fill is not None:
            cell.fill = fill
    return cells


def _cell(sheet: Worksheet, value: object) -> Cell:
    """A cell of plain text, or of a whole number; never a formula, an error or a date."""
    plain = value if value is None or isinstance(value, int) else cell_text(str(value))
    cell: Cell = WriteOnlyCell(sheet, plain)
    if not isinstance(plain, str):
        return cell
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
