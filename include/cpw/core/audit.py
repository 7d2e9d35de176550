"""The append-only audit: what arrived, how each gate ended, what was published.

``audit/audit.jsonl`` has one JSON object per line. Lines are only added, under a lock, so that
several loads may write at once. The events have file names, counts, hashes and rule ids, and no
child-level value.

A process reads each line only once: the events stay in memory, and the next call reads only the
lines that were added since.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from cpw.core.home import Home
from cpw.core.partition import Partition

Event = dict[str, Any]
Place = tuple[str, str, str]


@dataclass
class _Log:
    """The events that this process has read from one audit file, by authority, month and source."""

    size: int = 0
    tail: bytes = b""
    events: list[Event] = field(default_factory=list)
    by_place: dict[Place, list[Event]] = field(default_factory=dict)

    def add(self, lines: Iterable[bytes]) -> None:
        """Add the events of complete lines."""
        for line in lines:
            event = _parsed(line)
            if event is not None:
                self.events.append(event)
                self.by_place.setdefault(_place(event), []).append(event)


_logs: dict[Path, _Log] = {}
_TAIL = 4096  # these last bytes must match, or the file is another one than was read before


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
    with home.audit_log.open("ab+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        written = json.dumps(line, default=str) + "\n"
        handle.write(("\n" if _is_torn(handle) else "").encode() + written.encode())
        handle.flush()
        os.fsync(handle.fileno())
    return line


def _is_torn(handle: BinaryIO) -> bool:
    """Whether the file ends in half a line, because a process was killed while writing."""
    if handle.seek(0, os.SEEK_END) == 0:
        return False
    handle.seek(-1, os.SEEK_END)
    return handle.read(1) != b"\n"


def _parsed(line: bytes) -> Event | None:
    try:
        event = json.loads(line.decode("utf-8", errors="replace"))
    except json.JSONDecodeError:  # half a line: the process that wrote it was killed
        return None
    # an earlier release had only one source, and wrote none
    return {"source": "extract", **event} if isinstance(event, dict) else None


def _place(event: Event) -> Place:
    return str(event.get("authority")), str(event.get("month")), str(event.get("source"))


def _read(home: Home) -> _Log:
    """The audit as it is now."""
    path = home.audit_log
    with path.open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        log = _logs.setdefault(path, _Log())
        handle.seek(log.size - len(log.tail))
        if handle.read(len(log.tail)) != log.tail:  # the file was replaced, as by a restore
            log = _logs[path] = _Log()
            handle.seek(0)
        added = handle.read()
    whole = added[: added.rfind(b"\n") + 1]  # an unfinished line is read at the next call
    log.add(whole.splitlines())
    log.size += len(whole)
    log.tail = (log.tail + whole)[-_TAIL:]
    return log


def events(
    home: Home, partition: Partition | None = None, *, event: str | None = None, **facts: Any
) -> list[Event]:
    """The events recorded so far, oldest first.

    Args:
        home: the data home.
        partition: only the events of this authority, month and source.
        event: only events of this kind.
        **facts: only events that have these values.
    """
    if not home.audit_log.exists():
        return []
    log = _read(home)
    found = log.events
    if partition is not None:
        place = (partition.authority, str(partition.month), partition.source)
        found = log.by_place.get(place, [])
    if event is not None:
        facts["event"] = event
    return [e for e in found if all(e.get(name) == value for name, value in facts.items())]


def latest(home: Home, partition: Partition, event: str, **facts: Any) -> Event | None:
    """The newest event of that kind, or None."""
    found = events(home, partition, event=event, **facts)
    return found[-1] if found else None
