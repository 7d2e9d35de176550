"""A suppression pattern: which cells are hidden, and so which numbers a reader does not see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from cpw.reports.disclosure.known_facts import Cell, CellKey, Equation, KnownFacts


@dataclass(frozen=True)
class Reason:
    """Why a cell is hidden.

    Primary suppression: one of its own counts is small. Secondary suppression: its counts would
    help a reader to work out a small count elsewhere.
    """

    kind: Literal["primary", "secondary"]
    protects: Equation | None = None
    """In secondary suppression, the equation that would have given the small count away."""


class SuppressionPattern:
    """Which cells of known facts are hidden. Cells are added to it, and never taken out."""

    def __init__(self, facts: KnownFacts) -> None:
        """Start with the cells that were hidden before."""
        self.facts = facts
        self.reasons: dict[CellKey, Reason] = {}
        """The cells hidden by this pattern, each with its reason."""
        self._hidden = {key for key, cell in facts.cells.items() if cell.status == "hidden"}
        self._times_shown = [0] * len(facts.values)
        for key, cell in facts.cells.items():
            if key not in self._hidden:
                self._count(cell, 1)

    def is_shown(self, variable: int) -> bool:
        """Whether a cell that is not hidden has the variable among its counts."""
        return self._times_shown[variable] > 0

    def hide(self, key: CellKey, reason: Reason) -> None:
        """Hide a cell; one that is hidden already keeps its reason."""
        if key not in self._hidden:
            self._hidden.add(key)
            self._count(self.facts.cells[key], -1)
            self.reasons[key] = reason

    @contextmanager
    def as_if_hidden(self, keys: Sequence[CellKey]) -> Iterator[None]:
        """Within the block, the pattern is as if these cells, shown so far, were hidden too."""
        cells = [self.facts.cells[key] for key in keys]
        for cell in cells:
            self._count(cell, -1)
        try:
            yield
        finally:
            for cell in cells:
                self._count(cell, 1)

    def cells_to_hide(self, variable: int) -> tuple[CellKey, ...]:
        """The cells that have to be hidden to hide a number.

        Empty where no cell shows the number, and where one showed it before, so that it is known.
        """
        keys = dict.fromkeys(self.facts.cells_of[variable])
        showing = tuple(key for key in keys if key not in self._hidden)
        was_shown = any(self.facts.cells[key].status == "shown" for key in showing)
        return () if was_shown else showing

    def _count(self, cell: Cell, change: int) -> None:
        for variable in cell.variables:
            self._times_shown[variable] += change
