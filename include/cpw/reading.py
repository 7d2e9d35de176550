"""Read an extract's files as text: CSV, gzipped CSV and the first sheet of a workbook.

Every record becomes a row of text cells under the contract's column names, with ``source_row``, the
row a spreadsheet shows (the header is 1). Columns the contract does not know, names and numbers of
persons among them, are left behind here and go no further.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cpw.contract import Table
from cpw.errors import InputError
from cpw.landing import LandedFile

CHUNK = 50_000
RAGGED = "_ragged"
SOURCE_ROW = "source_row"

Record = tuple[int, list[str]]


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
        InputError: the file cannot be read as the contract says; names file, row and remedy.
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
            f"the manifest promises {file.rows_promised} rows, the file has {rows}",
            file=file.label,
            remedy="Deliver the extract again, manifest last",
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
    names = [cell.strip().lower() for cell in header]
    _check_delimiter(file, header, names)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(
            f"the header has {', '.join(repr(name) for name in repeated)} more than once",
            file=file.label,
            row=1,
            column=repeated[0],
            remedy="Export each column once: which of them holds the value cannot be told",
        )
    positions = {name: names.index(name) for name in file.table.column_names if name in names}
    absent = tuple(name for name in file.table.column_names if name not in positions)
    missing = [name for name in absent if file.table.column(name).required]
    if missing:
        raise InputError(
            f"required column(s) missing from the header: {', '.join(missing)}",
            file=file.label,
            row=1,
            column=missing[0],
            remedy="Export the table with the columns of docs/contract.md",
        )
    ignored = tuple(name for name in names if name not in positions)
    return positions, ignored, absent


def _check_delimiter(file: LandedFile, header: list[str], names: list[str]) -> None:
    known = set(file.table.column_names)
    if known & set(names):
        return
    for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and known & {part.strip().lower() for part in header[0].split(sign)}:
            raise InputError(
                f"the columns are parted by {word}, not commas",
                file=file.label,
                row=1,
                remedy="Export as comma-separated CSV in UTF-8",
            )


def _records(file: LandedFile) -> Iterator[Record]:
    if file.path.name.lower().endswith(".xlsx"):
        yield from _workbook_records(file)
    else:
        yield from _csv_records(file)


def _csv_records(file: LandedFile) -> Iterator[Record]:
    row = 0
    try:
        with _open_text(file.path) as handle:
            for row, cells in enumerate(csv.reader(handle, strict=True), start=1):
                if cells:
                    yield row, cells
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte 0x{error.object[error.start]:02x} is not UTF-8; the file looks like cp1252",
            file=file.label,
            row=row + 1,
            remedy="Export it again as UTF-8",
        ) from None
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


def _open_text(path: Path) -> io.TextIOBase:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("r", encoding="utf-8-sig", newline="")


def _workbook_records(file: LandedFile) -> Iterator[Record]:
    import openpyxl  # takes half a second, and most extracts are CSV

    try:
        book = openpyxl.load_workbook(file.path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        raise InputError(
            "the workbook cannot be opened",
            file=file.label,
            remedy="Save it again as .xlsx, or export CSV",
        ) from None
    try:
        sheet = book.worksheets[0]
        width: int | None = None
        timestamps: set[int] = set()
        for row, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [
                _cell_text(value, with_time=at in timestamps) for at, value in enumerate(values)
            ]
            if not any(cells):
                continue
            if width is None:
                width = max(at for at, cell in enumerate(cells, start=1) if cell)
                timestamps = _timestamp_positions(file.table, cells)
            yield row, _fit(cells, width)
    finally:
        book.close()


def _timestamp_positions(table: Table, header: list[str]) -> set[int]:
    names = {column.name for column in table.columns if column.type == "timestamp"}
    return {at for at, cell in enumerate(header) if cell.strip().lower() in names}


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
    """Write an optional table that was not delivered, as one without rows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fields = [(SOURCE_ROW, pa.int32()), (RAGGED, pa.int32())]
    fields += [(name, pa.string()) for name in table.column_names]
    pq.write_table(pa.schema(fields).empty_table(), target)
