"""Rules of a test's own: a copy of ``expectations/``, changed, that ``$CPW_EXPECTATIONS`` names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpw.core.paths import EXPECTATIONS, read_yaml


class OwnRules:
    """The rules in force until the test ends.

    A process reads a folder of rules once, so that each change makes a folder of its own.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._patch = patch
        self._changes = 0
        self._in_force = EXPECTATIONS

    def change(self, change: Callable[[Path], object]) -> None:
        """Put a changed copy of the rules in force; ``change`` is given its folder."""
        self._changes += 1
        copy = self._folder / f"expectations-{self._changes}"
        shutil.copytree(self._in_force, copy)
        change(copy)
        self._patch.setenv("CPW_EXPECTATIONS", str(copy))
        self._in_force = copy

    def add(self, table: str, **facts: object) -> None:
        """Add a rule to a table's file; what is left out of it is harmless."""
        rule = {
            "description": "A rule for the test",
            "dimension": "validity",
            "severity": "critical",
            "remedy": "Mend it",
            **facts,
        }

        def add(content: dict[str, Any]) -> None:
            content["rules"] = [*(content["rules"] or []), rule]

        self.change(lambda folder: change_file(next(folder.glob(f"*/{table}.yml")), add))

    def replace(self, table: str, old: str, new: str) -> None:
        """Replace a text in a table's file."""

        def replace(folder: Path) -> None:
            path = next(folder.glob(f"*/{table}.yml"))
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")

        self.change(replace)


def change_file(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the content of a file of expectations."""
    content = read_yaml(path)
    change(content)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
