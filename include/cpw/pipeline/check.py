"""Check a folder of files as a load would, and load nothing.

The files are read and gated in a data home of their own, which is removed afterwards: nothing goes
into the lake, the quarantine or the audit. The months that the real lake has are there to compare
with, and so are releases and acceptances.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import duckdb

from cpw.contract.tables import contract
from cpw.core import audit
from cpw.core.database import connect
from cpw.core.errors import GateBlockedError, InputError
from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition
from cpw.core.sql import read_sql
from cpw.ingest.landing import MANIFEST, table_of_file
from cpw.pipeline import stages
from cpw.quality.lineage import readers

_SQL = Path(__file__).with_name("sql")
_MONTHS_BEFORE = 3  # a month is compared with one of the three before it

State = Literal["unusable", "stopped", "passed"]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class TableChecked:
    """One table of the contract: its file, and how the file's columns map to the contract's.

    ``file`` is None for a table that is not there, ``rows`` for a file that was not read.
    """

    feed: str
    name: str
    is_optional: bool
    file: str | None
    rows: int | None = None
    absent_columns: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()


@dataclass
class Checked:
    """What a load of the folder would do.

    Attributes:
        partition: authority and month.
        tables: every table of the contract.
        problems: the files that cannot be used; a load would end with exit code 2.
        stops: the rules that would stop the month: description, rows failed, rows checked, remedy.
        fails: the other rules that fail.
        refused: rows that would go to quarantine, by table and rule.
        no_source: the KPIs that read a table which is not there, with these tables.
        gated: the gates that ran.
        not_asked: why a gate did not run.
        notes: files that belong to no table.
    """

    partition: Partition
    tables: list[TableChecked] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stops: Rows = field(default_factory=list)
    fails: Rows = field(default_factory=list)
    refused: Rows = field(default_factory=list)
    no_source: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    gated: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        """Whether a load would find the input unusable, be stopped by a gate, or pass the gates."""
        if self.problems:
            return "unusable"
        return "stopped" if self.stops else "passed"

    @property
    def exit_code(self) -> int:
        """The exit code that a load would end with, as far as its gates before the build go."""
        return {"unusable": 2, "stopped": 1, "passed": 0}[self.state]


def check(home: Home, partition: Partition, folder: Path) -> Checked:
    """Read and gate the files of a folder, wherever in it they are.

    Args:
        home: the real data home; it is only read.
        partition: authority and month.
        folder: the folder of files, with or without a folder for each feed.

    Raises:
        InputError: the folder is not there, or has no file of any table.
    """
    checked = Checked(partition)
    with _scratch(home, partition) as scratch:
        delivered = _deliver(folder, scratch, partition, checked)
        passed = [feed for feed in FEEDS if _check_feed(scratch, partition, feed, checked)]
        if len(passed) == len(FEEDS):
            _check_together(scratch, partition, checked)
        else:
            checked.not_asked.append(
                "The gate between the feeds did not run: it needs all three feeds"
            )
        _note_tables(scratch, partition, delivered, checked)
        _note_rules(scratch, partition, checked)
    return checked


@contextmanager
def _scratch(home: Home, partition: Partition) -> Iterator[Home]:
    """A data home of its own, with what the real one knows of the months before."""
    with TemporaryDirectory(prefix="cpw-check-") as folder:
        scratch = Home(Path(folder).resolve())
        for path in (home.releases, home.acceptances):
            if path.exists():
                scratch.quarantine.mkdir(exist_ok=True)
                shutil.copyfile(path, scratch.quarantine / path.name)
        for before in (partition.other_month(-back) for back in range(1, _MONTHS_BEFORE + 1)):
            _copy_events(home, scratch, before)
            for table in contract().tables:
                real = home.lake / table.name / before.path
                if real.exists():
                    own = scratch.lake / table.name / before.path
                    own.parent.mkdir(parents=True, exist_ok=True)
                    own.symlink_to(real)
        yield scratch


def _copy_events(home: Home, scratch: Home, partition: Partition) -> None:
    scratch.audit_log.parent.mkdir(parents=True, exist_ok=True)
    with scratch.audit_log.open("a", encoding="utf-8") as handle:
        for event in audit.events(home, partition):
            handle.write(json.dumps(event, default=str) + "\n")


def _deliver(
    folder: Path, scratch: Home, partition: Partition, checked: Checked
) -> dict[str, Path]:
    """Link the files into the landing zone; returns them by table."""
    if not folder.is_dir():
        raise InputError(
            "there is no such folder", file=str(folder), remedy="Use the folder of the files"
        )
    feed_of = {table.name: table.feed for table in contract().tables}
    found: dict[str, Path] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = table_of_file(path)
        label = str(path.relative_to(folder))
        if name is None or name not in feed_of:
            if path.name != MANIFEST and not path.name.startswith((".", "~")):
                checked.notes.append(f"{label} belongs to no table and was ignored")
        elif name in found:
            checked.problems.append(
                f"{label}: there is another file for the table {name}. Remove one of them"
            )
        else:
            found[name] = path
            landed = scratch.month(partition).landing(feed_of[name])
            landed.mkdir(parents=True, exist_ok=True)
            (landed / path.name).symlink_to(path.resolve())
    if not found:
        raise InputError(
            "the folder has no file of any table",
            file=str(folder),
            remedy="Name each file after its table, such as ssd_person.csv",
        )
    return found


def _check_feed(scratch: Home, partition: Partition, feed: str, checked: Checked) -> bool:
    """Read and gate one feed; whether the lake would take it."""
    try:
        stages.read_extract(scratch, partition, feed)
    except InputError as error:
        checked.problems.append(str(error))
        checked.not_asked.append(f"The gate of {feed} did not run: its files cannot be used")
        return False
    checked.gated.append(feed)
    try:
        stages.gate_extract(scratch, partition, feed)
    except GateBlockedError:
        return False
    stages.write_lake(scratch, partition, feed)
    return True


def _check_together(scratch: Home, partition: Partition, checked: Checked) -> None:
    checked.gated.append("the feeds together")
    try:
        stages.gate_feeds(scratch, partition)
    except GateBlockedError:
        return


def _note_tables(
    scratch: Home, partition: Partition, delivered: dict[str, Path], checked: Checked
) -> None:
    shapes: dict[str, dict[str, Any]] = {}
    for event in audit.events(scratch, partition, event="extract_read"):
        shapes |= event["tables"]
    empty = []
    for table in contract().tables:
        path, shape = delivered.get(table.name), shapes.get(table.name, {})
        checked.tables.append(
            TableChecked(
                table.feed,
                table.name,
                table.presence == "optional",
                path.name if path else None,
                shape.get("rows"),
                tuple(shape.get("absent_columns", ())),
                tuple(shape.get("ignored_columns", ())),
            )
        )
        if path is None:
            empty.append(table.name)
    missing: dict[str, list[str]] = {}
    for name in empty:
        for kpi in sorted(readers()[name]["*"]):
            missing.setdefault(kpi, []).append(name)
    checked.no_source = [(kpi, tuple(tables)) for kpi, tables in sorted(missing.items())]


def _note_rules(scratch: Home, partition: Partition, checked: Checked) -> None:
    results = list(scratch.month(partition).rule_results.glob("*.parquet"))
    failures = list(scratch.month(partition).failures.glob("*.parquet"))
    with connect() as connection:
        if results:
            found = _rows(connection, "check_results", results)
            checked.stops = [row for row in found if row["blocks"]]
            checked.fails = [row for row in found if not row["blocks"]]
        if failures:
            checked.refused = _rows(connection, "check_refused", failures)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, files: list[Path]) -> Rows:
    found = connection.execute(
        read_sql(_SQL / f"{query}.sql"), {"files": [str(path) for path in files]}
    )
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
