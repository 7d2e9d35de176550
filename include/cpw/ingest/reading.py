"""Read an extract's files as text: CSV, gzipped CSV and the first sheet of a workbook.

Every record becomes a row of text cells under the contract's column names, with ``source_row``, the
row number that a spreadsheet shows (the header is row 1). Columns that are not in the contract,
such as names and personal numbers, are dropped here.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cpw.contract.tables import Table
from cpw.core.errors import InputError
from cpw.ingest.landing import LandedFile, sha256_of

CHUNK = 50_000
RAGGED = "_ragged"
SOURCE_ROW = "source_row"

Record = tuple[int, list[str]]

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?,*')
_AROUND_A_NAME = "\ufeff\u200b\u00a0\"' \t\r\n"

# openpyxl raises these for a file that is not a workbook, and for one that is cut short, damaged or
# incomplete; for malformed XML it raises a SyntaxError.
_NO_WORKBOOK = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
)


@dataclass(frozen=True)
class TextTable:
    """What reading one file found; the cells themselves are in the Parquet file."""

    rows: int
    columns: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    absent_columns: tuple[str, ...]


def read_as_text(file: LandedFile, target: Path) -> TextTable:
    """Read one file and write its cells as text to a Parquet file.

    The Parquet file has ``source_row``, ``_ragged`` (how many cells a row of the wrong length had,
    else null) and the contract's columns as strings, empty cells as null.

    Raises:
        InputError: the file does not match the contract; the message has file, row and remedy.
    """
    records = _records(file)
    header = next(records, None)
    if header is None:
        raise InputError(
            "the file is empty",
            file=file.label,
            remedy="Export it again; a table without rows still has its header",
        )
    positions, ignored, absent = _match_header(file, header[1])
    rows = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    names = list(file.table.column_names)
    schema = pa.schema(
        [(SOURCE_ROW, pa.int32()), (RAGGED, pa.int32())] + [(name, pa.string()) for name in names]
    )
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for chunk in _chunks(records):
            rows += len(chunk)
            writer.write_table(_as_arrow(chunk, len(header[1]), positions, names, schema))
    if file.rows_promised is not None and file.rows_promised != rows:
        raise InputError(
            f"the manifest lists {file.rows_promised} rows, but the file has {rows}",
            file=file.label,
            remedy="Deliver the extract again, manifest last",
        )
    if sha256_of(file.path) != file.sha256:
        raise InputError(
            "the file was changed while it was read",
            file=file.label,
            remedy="Wait until it has been delivered whole, then run this again",
        )
    return TextTable(rows, tuple(header[1]), ignored, absent)


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _as_arrow(
    chunk: list[Record],
    width: int,
    positions: dict[str, int],
    names: list[str],
    schema: pa.Schema,
) -> pa.Table:
    ragged = [None if len(cells) == width else len(cells) for _, cells in chunk]
    whole = [cells if bad is None else None for (_, cells), bad in zip(chunk, ragged, strict=True)]
    columns: list[list[Any]] = [[row for row, _ in chunk], ragged]
    for name in names:
        at = positions.get(name)
        columns.append(
            [None] * len(chunk)
            if at is None
            else [(cells[at] or None) if cells is not None else None for cells in whole]
        )
    return pa.table(columns, schema=schema)


def _match_header(
    file: LandedFile, header: list[str]
) -> tuple[dict[str, int], tuple[str, ...], tuple[str, ...]]:
    names = [header_name(cell) for cell in header]
    check_delimiter(file, header, names)
    check_repeated(file, [name for name in names if name in file.table.column_names])
    positions = {name: names.index(name) for name in file.table.column_names if name in names}
    absent = tuple(name for name in file.table.column_names if name not in positions)
    missing = [name for name in absent if file.table.column(name).required]
    if missing:
        raise InputError(
            f"required column(s) missing from the header: {', '.join(missing)}",
            file=file.label,
            row=1,
            column=missing[0],
            remedy="Export the table with the columns of docs/reference/contract.md",
        )
    # only now is it certain that the first row is a header, whose names may be shown
    check_repeated(file, [name for name in names if name])
    ignored = tuple(name or "(without a name)" for name in names if name not in positions)
    return positions, ignored, absent


def header_name(cell: str) -> str:
    """The name of a column: small letters, without what programs leave around it.

    That is white space, quotation marks and byte-order marks; a file that was saved twice by a
    spreadsheet has two of these marks.
    """
    return cell.strip(_AROUND_A_NAME).lower()


def check_repeated(file: LandedFile, names: list[str]) -> None:
    """Raise an InputError if a name appears twice in the header."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(
            f"the header has {', '.join(repr(name) for name in repeated)} more than once",
            file=file.label,
            row=1,
            column=repeated[0],
            remedy="Export each column once: it is not clear which of them has the right values",
        )


def check_delimiter(file: LandedFile, header: list[str], names: list[str]) -> None:
    """Raise an InputError if another character than a comma separates the header's columns."""
    known = set(file.table.column_names)
    if known & set(names):
        return
    for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and known & {header_name(part) for part in header[0].split(sign)}:
            raise InputError(
                f"the columns are separated by {word}, not commas",
                file=file.label,
                row=1,
                remedy="Export as comma-separated CSV in UTF-8",
            )


