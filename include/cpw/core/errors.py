"""The project's exceptions: each has an exit code and a message that is safe for a log.

Messages name file, row, column, the problem and what to do. They never contain a child-level value:
a cell is described by its shape (see :func:`shape_of`); the value itself is in the quarantine,
which only its owner can read.
"""

from __future__ import annotations

import re
import traceback


class WarehouseError(Exception):
    """A failure that a user can act on; ``cpw`` exits with ``exit_code``."""

    exit_code = 2


class InputError(WarehouseError):
    """Unusable input or arguments: nothing was loaded (exit code 2)."""

    def __init__(
        self,
        found: str,
        *,
        remedy: str,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        """Build the message; ``row`` counts as in a spreadsheet, where the header is row 1."""
        self.found, self.remedy = found, remedy
        self.file, self.row, self.column = file, row, column
        where = ", ".join(
            part
            for part in (
                file,
                f"row {row}" if row is not None else None,
                f"column {column}" if column else None,
            )
            if part
        )
        super().__init__(f"{where + ': ' if where else ''}{found}. {remedy}")


class LoadInProgressError(WarehouseError):
    """Another process is loading the same authority, month and feed (exit code 2)."""


class GateBlockedError(WarehouseError):
    """A gate stopped a feed or a publication; the old publication is unchanged (exit code 1)."""

    exit_code = 1


class BuildError(WarehouseError):
    """dbt could not build the marts, or one of its tests failed (exit code 1)."""

    exit_code = 1


def fault_of(error: BaseException) -> str:
    """The text for a log on an unforeseen error: its type and the places in the code.

    Its message is left out: it may quote a child's data.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(f"  {f.filename}:{f.lineno} in {f.name}" for f in frames)
    return f"{type(error).__name__}, its message is left out as it may quote data:\n{places}"


def shape_of(value: str) -> str:
    """The shape of a cell, without its content: letters read ``a``/``A``, digits ``9``.

    >>> shape_of("31/02/2018")
    '99/99/9999'
    """
    masked = re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", re.sub(r"\d", "9", value)))
    masked = "".join(c if c.isascii() and c.isprintable() else "?" for c in masked)
    return masked if len(masked) <= 24 else f"{masked[:24]}… ({len(value)} characters)"
