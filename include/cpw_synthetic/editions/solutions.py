"""Solutions of the editions' linear programmes, kept: finding them takes half of a generation.

A kept solution counts only if it meets its own programme; a programme that changed, or that is new,
is solved. :mod:`cpw_synthetic.editions.keep_solutions` writes ``solutions.json`` anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

FILE = Path(__file__).with_name("solutions.json")
_TINY = 1e-5

_found: dict[str, np.ndarray] = {}


@dataclass(frozen=True)
class Programme:
    """A programme: costs, upper bounds and integrality by variable, and rows with their ranges."""

    cost: np.ndarray
    upper: np.ndarray
    integrality: np.ndarray
    matrix: csc_array
    low: np.ndarray
    high: np.ndarray

    @property
    def key(self) -> str:
        """A hash of all that the programme consists of."""
        digest = hashlib.sha256()
        parts = (self.cost, self.upper, self.integrality, self.low, self.high)
        whole = self.matrix.copy()
        whole.sum_duplicates()
        for part in (*parts, whole.data, whole.indices, whole.indptr):
            digest.update(np.asarray(part, dtype=np.float64).tobytes())
        return digest.hexdigest()[:20]

    def is_met_by(self, values: np.ndarray) -> bool:
        """Whether the values lie in their bounds and every row in its range."""
        if values.shape != self.cost.shape:
            return False
        whole = np.abs(values - np.round(values))[self.integrality == 1]
        rows = self.matrix @ values
        return bool(
            np.all(values >= -_TINY)
            and np.all(values <= self.upper + _TINY)
            and np.all(whole < _TINY)
            and np.all(rows >= self.low - _TINY)
            and np.all(rows <= self.high + _TINY)
        )

    def solve(self, options: Mapping[str, float]) -> np.ndarray | None:
        """The kept solution, or else one that is found now; None if there is none."""
        key = self.key
        kept = _kept().get(key)
        if kept is not None:
            values = np.zeros_like(self.cost)
            values[[int(at) for at in kept]] = list(kept.values())
            if self.is_met_by(values):
                return values
        result = milp(
            self.cost,
            integrality=self.integrality,
            bounds=Bounds(0, self.upper),
            constraints=LinearConstraint(self.matrix, self.low, self.high),
            options=dict(options),
        )
        found: np.ndarray | None = result.x
        if found is not None:
            _found[key] = found
        return found


@cache
def _kept() -> dict[str, dict[str, float]]:
    """The kept solutions: of each the values that are not 0, by position."""
    if not FILE.exists():
        return {}
    kept: dict[str, dict[str, float]] = json.loads(FILE.read_text(encoding="utf-8"))
    return kept


def write_found() -> None:
    """Write the solutions that were found since the process began, in place of the kept ones."""
    lines = []
    for key, values in sorted(_found.items()):
        sparse = {str(at): _number(values[at]) for at in np.flatnonzero(np.abs(values) > _TINY)}
        lines.append(f"{json.dumps(key)}: {json.dumps(sparse, separators=(',', ':'))}")
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def forget_kept() -> None:
    """Remove the kept solutions, so that every programme is solved."""
    FILE.unlink(missing_ok=True)
    _kept.cache_clear()


def _number(value: float) -> float:
    """A value as it is kept: whole where it is whole."""
    return round(value) if abs(value - round(value)) < _TINY else float(value)
