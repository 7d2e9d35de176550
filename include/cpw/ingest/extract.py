"""Read a feed's extract: register its files in the audit, read them as text, cast them."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cpw.contract.casting import Casting, cast_table
from cpw.contract.tables import contract
from cpw.core import audit
from cpw.core.database import connect
from cpw.core.errors import InputError
from cpw.core.files import make_private
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.core.progress import Progress, quiet
from cpw.ingest.landing import LandedFile, find_files
from cpw.ingest.reading import empty_text_table, read_as_text
from cpw.quality import releases
from cpw.quality.rule_book import rule_book


@dataclass(frozen=True)
class Extract:
    """A registered extract: its load version, and whether the lake already has the same bytes.

    ``not_given`` has the modules that the returns lack from which the tables were made: the short
    name of each, and what it is called in words.
    """

    feed: str
    load_version: int
    content: str
    unchanged: bool
    files: dict[str, str] = field(repr=False)
    rows: dict[str, int] = field(repr=False)
    notes: list[str] = field(repr=False)
    not_given: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, folder: Path) -> Extract:
        """Read the file that :func:`read_extract` wrote for the next stage.

        Raises:
            InputError: there is no such file, or the extract is already in the lake.
        """
        path = folder / "extract.json"
        if not path.exists():
            raise InputError(
                "the extract was not read, or is in the lake already",
                file="/".join(folder.parts[-3:]),
                remedy="Read it first",
            )
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def save(self, folder: Path) -> None:
        """Write it to a file for the next stage."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "extract.json").write_text(json.dumps(self.__dict__), encoding="utf-8")


def read_extract(
    home: Home, partition: Partition, feed: str, progress: Progress = quiet
) -> Extract:
    """Find, register, read and cast one feed's extract into the work folder.

    If the lake already has the same bytes under the same rules and releases, nothing is read.

    Raises:
        InputError: a file is missing or cannot be read; nothing else was changed.
    """
    folder = home.month(partition).feed_work(feed)
    shutil.rmtree(folder, ignore_errors=True)
    make_private(home.work)
    try:
        files = find_files(home, partition, feed)
        extract = _register(home, partition, feed, files)
        if not extract.unchanged:
            extract = _read_tables(home, partition, extract, files, folder, progress)
    except InputError as error:
        audit.record(home, "extract_unusable", partition, feed=feed, message=str(error))
        raise
    extract.save(folder)
    return extract


def _register(home: Home, partition: Partition, feed: str, files: list[LandedFile]) -> Extract:
    listing = sorted((file.path.name, file.sha256) for file in files)
    content = hashlib.sha256(json.dumps(listing).encode()).hexdigest()
    before = audit.latest(home, partition, "extract_registered", feed=feed)
    same = before is not None and before["content"] == content
    version = (
        1 if before is None else before["load_version"] if same else before["load_version"] + 1
    )
    if not same:
        audit.record(
            home,
            "extract_registered",
            partition,
            feed=feed,
            load_version=version,
            content=content,
            files=[_arrival(file) for file in files],
        )
    accepted = audit.latest(home, partition, "feed_accepted", feed=feed)
    unchanged = (
        accepted is not None
        and accepted["content"] == content
        and accepted["rules_version"] == rule_book().version
        and accepted.get("releases", "") == releases.of_feed(home, partition, feed)
        and _findings_are_kept(home, partition, feed)
    )
    names = {file.table.name: file.label for file in files}
    return Extract(feed, version, content, unchanged, names, {}, [])


def _findings_are_kept(home: Home, partition: Partition, feed: str) -> bool:
    """Whether the gate's failures are stored; earlier releases did not store them."""
    gated = audit.latest(home, partition, "gate", gate="gate_extract", feed=feed, verdict="passed")
    run = gated.get("run") if gated else None
    return run is not None and (home.month(partition).failures / f"{run}.parquet").exists()


def files_sent_before(home: Home, partition: Partition, feed: str) -> list[str]:
    """The tables whose newest file equals, byte for byte, the file of the month before."""
    before = partition.other_month(-1)
    sent = audit.latest(home, partition, "extract_registered", feed=feed)
    earlier = audit.latest(home, before, "extract_registered", feed=feed)
    if sent is None or earlier is None:
        return []
    known = {(file["table"], file["sha256"]) for file in earlier["files"]}
    return [file["table"] for file in sent["files"] if (file["table"], file["sha256"]) in known]


def _arrival(file: LandedFile) -> dict[str, Any]:
    arrived = datetime.fromtimestamp(file.path.stat().st_mtime, UTC)
    return {
        "table": file.table.name,
        "file": file.label,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "arrived": arrived.isoformat(timespec="seconds"),
    }


def _read_tables(
    home: Home,
    partition: Partition,
    extract: Extract,
    files: list[LandedFile],
    folder: Path,
    progress: Progress,
) -> Extract:
    by_table = {file.table.name: file for file in files}
    shapes: dict[str, dict[str, Any]] = {}
    for table in contract().feed_tables(extract.feed):
        text = folder / "text" / f"{table.name}.parquet"
        file = by_table.get(table.name)
        progress(table.name)
        if file is None:
            empty_text_table(table, text)
        else:
            read = read_as_text(file, text)
            shapes[table.name] = {
                "rows": read.rows,
                "columns": list(read.columns),
                "ignored_columns": list(read.ignored_columns),
                "absent_columns": list(read.absent_columns),
            }
    casting = Casting(contract(), partition.month.as_at)
    with connect() as connection:
        for table in contract().feed_tables(extract.feed):
            text, typed = (folder / form / f"{table.name}.parquet" for form in ("text", "typed"))
            cast_table(connection, casting, table, text, typed)
    audit.record(
        home,
        "extract_read",
        partition,
        feed=extract.feed,
        load_version=extract.load_version,
        tables=shapes,
    )
    rows = {name: int(shape["rows"]) for name, shape in shapes.items()}
    notes = [note for name, shape in shapes.items() for note in _notes(extract.files[name], shape)]
    return replace(extract, rows=rows, notes=notes)


def _notes(file: str, shape: dict[str, Any]) -> list[str]:
    notes = []
    if shape["ignored_columns"]:
        left = ", ".join(shape["ignored_columns"])
        notes.append(f"{file}: columns that are not in the contract were ignored: {left}")
    if shape["absent_columns"]:
        absent = ", ".join(shape["absent_columns"])
        notes.append(f"{file}: optional columns are missing and were read as empty: {absent}")
    return notes
