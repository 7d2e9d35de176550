"""Write files so that they are never half-written, and folders that only their owner can enter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A temporary file beside the target, which replaces the target once it is complete.

    If several processes write the same target at once, the last one wins.
    """
    made = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        yield made
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)


def make_private(folder: Path) -> Path:
    """Make a folder that only its owner can enter, for what holds child-level data."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder
