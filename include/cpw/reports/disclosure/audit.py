"""The audit of a suppression pattern: which small numbers a reader could still work out.

A hidden number is protected if its protection interval, the values it may have for all that the
reader knows, reaches up to 5 or more and is at least 4 wide. That is proved by finding other
numbers that would have been published in the same way: some hidden numbers are changed, up or
down, and every equation remains true. :meth:`Audit.is_protected_by_few_changes` looks for a few
such changes, which is fast; :meth:`Audit.unprotected` uses linear programmes for the rest.

Hiding more cells takes knowledge away from the reader, so that a number once proved to be
protected remains so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from cpw.reports.disclosure.linear_programme import (
    TOLERANCE,
    Bounds,
    cheapest_changes,
    equation_matrix,
)
from cpw.reports.disclosure.pattern import SuppressionPattern
from cpw.reports.disclosure.threshold import INTERVAL_WIDTH, SMALLEST_SHOWN

_MOST_TRIES = 12
"""How many changes the search for a few changes tries before it gives up."""

_FEW = 8
"""Up to this many numbers are left without a proof; more are first put to shared programmes."""


class Audit:
    """Whether hidden numbers are protected under a suppression pattern as it is now."""

    def __init__(self, pattern: SuppressionPattern) -> None:
        """Audit a pattern; cells may be added to it afterwards."""
        self._pattern = pattern
        self._facts = pattern.facts
        self._tries_left = 0

    def is_bounded(self, variable: int) -> bool:
        """Whether a single equation keeps a number below 5, whatever the others allow."""
        for number in self._facts.equations_of[variable]:
            terms = self._facts.equations[number].terms
            unknown = [(v, sign) for v, sign in terms if not self._pattern.is_shown(v)]
            signs = {sign for _, sign in unknown}
            rest = sum(self._facts.values[v] for v, _ in unknown)
            if len(unknown) == 1 or (len(signs) == 1 and rest < SMALLEST_SHOWN):
                return True
        return False

    def is_protected_by_few_changes(self, variable: int) -> bool:
        """Whether a few changes prove a number protected; if not, a programme may still do so."""
        value = self._facts.values[variable]
        if self._can_change(variable, INTERVAL_WIDTH):
            return True
        return self._can_change(variable, SMALLEST_SHOWN - value) and self._can_change(
            variable, 1 - value
        )

    def unprotected(self, variables: Sequence[int]) -> list[int]:
        """The numbers that are not proved to be protected.

        Where they are many, the shared programmes run twice, the second time in the reverse order:
        what one programme can prove depends on which numbers share it.
        """
        left = [v for v in variables if not self.is_protected_by_few_changes(v)]
        return left if len(left) <= _FEW else self._not_proved(self._not_proved(left)[::-1])

    def _can_change(self, variable: int, change: int) -> bool:
        """Whether a few changes of other hidden numbers make up for the change of one."""
        if not change:
            return True
        self._tries_left = _MOST_TRIES
        return self._can_settle({variable: change}, self._imbalances({}, variable, change))

    def _imbalances(self, before: Mapping[int, int], variable: int, change: int) -> dict[int, int]:
        """By how much equations are out of balance, after one more variable is changed."""
        imbalances = dict(before)
        for number in self._facts.equations_of[variable]:
            signs = sum(s for v, s in self._facts.equations[number].terms if v == variable)
            if imbalance := imbalances.pop(number, 0) + signs * change:
                imbalances[number] = imbalance
        return imbalances

    def _can_settle(self, changed: Mapping[int, int], imbalances: Mapping[int, int]) -> bool:
        """Bring the equations back into balance, changing one more hidden number at a time."""
        if not imbalances:
            return True
        number, imbalance = next(iter(imbalances.items()))
        options = [
            (self._imbalances(imbalances, v, -imbalance * sign), v, -imbalance * sign)
            for v, sign in self._facts.equations[number].terms
            if not self._pattern.is_shown(v)
            and v not in changed
            and self._facts.values[v] - imbalance * sign >= 0
        ]
        for remaining, v, change in sorted(options, key=lambda option: len(option[0])):
            self._tries_left -= 1
            if self._tries_left < 0:
                return False
            if self._can_settle({**changed, v: change}, remaining):
                return True
        return False

    def _not_proved(self, variables: Sequence[int]) -> list[int]:
        """Which numbers no programme proves protected.

        A number is protected if it can be 4 more, or if it can be 5 and can also be 1.
        """
        values = self._facts.values
        failing = self._failing(dict.fromkeys(variables, INTERVAL_WIDTH))
        below_5 = self._failing({v: SMALLEST_SHOWN - values[v] for v in failing})
        down_to_1 = {v: 1 - values[v] for v in failing if v not in set(below_5)}
        return [*below_5, *self._failing({v: change for v, change in down_to_1.items() if change})]

    def _failing(self, changes: Mapping[int, int]) -> list[int]:
        """The numbers that cannot change by as much as wanted.

        Each programme changes as many of them at once as have no equation in common.
        """
        left, failing = list(changes), []
        while left:
            chosen = self._without_common_equations(left)
            changed = self._furthest_changes({v: changes[v] for v in chosen})
            done = {v for v in left if changed.get(v, 0) / changes[v] > 1 - TOLERANCE}
            failing += [v for v in chosen if v not in done]
            left = [v for v in left if v not in done.union(chosen)]
        return failing

    def _without_common_equations(self, variables: Iterable[int]) -> list[int]:
        taken: set[int] = set()
        chosen = []
        for variable in variables:
            if taken.isdisjoint(self._facts.equations_of[variable]):
                taken.update(self._facts.equations_of[variable])
                chosen.append(variable)
        return chosen

    def _furthest_changes(self, changes: Mapping[int, int]) -> dict[int, float]:
        """The change of every hidden number when some change as much as wanted, or as they can."""
        facts = self._facts
        unknown = [
            variable
            for variable, equations in enumerate(facts.equations_of)
            if equations and not self._pattern.is_shown(variable)
        ]
        bounds: list[Bounds] = []
        for v in unknown:
            change, least = changes.get(v, 0), -facts.values[v]
            bounds.append((max(change, least), None) if change < 0 else (least, change or None))
        costs = [0.0 if v not in changes else math.copysign(1.0, -changes[v]) for v in unknown]
        found = cheapest_changes(equation_matrix(facts, unknown), costs, bounds)
        return {} if found is None else dict(zip(unknown, found, strict=True))
