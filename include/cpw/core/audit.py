"""The append-only audit: what arrived, what each gate said, what was published.

One JSON object a line in ``audit/audit.jsonl``. Lines are only ever added, under a lock, so that
several loads may write at once. There are file names, counts, hashes and rule ids in it, and no
child-level value.
"""

from __future__ import annotations

import fcntl
import json
import os
from datetime import UTC, datetime
from typing import Any, BinaryIO

from cpw.core.home import Home
from cpw.core.partition import Partition

Event = dict[str, Any]


def record(home: Home, event: str, partition: Partition, **facts: Any) -> Event:
    """Append one event and return it as written."""
    home.audit.mkdir(parents=True, exist_ok=True)
    line: Event = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "event": event,
        "authority": partition.authority,
        "month": str(partition.month),
        "source": partition.source,
        **facts,
    }
    with (home.audit / "audit.jsonl").open("ab+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        written = json.dumps(line, default=str) + "\n"
        handle.write(("\n" if _is_torn(handle) else "").encode() + written.encode())
        handle.flush()
        os.fsync(handle.fileno())
    return line


def _is_torn(handle: BinaryIO) -> bool:
    """Whether the file ends in half a line, as a process that was killed leaves it."""
    if handle.seek(0, os.SEEK_END) == 0:
        return False
    handle.seek(-1, os.SEEK_END)
    return handle.read(1) != b"\n"


def _parsed(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except json.JSONDecodeError:  # half a line: its writer was killed
        return None
    # an earlier release knew one source only
    return {"source": "extract", **event} if isinstance(event, dict) else None


def events(
    home: Home, partition: Partition | None = None, *, event: str | None = None, **facts: Any
) -> list[Event]:
    """The events recorded so far, oldest first, narrowed to what is asked for."""
    path = home.audit / "audit.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        lines = handle.read().splitlines()
    found = [parsed for line in lines if (parsed := _parsed(line)) is not None]
    if partition is not None:
        facts = {
            "authority": partition.authority,
            "month": str(partition.month),
            "source": partition.source,
            **facts,
        }
    if event is not None:
        facts["event"] = event
    return [e for e in found if all(e.get(name) == value for name, value in facts.items())]


def latest(home: Home, partition: Partition, event: str, **facts: Any) -> Event | None:
    """The newest event of that kind, or none."""
    found = events(home, partition, event=event, **facts)
    return found[-1] if found else None
