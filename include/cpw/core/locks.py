"""Locks between processes: one load of a feed's month at a time, one publication at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from cpw.core.errors import LoadInProgressError
from cpw.core.home import Home

_held: set[str] = set()


def held_by_this_process() -> frozenset[str]:
    """The locks that this process has, for a process that it starts to work under them."""
    return frozenset(_held)


def work_under(locks: frozenset[str]) -> None:
    """Take the locks of the process that started this one as its own; that process waits for it."""
    _held.update(locks)


@contextmanager
def hold(home: Home, name: str, *, wait: bool = False) -> Iterator[None]:
    """Lock ``name`` in a data home for the block; the same process may lock it twice.

    Args:
        home: the data home.
        name: the name of the lock, such as ``886/2018-06/health``.
        wait: wait until another process releases the lock, instead of failing at once.

    Raises:
        LoadInProgressError: another process has the lock, and ``wait`` is false.
    """
    home.locks.mkdir(parents=True, exist_ok=True)
    path = home.locks / (name.replace("/", "-") + ".lock")
    if str(path) in _held:
        yield
        return
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            handle.seek(0)
            raise LoadInProgressError(
                f"{name} is being loaded by process {handle.read().strip() or 'unknown'}. "
                "Nothing was changed: wait until it has ended, then run this again"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        _held.add(str(path))
        try:
            yield
        finally:
            _held.discard(str(path))
