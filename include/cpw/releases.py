"""Rows that somebody released from the quarantine: who, when, why, and from which rule.

A release lets one row through one rule, as the row stands: it is bound to the row's content, so a
row that changes is judged anew. The rule still fails on it, and says so; it only refuses it no
more. ``quarantine/releases.jsonl`` is restricted and only ever added to: a release that is taken
back has a later line that says so.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cpw import audit
from cpw.contract import FEEDS
from cpw.engine import connect
from cpw.errors import InputError
from cpw.failures import fingerprint_sql
from cpw.home import Home, Partition, make_private
from cpw.locks import hold

if TYPE_CHECKING:
    from cpw.corrections import Ledger

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Release:
    """One row let through one rule; ``fingerprint`` is the hash of the row's cells.

    One that ``withdraws`` takes the release before it back.
    """

    at: str
    authority: str
    feed: str
    table: str
    rule_id: str
    fingerprint: str
    by: str
    reason: str
    withdraws: bool = False

    @property
    def key(self) -> Key:
        """What is released: a row of an authority, from a rule."""
        return self.authority, self.rule_id, self.fingerprint


def _file(home: Home) -> Path:
    return home.quarantine / "releases.jsonl"


def add(home: Home, releases: list[Release]) -> None:
    """Note releases, or that they are withdrawn; what is so already is not noted twice."""
    make_private(home.quarantine)
    with hold(home, "releases", wait=True):
        known = {release.key for release in read(home)}
        descriptor = os.open(_file(home), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as handle:
            for release in releases:
                if (release.key in known) == release.withdraws:
                    handle.write(json.dumps(asdict(release)) + "\n")
        _file(home).chmod(0o600)


def read(home: Home, authority: str | None = None) -> list[Release]:
    """The releases in force, oldest first."""
    if not _file(home).exists():
        return []
    found: dict[Key, Release] = {}
    for line in _file(home).read_text(encoding="utf-8").splitlines():
        release = Release(**json.loads(line))
        if release.withdraws:
            found.pop(release.key, None)
        elif authority in (None, release.authority):
            found[release.key] = release
    return list(found.values())


def version(home: Home, authority: str, feeds: tuple[str, ...] = FEEDS) -> str:
    """A hash of the releases that bear on these feeds; empty where there are none."""
    mine = [(r.rule_id, r.fingerprint) for r in read(home, authority) if r.feed in feeds]
    return hashlib.sha256(json.dumps(sorted(mine)).encode()).hexdigest()[:12] if mine else ""


def of_feed(home: Home, partition: Partition, feed: str) -> str:
    """A hash of the releases that bear on one feed of a partition."""
    return version(home, partition.authority, (str(partition.feed_label(feed)),))


def released_rows(home: Home, authority: str, cells: Mapping[str, Path]) -> dict[str, list[int]]:
    """The rows of an extract that are released, by the rule they are released from.

    Args:
        home: the data home.
        authority: whose extract it is.
        cells: a Parquet file per table with the rows as they were read.
    """
    mine = [r for r in read(home, authority) if r.table in cells]
    if not mine:
        return {}
    found: dict[str, list[int]] = {}
    frame = pd.DataFrame([(r.table, r.rule_id, r.fingerprint) for r in mine])
    frame.columns = pd.Index(["table_name", "rule_id", "fingerprint"])
    with connect() as connection:
        connection.register("release", frame)
        for table in sorted({r.table for r in mine}):
            rows = connection.execute(
                "select l.rule_id, list(t.source_row order by t.source_row) "
                f"from (select {fingerprint_sql(table, 'r')} as fingerprint, r.source_row "
                f"from read_parquet('{cells[table]}') as r) as t "
                "inner join release as l on t.fingerprint = l.fingerprint "
                "where l.table_name = ? group by l.rule_id",
                [table],
            ).fetchall()
            for rule, numbers in rows:
                found.setdefault(rule, []).extend(numbers)
    return found


@dataclass(frozen=True)
class Entry:
    """One entry of the ledger, as a release looks at it."""

    entry_id: str
    rule_id: str
    table_name: str
    feed: str
    status: str
    is_refused: bool
    releasable: bool
    remedy: str
    month: str
    entry: int


@dataclass(frozen=True)
class Released:
    """What was released or withdrawn: the months to load again, and what refuses the rows still."""

    entries: tuple[Entry, ...]
    months: tuple[str, ...]
    still_refused: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class _Decision:
    """Who decides what, and why."""

    by: str
    reason: str
    withdraws: bool = False

    def __post_init__(self) -> None:
        for what, text in (("who answers for it", self.by), ("why", self.reason)):
            if not text.strip():
                raise InputError(
                    f"it is not said {what}",
                    remedy="Give --by ROLE and --reason TEXT, neither blank",
                )


def release(home: Home, ledger: Ledger, ids: list[str], by: str, reason: str) -> Released:
    """Let the rows of entries through the rule that refuses them; all of them or none.

    Raises:
        InputError: an entry is not known, not open, not refused or cannot be loaded as it is, or
            nobody answers for it.
    """
    decision = _Decision(by.strip(), reason.strip())
    entries = _known(ledger, ids)
    for entry in entries:
        _check_releasable(entry)
    rows = _rows(ledger, entries, "is_refused")
    months = _note(home, ledger, entries, rows, decision)
    return Released(entries, months, _still_refused(ledger, entries))


def withdraw(home: Home, ledger: Ledger, ids: list[str], by: str, reason: str) -> Released:
    """Take the releases of entries back: the rule refuses their rows again; all of them or none.

    Raises:
        InputError: an entry is not known or has no release in force, or nobody answers for it.
    """
    decision = _Decision(by.strip(), reason.strip(), withdraws=True)
    entries = _known(ledger, ids)
    rows = _rows(ledger, entries, "is_released")
    for entry in entries:
        if entry.entry not in rows:
            raise InputError(
                f"entry {entry.entry_id} is not released from {entry.rule_id}",
                remedy="Take an id from cpw quarantine list --status released --entries. "
                "Nothing was withdrawn",
            )
    return Released(entries, _note(home, ledger, entries, rows, decision))


def _note(
    home: Home,
    ledger: Ledger,
    entries: Iterable[Entry],
    rows: Mapping[int, list[str]],
    decision: _Decision,
) -> tuple[str, ...]:
    """Note a decision on entries, and in the audit their counts; returns the months they are of."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    by_month: dict[str, list[Entry]] = {}
    for entry in entries:
        by_month.setdefault(entry.month, []).append(entry)
    add(
        home,
        [
            Release(
                at,
                ledger.authority,
                entry.feed,
                entry.table_name,
                entry.rule_id,
                fingerprint,
                **asdict(decision),
            )
            for mine in by_month.values()
            for entry in mine
            for fingerprint in rows[entry.entry]
        ],
    )
    for month, mine in sorted(by_month.items()):
        audit.record(
            home,
            "release_withdrawn" if decision.withdraws else "released",
            Partition.of(ledger.authority, month),
            rows=sum(len(rows[entry.entry]) for entry in mine),
            rules=dict(Counter(entry.rule_id for entry in mine)),
            by=decision.by,
        )
    return tuple(sorted(by_month))


