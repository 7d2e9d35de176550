"""Rows that somebody released from the quarantine: who, when, why, and from which rule.

A release lets one row through one rule, as the row stands: it is bound to the row's content, so a
row that changes is judged anew. The rule still fails on it, and says so; it only refuses it no
more. ``quarantine/releases.jsonl`` is restricted and only ever added to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cpw.contract import FEEDS
from cpw.engine import connect
from cpw.failures import fingerprint_sql
from cpw.home import Home, make_private
from cpw.locks import hold


@dataclass(frozen=True)
class Release:
    """One row let through one rule; ``fingerprint`` is the hash of the row's cells."""

    at: str
    authority: str
    feed: str
    table: str
    rule_id: str
    fingerprint: str
    by: str
    reason: str


def _file(home: Home) -> Path:
    return home.quarantine / "releases.jsonl"


def add(home: Home, releases: list[Release]) -> None:
    """Note releases; those that are there already are not noted twice."""
    make_private(home.quarantine)
    with hold(home, "releases", wait=True):
        known = {(r.authority, r.rule_id, r.fingerprint) for r in read(home)}
        with _file(home).open("a", encoding="utf-8") as handle:
            for release in releases:
                if (release.authority, release.rule_id, release.fingerprint) not in known:
                    handle.write(json.dumps(asdict(release)) + "\n")
        _file(home).chmod(0o600)


def read(home: Home, authority: str | None = None) -> list[Release]:
    """The releases so far, oldest first."""
    if not _file(home).exists():
        return []
    lines = _file(home).read_text(encoding="utf-8").splitlines()
    found = [Release(**json.loads(line)) for line in lines]
    return [release for release in found if authority in (None, release.authority)]


def version(home: Home, authority: str, feeds: tuple[str, ...] = FEEDS) -> str:
    """A hash of the releases that bear on these feeds; empty where there are none."""
    mine = [(r.rule_id, r.fingerprint) for r in read(home, authority) if r.feed in feeds]
    return hashlib.sha256(json.dumps(sorted(mine)).encode()).hexdigest()[:12] if mine else ""


def released_rows(home: Home, authority: str, cells: Mapping[str, Path]) -> dict[str, list[int]]:
    """The rows of an extract that are released, by the rule they are released from.

    Args:
        home: the data home.
        authority: whose extract it is.
        cells: a Parquet file per table with the rows as they were read.
    """
    mine = [r for r in read(home, authority) if r.table in cells]
    found: dict[str, list[int]] = {}
    with connect() as connection:
        for table in sorted({r.table for r in mine}):
            rows = connection.execute(
                f"select {fingerprint_sql(table, 't')}, t.source_row "
                f"from read_parquet('{cells[table]}') as t "
                "where list_contains(?, " + fingerprint_sql(table, "t") + ")",
                [[r.fingerprint for r in mine if r.table == table]],
            ).fetchall()
            for release in mine:
                hits = [row for fingerprint, row in rows if fingerprint == release.fingerprint]
                if release.table == table and hits:
                    found.setdefault(release.rule_id, []).extend(hits)
    return found
