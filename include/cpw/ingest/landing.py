"""The landing zone: find a feed's files and check that they are complete. It is only read."""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from cpw.contract.tables import Contract, Table, contract
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import Partition

SUFFIXES = (".csv", ".csv.gz", ".xlsx")
MANIFEST = "manifest.csv"


@dataclass(frozen=True)
class LandedFile:
    """One table's file as it lies in the landing zone."""

    table: Table
    path: Path
    sha256: str
    bytes: int
    rows_promised: int | None

    @property
    def label(self) -> str:
        """The file as messages name it: ``<authority>/<month>/<feed>/<file>``."""
        return "/".join(self.path.parts[-4:])


def feed_folder(home: Home, partition: Partition, feed: str) -> Path:
    """Where a feed's extract lands."""
    return home.month(partition).landing(feed)


def sha256_of(path: Path) -> str:
    """The file's SHA-256, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def find_files(home: Home, partition: Partition, feed: str) -> list[LandedFile]:
    """Find a feed's files, one for each table, and check them against the manifest if there is one.

    Returns:
        The files in contract order, without optional tables that were not sent.

    Raises:
        InputError: the folder or a table's file is missing, a file is not a table of the feed, a
            table has two files, or the manifest does not match the files.
    """
    folder = feed_folder(home, partition, feed)
    if not folder.is_dir():
        raise InputError(
            "there is no such folder in the landing zone",
            file=str(folder),
            remedy=f"Deliver the {feed} extract of {partition} there",
        )
    by_table = _files_by_table(folder, feed)
    _check_none_missing(by_table, folder, feed)
    manifest = _read_manifest(folder / MANIFEST)
    files = []
    for table in contract().feed_tables(feed):
        if path := by_table.get(table.name):
            _check_is_file(path)
            digest = sha256_of(path)
            promised = _check_manifest(manifest, path, digest)
            files.append(LandedFile(table, path, digest, path.stat().st_size, promised))
    _check_all_delivered(manifest, by_table, folder)
    return files


def table_of_file(path: Path) -> str | None:
    """The name that a file gives its table; None if the file has a form that is not read."""
    return _stem(path)


def _stem(path: Path) -> str | None:
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)]
    return None


def _files_by_table(folder: Path, feed: str) -> dict[str, Path]:
    known = {table.name: table for table in contract().feed_tables(feed)}
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        stem = _stem(path)
        if stem is None or path.name == MANIFEST or path.name.startswith((".", "~")):
            continue
        if stem not in known:
            raise InputError(
                f"'{stem}' is not a table of the {feed} feed",
                file="/".join(path.parts[-4:]),
                remedy=_unknown_table_remedy(stem, feed, contract()),
            )
        if stem in found:
            raise InputError(
                f"there are two files for table {stem}: {found[stem].name} and {path.name}",
                file="/".join(path.parts[-4:]),
                remedy="Remove one of them",
            )
        found[stem] = path
    return found


def _check_is_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(
            "this is not a file but a folder, or a link to nothing",
            file="/".join(path.parts[-4:]),
            remedy="Deliver the file itself",
        )


def _unknown_table_remedy(stem: str, feed: str, known: Contract) -> str:
    other = next((t for t in known.tables if t.name == stem), None)
    if other is not None:
        return f"It belongs to the {other.feed} feed: move it to that feed's folder"
    close = difflib.get_close_matches(stem.lower(), [t.name for t in known.feed_tables(feed)], n=1)
    hint = f"Rename it to {close[0]} if it contains that table" if close else "Remove it"
    return f"{hint}, or add the table to seeds/contract/extract_contract.csv"


def _check_none_missing(found: dict[str, Path], folder: Path, feed: str) -> None:
    missing = [
        table.name
        for table in contract().feed_tables(feed)
        if table.presence != "optional" and table.name not in found
    ]
    if missing:
        raise InputError(
            f"{len(missing)} table(s) are missing: {', '.join(missing)}",
            file="/".join(folder.parts[-3:]) + "/",
            remedy="Deliver a file for each; if a table has no rows, deliver its header alone",
        )


def _read_manifest(path: Path) -> dict[str, dict[str, str]] | None:
    if not path.exists():
        return None
    _check_is_file(path)
    label = "/".join(path.parts[-4:])
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            rows = [
                {name: (row[name] or "").strip() for name in ("file", "rows", "sha256")}
                for row in csv.DictReader(handle)
            ]
    except (KeyError, UnicodeDecodeError, csv.Error):
        raise InputError(
            "the manifest cannot be read",
            file=label,
            remedy="Write it as file,rows,sha256 in UTF-8",
        ) from None
    entries: dict[str, dict[str, str]] = {}
    for number, entry in enumerate(rows, start=2):
        _check_entry(entry, label, number, entries.keys())
        entries[entry["file"]] = {**entry, "sha256": entry["sha256"].lower()}
    return entries


def _check_entry(entry: dict[str, str], label: str, row: int, before: Collection[str]) -> None:
    remedy = "Write it as file,rows,sha256, one line for each file"
    for name, value in entry.items():
        if not value:
            raise InputError("the cell is empty", file=label, row=row, column=name, remedy=remedy)
    if not re.fullmatch("[0-9]{1,12}", entry["rows"]):
        raise InputError(
            "the manifest's row count is not a number",
            file=label,
            row=row,
            column="rows",
            remedy=remedy,
        )
    if entry["file"] in before:
        raise InputError(
            f"the manifest names {entry['file']} twice",
            file=label,
            row=row,
            column="file",
            remedy=remedy,
        )


def _check_manifest(
    manifest: dict[str, dict[str, str]] | None, path: Path, digest: str
) -> int | None:
    if manifest is None:
        return None
    label = "/".join(path.parts[-4:])
    entry = manifest.get(path.name)
    if entry is None:
        raise InputError(
            "the manifest does not name this file",
            file=label,
            remedy="Deliver the extract again, manifest last",
        )
    if entry["sha256"] != digest:
        raise InputError(
            "the file is not the one the manifest names: its SHA-256 differs",
            file=label,
            remedy="The file was cut or changed on its way: deliver it again, manifest last",
        )
    return int(entry["rows"])


def _check_all_delivered(
    manifest: dict[str, dict[str, str]] | None, found: dict[str, Path], folder: Path
) -> None:
    delivered = {path.name for path in found.values()}
    missing = sorted(set(manifest or {}) - delivered - {MANIFEST})
    if missing:
        raise InputError(
            f"the manifest names files that are not there: {', '.join(missing)}",
            file="/".join(folder.parts[-3:]) + f"/{MANIFEST}",
            remedy="Deliver them, or write a new manifest",
        )
