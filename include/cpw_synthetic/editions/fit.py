"""Make sums exact by small moves that change no other total."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from math import exp
from random import Random
from typing import TypeVar

from cpw_synthetic.editions.choose import CalibrationError

Subject = TypeVar("Subject", bound=Hashable)
Thing = TypeVar("Thing")
_MOVES = 240_000
_ROUND = 30_000
_HEAT = 4.0


@dataclass(frozen=True)
class Sum:
    """A total and its bounds: at least ``low`` and below ``high``, or equal to both."""

    name: str
    low: float
    high: float

    def missed(self, value: float) -> float:
        """How far a value is outside the bounds."""
        if value < self.low:
            return self.low - value
        if value > self.high or (value == self.high and self.high > self.low):
            return value - self.high + (0.5 if self.high > self.low else 0)
        return 0.0


def fit(
    things: Mapping[Subject, Thing],
    effects: Callable[[Subject, Thing], Mapping[str, float]],
    move: Callable[[Subject, Thing, Random], Thing | None],
    sums: list[Sum],
    rng: Random,
    may_change: frozenset[str] = frozenset(),
) -> dict[Subject, Thing]:
    """Move the subjects' choices until every sum is within its bounds.

    Args:
        things: the choice for each subject.
        effects: the amounts that a subject's choice adds to totals.
        move: returns a choice near another one, or None.
        sums: the sums.
        rng: the random generator.
        may_change: the names of other totals that may change.

    Raises:
        CalibrationError: a sum is outside its bounds after many moves.
    """
    named = {wanted.name for wanted in sums}
    loose = named | may_change
    now = dict(things)
    parts = {subject: effects(subject, thing) for subject, thing in now.items()}
    values = {name: sum(part.get(name, 0) for part in parts.values()) for name in named}
    subjects = [s for s in now if any(parts[s].get(name) for name in named)]
    missed = _missed(sums, values)
    for step in range(_MOVES):
        if missed == 0:
            return now
        subject = rng.choice(subjects)
        moved = move(subject, now[subject], rng)
        if moved is None:
            continue
        old, new = parts[subject], effects(subject, moved)
        if {k: v for k, v in old.items() if k not in loose and v} != {
            k: v for k, v in new.items() if k not in loose and v
        }:
            continue
        after = {name: values[name] + new.get(name, 0) - old.get(name, 0) for name in named}
        then = _missed(sums, after)
        heat = _HEAT * (1 - (step % _ROUND) / _ROUND) ** 2 + 0.05
        # Two sums that share days can often be met together only by way of a worse step.
        if then <= missed or rng.random() < exp((missed - then) / heat):
            now[subject], parts[subject], values, missed = moved, new, after, then
    raise CalibrationError(
        "; ".join(
            f"{s.name} is {values[s.name]}, not {s.low}" for s in sums if s.missed(values[s.name])
        )
    )


def _missed(sums: list[Sum], values: Mapping[str, float]) -> float:
    return sum(wanted.missed(values[wanted.name]) for wanted in sums)
