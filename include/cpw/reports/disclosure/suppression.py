"""Which cells are hidden, so that no count of people from 1 to 4 is shown or can be worked out.

:func:`suppress` does what statistical offices call cell suppression. Primary suppression hides
every cell with a count from 1 to 4. Secondary suppression hides further cells until every such
count, and every such difference between counts, is protected: see
:mod:`cpw.reports.disclosure.audit` for what that means and how it is proved.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from scipy.sparse import hstack

from cpw.reports.disclosure.audit import Audit
from cpw.reports.disclosure.known_facts import CellKey, Equation, KnownFacts
from cpw.reports.disclosure.linear_programme import (
    TOLERANCE,
    Bounds,
    cheapest_changes,
    equation_matrix,
)
from cpw.reports.disclosure.pattern import Reason, SuppressionPattern
from cpw.reports.disclosure.threshold import INTERVAL_WIDTH, SMALLEST_SHOWN, is_small

_NEARBY = 200
"""How many variables a first programme of least cost looks at; a second looks at all."""


@dataclass(frozen=True)
class Suppression:
    """The cells to hide with their reasons, and what could not be protected."""

    hidden: dict[CellKey, Reason]
    exposed: tuple[Equation, ...]
    """Equations by which a small number follows from cells that were shown before."""


class _Candidate(NamedTuple):
    """Cells that could be hidden together, and the equation for which they would be."""

    keys: tuple[CellKey, ...]
    equation: Equation


class _Effect(IntEnum):
    """What hiding a candidate does for a small number."""

    NONE = 0
    NOT_BOUNDED = 1
    """No single equation keeps it below 5 any more."""
    PROTECTED = 2


class _Cost(NamedTuple):
    """What hiding cells costs a reader; the parts are compared in this order."""

    rank: int
    is_all_zero: bool
    value: int
    """The number that would be hidden."""
    people: int
    """The sum of all counts of the cells."""


def suppress(facts: KnownFacts) -> Suppression:
    """Choose the cells to hide.

    Args:
        facts: everything that the reader knows; complete, as nothing may be added afterwards.
    """
    return _Suppressor(facts).suppress()


class _Suppressor:
    def __init__(self, facts: KnownFacts) -> None:
        self._facts = facts
        self._pattern = SuppressionPattern(facts)
        self._audit = Audit(self._pattern)

    def suppress(self) -> Suppression:
        for key, cell in self._facts.cells.items():
            if cell.status == "undecided" and any(map(is_small, cell.counts)):
                self._pattern.hide(key, Reason("primary"))
        small = [
            variable
            for variable, value in enumerate(self._facts.values)
            if is_small(value)
            and not self._pattern.is_shown(variable)
            and self._facts.equations_of[variable]
        ]
        for variable in small:
            self._hide_until_not_bounded(variable)
        exposed = [self._first_equation(variable) for variable in self._hide_for_each(small)]
        return Suppression(self._pattern.reasons, tuple(exposed))

    def _hide_for_each(self, small: Sequence[int]) -> Iterator[int]:
        """Hide what protects each number that is not proved protected; yield those left exposed.

        What is hidden for one number often protects others: a shared programme is quicker to prove
        that than a programme for each.
        """
        left = self._audit.unprotected(small)
        while left:
            variable, *left = left
            hidden_before = len(self._pattern.reasons)
            if not self._hide_at_least_cost(variable):
                yield variable
            if len(self._pattern.reasons) > hidden_before:
                left = self._audit.unprotected(left)

    def _first_equation(self, variable: int) -> Equation:
        return self._facts.equations[self._facts.equations_of[variable][0]]

    def _hide_until_not_bounded(self, variable: int) -> None:
        """Hide more cells, the cheapest first, until no single equation keeps a number below 5."""
        while self._audit.is_bounded(variable) and (candidates := self._candidates(variable)):
            best = self._best(candidates, variable)
            for key in best.keys:
                self._pattern.hide(key, Reason("secondary", best.equation))

    def _best(self, candidates: Sequence[_Candidate], variable: int) -> _Candidate:
        """The first candidate with the greatest effect."""
        best, effect = candidates[0], _Effect.NONE
        for candidate in candidates:
            if (found := self._effect(candidate, variable)) > effect:
                best, effect = candidate, found
            if effect is _Effect.PROTECTED:
                break
        return best

    def _effect(self, candidate: _Candidate, variable: int) -> _Effect:
        with self._pattern.as_if_hidden(candidate.keys):
            if self._audit.is_bounded(variable):
                return _Effect.NONE
            if self._audit.is_protected_by_few_changes(variable):
                return _Effect.PROTECTED
            return _Effect.NOT_BOUNDED

    def _candidates(self, variable: int) -> list[_Candidate]:
        """What could be hidden to protect a number, the cheapest first.

        These are cells of the number's own equations; where none is left there, cells of the
        equations of the nearest hidden numbers.
        """
        reached, seen = [variable], {variable}
        for near in reached:
            found = {
                keys: (self._cost(keys, self._facts.values[shown]), equation)
                for equation, shown in self._shown_beside(near)
                if (keys := self._pattern.cells_to_hide(shown))
            }
            if found:
                ordered = sorted(found, key=lambda keys: (found[keys][0], str(keys)))
                return [_Candidate(keys, found[keys][1]) for keys in ordered]
            for hidden in self._hidden_beside(near):
                if hidden not in seen:
                    seen.add(hidden)
                    reached.append(hidden)
        return []

    def _shown_beside(self, variable: int) -> Iterator[tuple[Equation, int]]:
        """The shown numbers in a number's equations."""
        for number in self._facts.equations_of[variable]:
            equation = self._facts.equations[number]
            for other, _ in equation.terms:
                if other != variable and self._pattern.is_shown(other):
                    yield equation, other

    def _hidden_beside(self, variable: int) -> Iterator[int]:
        """The hidden numbers in a number's equations."""
        for number in self._facts.equations_of[variable]:
            for other, _ in self._facts.equations[number].terms:
                if other != variable and not self._pattern.is_shown(other):
                    yield other

    def _cost(self, keys: Sequence[CellKey], value: int) -> _Cost:
        cells = [self._facts.cells[key] for key in keys]
        return _Cost(
            rank=max(cell.rank for cell in cells),
            is_all_zero=not any(any(cell.counts) for cell in cells),
            value=value,
            people=sum(sum(cell.counts) for cell in cells),
        )

    def _hide_at_least_cost(self, variable: int) -> bool:
        """Hide the cells of least cost that protect a number; return whether there are any."""
        value = self._facts.values[variable]
        for changes in ((INTERVAL_WIDTH,), (SMALLEST_SHOWN - value, 1 - value)):
            found = [self._cheapest_to_hide(variable, change) for change in changes]
            if all(shown is not None for shown in found):
                reason = Reason("secondary", self._first_equation(variable))
                for shown in {shown for several in found for shown in several or ()}:
                    for key in self._pattern.cells_to_hide(shown):
                        self._pattern.hide(key, reason)
                return True
        return False

    def _cheapest_to_hide(self, variable: int, change: int) -> set[int] | None:
        """The shown numbers of least cost that have to be hidden, so that one may change.

        None where nothing that could be hidden is enough. A shown number is in the programme
        twice, as an increase and as a decrease, so that both cost the same.
        """
        facts = self._facts
        for most in (_NEARBY, len(facts.values)):
            variables = self._nearest(variable, most)
            prices = [self._price(v) for v in variables]
            priced = [place for place, price in enumerate(prices) if price]
            bounds: list[Bounds] = [
                (0, None) if price else (-facts.values[v], None)
                for v, price in zip(variables, prices, strict=True)
            ]
            bounds[0] = (change, change)
            matrix = equation_matrix(facts, variables)
            changes = cheapest_changes(
                hstack([matrix, -matrix[:, priced]], format="csr"),
                prices + [prices[place] for place in priced],
                bounds + [(0, facts.values[variables[place]]) for place in priced],
            )
            if changes is not None:
                doubled = variables + [variables[place] for place in priced]
                pairs = zip(doubled, changes, strict=True)
                return {v for v, c in pairs if abs(c) > TOLERANCE and self._pattern.is_shown(v)}
        return None

    def _price(self, variable: int) -> float:
        """What it costs to hide a number, as one figure; 0 where it is hidden already."""
        if not self._pattern.is_shown(variable):
            return 0.0
        keys = self._pattern.cells_to_hide(variable)
        cost = self._cost(keys, self._facts.values[variable])
        return 4.0**cost.rank * (1 + math.sqrt(cost.value + cost.people) + 8 * cost.is_all_zero)

    def _nearest(self, variable: int, most: int) -> list[int]:
        """A number, and those nearest to it by equations that are hidden or could be."""
        reached, seen = [variable], {variable}
        for near in reached:
            if len(reached) >= most:
                break
            numbers = self._facts.equations_of[near]
            beside = {v for number in numbers for v, _ in self._facts.equations[number].terms}
            for other in sorted(beside - seen):
                seen.add(other)
                if not self._pattern.is_shown(other) or self._pattern.cells_to_hide(other):
                    reached.append(other)
        return reached
