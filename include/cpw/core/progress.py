"""How a long step tells its caller what it is doing."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Takes a line that says what is done now."""


def quiet(_: str) -> None:
    """Report nothing."""
