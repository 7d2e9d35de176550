"""Paths of a plan for adoption: the steps a child's plan may take, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from cpw_synthetic.editions.life import Life

SIBLINGS = (("", 0), ("TOGETHER", 0), ("TOGETHER", 1), ("APART", 1))


@dataclass(frozen=True)
class EditionDays:
    """The days of an edition: the one before its first window, and its last."""

    begin: int
    last: int


@dataclass(frozen=True)
class AdoptionSteps:
    """The steps of a plan for adoption; days, where the step was taken."""

    initiated: int
    agreed_at_review: int
    parallel: bool
    decided: int | None = None
    ordered: int | None = None
    matched: int | None = None
    placed: int | None = None
    reversed_on: int | None = None
    by_carer: bool = False
    siblings: str = ""  # TOGETHER, APART or none
    apart: int = 0

    @property
    def panel(self) -> int | None:
        """The day of the matching panel."""
        return None if self.matched is None else self.matched - 4

    def begun_in(self, life: Life) -> AdoptionSteps:
        """The path, begun once care had, where it was chosen for another child's beginning."""
        if self.decided is None or self.initiated >= life.start + 6:
            return self
        later = life.start + 6 - self.initiated
        if self.decided >= life.start:
            return replace(self, initiated=self.initiated + later)
        return replace(self, initiated=self.initiated + later, decided=self.decided + later)

    def in_order(self, life: Life) -> bool:
        """Whether the steps follow each other within the period of care."""
        steps = [
            life.start + 6,
            self.initiated,
            self.decided,
            self.ordered,
            self.panel,
            self.matched,
            self.placed,
            self.reversed_on,
        ]
        days = [day for day in steps if day is not None]
        return all(a <= b for a, b in pairwise(days)) and days[-1] < life.end


def begun(decided: int, rng: Random) -> AdoptionSteps:
    """A path with a decision, and nothing after it."""
    siblings, apart = rng.choices(SIBLINGS, (50, 30, 10, 10))[0]
    return AdoptionSteps(
        decided - 12,
        2,
        False,
        decided=decided,
        by_carer=rng.random() < 0.06,
        siblings=siblings,
        apart=apart,
    )


def adopted(life: Life, _: EditionDays, rng: Random) -> AdoptionSteps:
    """The path of a child who is adopted on the day care ends."""
    length = life.end - life.start
    placed = life.end - rng.randrange(80, max(81, min(330, length // 2)))
    matched = placed - rng.randrange(3, 40)
    ordered = matched - rng.choice((rng.randrange(5, 120), rng.randrange(20, 420)))
    decided = ordered - rng.choice((rng.randrange(5, 60), rng.randrange(20, 200)))
    path = replace(begun(decided, rng), ordered=ordered, matched=matched, placed=placed)
    share = rng.random()
    if share < 0.06:
        return replace(path, ordered=None)
    if share < 0.09:
        return replace(path, matched=None, placed=None)
    return path


def _decided(life: Life, span: EditionDays, rng: Random) -> AdoptionSteps:
    first = max(life.start + 20, span.begin - 500)
    decided = rng.randrange(first, max(first + 1, span.last + 1))
    path = begun(decided, rng)
    if rng.random() < 0.85:
        path = replace(path, ordered=decided + rng.randrange(5, 160))
    return _until(path, span.last)


def _disrupted(life: Life, span: EditionDays, rng: Random) -> AdoptionSteps:
    path = _placed(life, span, rng)
    if path.placed is None:
        return path
    reversed_on = path.placed + rng.randrange(20, 400)
    return _until(replace(path, reversed_on=reversed_on), span.last)


def decided_upon(life: Life, _: EditionDays, rng: Random) -> AdoptionSteps:
    """A decision that is in force when care ends otherwise."""
    return begun(rng.randrange(life.start + 30, life.end - 20), rng)


def _until(path: AdoptionSteps, last: int) -> AdoptionSteps:
    """Drop what would happen after the edition ends."""
    fields = ("ordered", "matched", "placed", "reversed_on")
    late = {
        name: None
        for name in fields
        if getattr(path, name) is not None and getattr(path, name) > last
    }
    return replace(path, **late)  # type: ignore[arg-type]


def _placed(life: Life, span: EditionDays, rng: Random) -> AdoptionSteps:
    path = _decided(life, span, rng)
    matched = (path.ordered or path.decided or 0) + rng.randrange(10, 300)
    placed = matched + rng.randrange(3, 40)
    return _until(replace(path, matched=matched, placed=placed), span.last)


def _awaiting(life: Life, span: EditionDays, rng: Random) -> AdoptionSteps:
    path = _decided(life, span, rng)
    if path.ordered is None or rng.random() < 0.6:
        return path
    matched = path.ordered + rng.randrange(10, 500)
    return _until(replace(path, matched=matched), span.last)


def _reversed(life: Life, span: EditionDays, rng: Random) -> AdoptionSteps:
    path = _decided(life, span, rng)
    reversed_on = (path.ordered or path.decided or 0) + rng.randrange(30, 600)
    return _until(replace(path, reversed_on=reversed_on), span.last)


Maker = Callable[[Life, EditionDays, Random], AdoptionSteps]
OF_STAYERS: tuple[Maker, ...] = (_placed, _placed, _awaiting, _awaiting, _reversed, _disrupted)
_STEPS = (
    ("placed",),
    ("matched",),
    ("ordered",),
    ("placed", "matched"),
    ("placed", "matched", "ordered"),
    ("placed", "matched", "ordered", "decided", "initiated"),
)


def moved(life: Life, path: AdoptionSteps, rng: Random) -> AdoptionSteps | None:
    """The path with one step, or some together, a few days earlier or later, if it can be."""
    steps = rng.choice(_STEPS)
    days = rng.choice((1, 2, 3, 5, 8, 15, 30, 60)) * rng.choice((-1, 1))
    if any(getattr(path, step) is None for step in steps):
        return None
    found: AdoptionSteps = replace(path, **{step: getattr(path, step) + days for step in steps})
    return found if found.in_order(life) else None