def _records(file: LandedFile) -> Iterator[Record]:
    if file.path.name.lower().endswith(".xlsx"):
        yield from _workbook_records(file)
    else:
        yield from csv_records(file)


def csv_records(file: LandedFile) -> Iterator[Record]:
    """The rows of a CSV file without blank lines, each with its number as in a spreadsheet.

    A first line ``sep=,``, which tells Excel the separator, is left out.

    Raises:
        InputError: the file is not UTF-8, not whole, or not CSV.
    """
    row = 0
    try:
        with _open_text(file.path) as handle:
            for row, cells in enumerate(csv.reader(handle, strict=True), start=1):
                if cells and not (row == 1 and _is_separator_line(cells)):
                    yield row, cells
    except UnicodeDecodeError as error:
        raise _not_utf8(file, error) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(
            "the gzip file is cut short or damaged",
            file=file.label,
            row=row + 1,
            remedy="Transfer it again; nothing of it was loaded",
        ) from None
    except csv.Error as error:
        raise InputError(
            f"the row is not valid CSV ({error})",
            file=file.label,
            row=row + 1,
            remedy="Look for a quotation mark that is not closed, and export again",
        ) from None


def _is_separator_line(cells: list[str]) -> bool:
    """Whether a file's first line is ``sep=`` and the separator; a comma has split that line."""
    return _SEPARATOR_LINE.fullmatch(",".join(cells).strip(_AROUND_A_NAME)) is not None


def _not_utf8(file: LandedFile, error: UnicodeDecodeError) -> InputError:
    row, column = _first_not_utf8(file)
    looks = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x1f\x8b": "gzip"}
    like = looks.get(error.object[:2], "cp1252") if row == 1 else "cp1252"
    return InputError(
        f"byte 0x{error.object[error.start]:02x} is not UTF-8; the file looks like {like}",
        file=file.label,
        row=row,
        column=column,
        remedy="Export it again as UTF-8",
    )


def _first_not_utf8(file: LandedFile) -> tuple[int | None, str | None]:
    """Row and column of the first byte that is not UTF-8; the decoder had read ahead of the rows.

    The column is None if it is not in the contract.
    """
    header: list[str] = []
    try:
        with _open_text(file.path, errors="surrogateescape") as handle:
            for row, cells in enumerate(csv.reader(handle), start=1):
                for at, cell in enumerate(cells):
                    if any("\udc80" <= sign <= "\udcff" for sign in cell):
                        name = header_name(header[at]) if at < len(header) else None
                        return row, name if name in file.table.column_names else None
                header = header or cells
    except (csv.Error, OSError, EOFError, zlib.error):
        pass
    return None, None


def _open_text(path: Path, errors: str = "strict") -> io.TextIOBase:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", errors=errors, newline="")
    return path.open("r", encoding="utf-8-sig", errors=errors, newline="")


def _workbook_records(file: LandedFile) -> Iterator[Record]:
    width: int | None = None
    timestamps: set[int] = set()
    for row, values in enumerate(_workbook_rows(file), start=1):
        cells = [_cell_text(value, with_time=at in timestamps) for at, value in enumerate(values)]
        if not any(cells):
            continue
        if width is None:
            width = max(at for at, cell in enumerate(cells, start=1) if cell)
            timestamps = _timestamp_positions(file.table, cells)
        yield row, _fit(cells, width)


def _workbook_rows(file: LandedFile) -> Iterator[tuple[object, ...]]:
    """All rows of the first sheet; the size that the file declares may be wrong."""
    import openpyxl  # takes half a second, and most extracts are CSV

    warnings.filterwarnings("ignore", module="openpyxl")  # they may quote a cell
    try:
        book = openpyxl.load_workbook(file.path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            yield from sheet.iter_rows(values_only=True)
        finally:
            book.close()
    except _NO_WORKBOOK:
        raise InputError(
            "the workbook cannot be opened, or is damaged",
            file=file.label,
            remedy="Save it again as .xlsx, or export CSV",
        ) from None


def _timestamp_positions(table: Table, header: list[str]) -> set[int]:
    names = {column.name for column in table.columns if column.type == "timestamp"}
    return {at for at, cell in enumerate(header) if header_name(cell) in names}


def _fit(cells: list[str], width: int) -> list[str]:
    """Pad a short row (a workbook leaves out empty cells) and cut empty cells off a long one."""
    if len(cells) > width and not any(cells[width:]):
        cells = cells[:width]
    return cells + [""] * (width - len(cells))


def _cell_text(value: object, *, with_time: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        date_only = value.time() == time() and not with_time
        return value.strftime("%Y-%m-%d" if date_only else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def empty_text_table(table: Table, target: Path) -> None:
    """Write a file without rows for an optional table that was not delivered."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fields = [(SOURCE_ROW, pa.int32()), (RAGGED, pa.int32())]
    fields += [(name, pa.string()) for name in table.column_names]
    pq.write_table(pa.schema(fields).empty_table(), target)
