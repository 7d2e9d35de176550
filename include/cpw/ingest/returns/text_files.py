"""The cells of a return as they came, in one Parquet file per module, from CSV or XML.

Each file has ``source_row``, ``_ragged`` and the module's columns as strings, empty cells as null.
``source_row`` is the row number that a spreadsheet shows, where the header is row 1; in XML the
module's n-th element has the number n + 1. ``_ragged`` is the number of cells of a row with the
wrong length, or 0 for a row that repeats the header; such rows have no cells here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cpw.contract.return_modules import HEADER, UPN_IS_SHARED, Module, modules
from cpw.ingest.landing import LandedFile
from cpw.ingest.reading import CHUNK, RAGGED, SOURCE_ROW

REPEATS_HEADER = 0
_UPN = re.compile(r"[A-Z]\d{11}[A-Z0-9]")


@dataclass(frozen=True)
class ReturnFile(LandedFile):
    """One file of a return; messages show its name and its folder's name."""

    given_as: str = ""

    @property
    def label(self) -> str:
        """The file as messages name it."""
        return self.given_as


# Ids by unique pupil number, of all returns that are read together; in memory only.
Upns = dict[str, set[str]]


def note_upn(upns: Upns, child: str | None, upn: str | None) -> None:
    """Add a child's pupil number; the codes UN1 to UN5, for a missing number, are left out."""
    plain = re.sub(r"\s", "", upn or "").upper()
    if child and _UPN.fullmatch(plain):
        upns.setdefault(plain, set()).add(plain_id(child))


def plain_id(cell: str) -> str:
    """An id without spaces, as the typed files have it."""
    return re.sub(r"^(\d+)\.0+$", r"\1", re.sub(r"\s", "", cell))


@dataclass
class TextFile:
    """One module's file, written in chunks."""

    module: Module
    path: Path
    rows: int = 0
    _writer: pq.ParquetWriter = field(init=False, repr=False)
    _waiting: list[tuple[int, int | None, Sequence[str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fields = [(SOURCE_ROW, pa.int32()), (RAGGED, pa.int32())]
        fields += [(name, pa.string()) for name in self.module.column_names]
        self._writer = pq.ParquetWriter(self.path, pa.schema(fields), compression="zstd")

    def add(self, row: int, cells: Mapping[str, str | None], ragged: int | None = None) -> None:
        """Add a row from cells by column name; columns without a cell are empty."""
        values = [cells.get(name) or None for name in self.module.column_names]
        self._waiting.append((row, ragged, values))
        self.rows += 1
        if len(self._waiting) == CHUNK:
            self._write()

    def clear(self) -> None:
        """Begin again, without rows."""
        self._writer.close()
        self._waiting.clear()
        self.rows = 0
        self.__post_init__()

    def close(self) -> None:
        """Write the rows that are not written yet, and close the file."""
        self._write()
        self._writer.close()

    def _write(self) -> None:
        if self._waiting:
            rows, ragged, cells = zip(*self._waiting, strict=True)
            columns = [list(rows), list(ragged), *map(list, zip(*cells, strict=True))]
            self._writer.write_table(pa.table(columns, schema=self._writer.schema))
            self._waiting.clear()


@contextmanager
def text_files(folder: Path) -> Iterator[dict[str, TextFile]]:
    """A file for each module, by table name; a file without added rows is written empty."""
    with ExitStack() as stack:
        files = {}
        for name, module in modules().items():
            files[name] = TextFile(module, folder / f"{name}.parquet")
            stack.callback(files[name].close)
        yield files


def mark_shared(folder: Path, upns: Upns) -> None:
    """Mark the children in the header module who share a pupil number with another id."""
    shared = {child for ids in upns.values() if len(ids) > 1 for child in ids}
    if not shared:
        return
    path = folder / f"{HEADER}.parquet"
    table = pq.read_table(path)
    children = [plain_id(child or "") for child in table["child"].to_pylist()]
    marks = pa.array(["Y" if child in shared else None for child in children], pa.string())
    at = table.schema.get_field_index(UPN_IS_SHARED)
    pq.write_table(table.set_column(at, UPN_IS_SHARED, marks), path, compression="zstd")
