"""Rows that somebody released from the quarantine: who, when, why, and from which rule.

A release lets one row through one rule. It applies to the row's present content: if the row
changes, the rule refuses it again. The rule still reports the row as failing but no longer refuses
it. ``quarantine/releases.jsonl`` is restricted, and lines are only added: when a release is
withdrawn, a later line records it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from cpw.core.database import connect
from cpw.core.files import make_private
from cpw.core.home import Home
from cpw.core.locks import hold
from cpw.core.partition import FEEDS, Partition
from cpw.quality import acceptances
from cpw.quality.failures import fingerprint_sql

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Release:
    """One row released from one rule; ``fingerprint`` is the hash of the row's cells.

    If ``withdraws`` is true, this line withdraws an earlier release.
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
        """The authority, the rule and the row that the release is for."""
        return self.authority, self.rule_id, self.fingerprint


def add(home: Home, releases: list[Release]) -> None:
    """Append releases or withdrawals; those that would change nothing are left out."""
    make_private(home.quarantine)
    with hold(home, "releases", wait=True):
        known = {release.key for release in read(home)}
        descriptor = os.open(home.releases, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as handle:
            for release in releases:
                if (release.key in known) == release.withdraws:
                    handle.write(json.dumps(asdict(release)) + "\n")
        home.releases.chmod(0o600)


def read(home: Home, authority: str | None = None) -> list[Release]:
    """The releases in force, oldest first."""
    if not home.releases.exists():
        return []
    found: dict[Key, Release] = {}
    for line in home.releases.read_text(encoding="utf-8").splitlines():
        release = Release(**json.loads(line))
        if release.withdraws:
            found.pop(release.key, None)
        elif authority in (None, release.authority):
            found[release.key] = release
    return list(found.values())


def version(home: Home, authority: str, feeds: tuple[str, ...] = FEEDS) -> str:
    """A hash of the releases in force for these feeds; empty if there are none."""
    mine = [(r.rule_id, r.fingerprint) for r in read(home, authority) if r.feed in feeds]
    return hashlib.sha256(json.dumps(sorted(mine)).encode()).hexdigest()[:12] if mine else ""


def of_feed(home: Home, partition: Partition, feed: str) -> str:
    """A hash of what was released and accepted for one feed of a partition; empty if nothing was.

    Gates run again when it changes.
    """
    released = version(home, partition.authority, (str(partition.feed_label(feed)),))
    accepted = acceptances.version(home, partition)
    return f"{released} {accepted}" if accepted else released


def released_rows(home: Home, authority: str, cells: Mapping[str, Path]) -> dict[str, list[int]]:
    """The row numbers of an extract's released rows, by rule.

    Args:
        home: the data home.
        authority: the authority that sent the extract.
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