def _known(ledger: Ledger, ids: Iterable[str]) -> tuple[Entry, ...]:
    """The entries of these ids, each once.

    Raises:
        InputError: there is no such entry.
    """
    asked = list(dict.fromkeys(ids))
    found = _entries(ledger, "list_contains(?, entry_id)", [asked])
    times = Counter(entry.entry_id for entry in found)
    for entry_id in asked:
        if times[entry_id] != 1:
            raise InputError(
                f"entry '{entry_id}' is {'not one but two' if times[entry_id] else 'not known'}",
                remedy="Take an id from cpw quarantine list --entries. Nothing was done",
            )
    return found


def _check_releasable(entry: Entry) -> None:
    """Look whether an entry can be released.

    Raises:
        InputError: it cannot be, and why.
    """
    if entry.status != "open":
        why = {"closed": "is closed", "released": "is released already"}
        problem, remedy = why[entry.status], "There is nothing to release"
    elif not entry.is_refused:
        problem = f"is not refused by {entry.rule_id}: its row is loaded as it is"
        remedy = "There is nothing to release; correct the row in the source"
    elif not entry.releasable:
        problem = f"cannot be released from {entry.rule_id}: its row cannot be loaded as it stands"
        remedy = f"Correct it in the source, then send the extract again. {entry.remedy}"
    else:
        return
    raise InputError(f"entry {entry.entry_id} {problem}", remedy=f"{remedy}. Nothing was released")


def _rows(ledger: Ledger, entries: Iterable[Entry], condition: str) -> dict[int, list[str]]:
    """The fingerprints of the rows of entries that meet a condition, by entry."""
    found = ledger.query(
        "select entry, list(distinct fingerprint order by fingerprint) as fingerprints from line "
        f"where list_contains(?, entry) and {condition} group by entry",
        [[entry.entry for entry in entries]],
    )
    return {row["entry"]: row["fingerprints"] for row in found}


def _still_refused(ledger: Ledger, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The other open entries of the same rows, which keep them out."""
    mine = [entry.entry for entry in entries]
    return _entries(
        ledger,
        "status = 'open' and is_refused and not list_contains(?, entry) and entry in ("
        "select o.entry from line as o inner join line as l "
        "on o.run = l.run and o.table_name = l.table_name and o.source_row = l.source_row "
        "where list_contains(?, l.entry))",
        [mine, mine],
    )


def _entries(ledger: Ledger, condition: str, parameters: list[Any]) -> tuple[Entry, ...]:
    columns = ", ".join(field.name for field in fields(Entry))
    rows = ledger.query(f"select {columns} from entry where {condition} order by 1", parameters)
    return tuple(Entry(**row) for row in rows)
