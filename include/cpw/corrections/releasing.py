"""Release rows of the correction ledger from a rule, or withdraw a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from cpw.core import audit
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.corrections.ledger import Ledger
from cpw.quality.releases import Release, add


@dataclass(frozen=True)
class Entry:
    """One entry of the ledger, with the facts that a release depends on."""

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
    """The entries released or withdrawn, the months to load again, the other rules that refuse."""

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
        for option, text in (("--by", self.by), ("--reason", self.reason)):
            if not text.strip():
                raise InputError(
                    f"{option} is blank",
                    remedy="Name the responsible role with --by and the reason with --reason",
                )


def release(home: Home, ledger: Ledger, ids: list[str], by: str, reason: str) -> Released:
    """Release the rows of entries from the rule that refuses them; all of them or none.

    Raises:
        InputError: an entry is not known, not open, not refused or cannot be loaded as it is, or
            the responsible role or the reason is blank.
    """
    decision = _Decision(by.strip(), reason.strip())
    entries = _known(ledger, ids)
    for entry in entries:
        _check_releasable(entry)
    rows = _rows(ledger, entries, "is_refused")
    months = _note(home, ledger, entries, rows, decision)
    return Released(entries, months, _still_refused(ledger, entries))


def withdraw(home: Home, ledger: Ledger, ids: list[str], by: str, reason: str) -> Released:
    """Withdraw the releases of entries: the rule refuses their rows again; all of them or none.

    Raises:
        InputError: an entry is not known or has no release in force, or the responsible role or
            the reason is blank.
    """
    decision = _Decision(by.strip(), reason.strip(), withdraws=True)
    entries = _known(ledger, ids)
    rows = _rows(ledger, entries, "is_released")
    for entry in entries:
        if entry.entry not in rows:
            raise InputError(
                f"entry {entry.entry_id} is not released from {entry.rule_id}",
                remedy="Use an id that cpw quarantine list --status released --entries shows. "
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
    """Store a decision on entries, and its counts in the audit; returns the entries' months."""
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
                f"two entries have the id '{entry_id}'"
                if times[entry_id]
                else f"entry '{entry_id}' is not known",
                remedy="Use an id that cpw quarantine list --entries shows. Nothing was changed",
            )
    return found


def _check_releasable(entry: Entry) -> None:
    """Check that an entry can be released.

    Raises:
        InputError: it cannot be released; the message has the reason.
    """
    if entry.status != "open":
        why = {"closed": "is closed", "released": "is released already"}
        problem, remedy = why[entry.status], "There is nothing to release"
    elif not entry.is_refused:
        problem = f"is not refused by {entry.rule_id}: its row is loaded as it is"
        remedy = "There is nothing to release; correct the row in the source"
    elif not entry.releasable:
        problem = f"cannot be released from {entry.rule_id}: its row cannot be loaded as it is"
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
    """The other open entries that refuse the same rows."""
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
