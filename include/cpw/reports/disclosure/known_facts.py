"""What a reader of the public edition knows: cells of counts, and how the counts add up.

A cell is what the edition shows or hides as one: a figure, a group of a breakdown, a row of a
table. It has one or more counts of people. The reader knows equations between counts: marginal
totals (these rows make up that line), differences (these people are among those) and counts that
are of the same people.

This module holds the facts alone. :mod:`cpw.reports.disclosure.suppression` decides from them what
is hidden.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

CellKey = Hashable
"""The name of a cell."""

CellStatus = Literal["undecided", "shown", "hidden"]
"""Whether a cell may still be hidden, or was shown or hidden before and remains so."""


@dataclass(frozen=True)
class CellCount:
    """One count of a cell; ``place`` is its place among the cell's counts, from 0."""

    key: CellKey
    place: int = 0


@dataclass
class Cell:
    """Counts that are shown or hidden together.

    ``rank`` is the cell's worth to a reader: where one of two cells has to be hidden, it is the one
    of the lower rank. ``variables`` holds the variable of each count.
    """

    counts: tuple[int, ...]
    rank: int
    status: CellStatus
    variables: list[int] = field(default_factory=list)


EquationKind = Literal["total", "difference", "balance"]


@dataclass
class Equation:
    """An equation between variables that the reader knows; its terms sum to 0."""

    kind: EquationKind
    cells: tuple[CellKey, ...]
    """What it is about: the cell of a total, or the cells of which it compares counts."""
    terms: tuple[tuple[int, int], ...]
    """Variables with their signs: -1 for the total, +1 for each part."""


class KnownFacts:
    """Cells, and the equations between their counts.

    The equations are over variables, numbered from 0. A variable is one number of people: a count
    of a cell, a count that several cells share, or a number that no cell shows, such as the rest
    of a total.
    """

    def __init__(self) -> None:
        """Start without cells and equations."""
        self.cells: dict[CellKey, Cell] = {}
        self.values: list[int] = []
        """The number of people, by variable."""
        self.cells_of: list[list[CellKey]] = []
        """The cells that have a variable among their counts, by variable."""
        self.equations: list[Equation] = []
        self.equations_of: list[list[int]] = []
        """The equations in which a variable stands, by variable."""

    def add_cell(
        self, key: CellKey, *counts: int, rank: int = 0, status: CellStatus = "undecided"
    ) -> None:
        """Add a cell with its counts of people.

        Args:
            key: its name.
            counts: its counts.
            rank: its worth to a reader, see :class:`Cell`.
            status: ``shown`` or ``hidden`` where that was decided before, as for an earlier month.
        """
        variables = [self._new_variable(count, [key]) for count in counts]
        self.cells[key] = Cell(counts, rank, status, variables)

    def __contains__(self, key: CellKey) -> bool:
        """Whether there is a cell of this name."""
        return key in self.cells

    def counts(self, key: CellKey) -> tuple[int, ...]:
        """A cell's counts."""
        return self.cells[key].counts

    def value(self, count: CellCount) -> int:
        """The number of people in a count."""
        return self.cells[count.key].counts[count.place]

    def add_total(self, total: CellCount, parts: Sequence[CellCount]) -> None:
        """Add a marginal total: parts that make up a count.

        Where the parts sum to less, the rest is a number of people that no cell shows. Parts that
        sum to more overlap, so that the reader can infer nothing from them: no fact is added.
        """
        rest = self.value(total) - sum(self.value(part) for part in parts)
        if rest < 0 or not parts:
            return
        variables = [self._variable(part) for part in parts]
        if rest:
            variables.append(self._new_variable(rest, []))
        self._add_equation("total", (total.key,), self._variable(total), variables)

    def add_balance(self, left: Sequence[CellCount], right: Sequence[CellCount]) -> None:
        """Add that two sets of counts have the same sum, which itself is not shown."""
        total = sum(self.value(count) for count in left)
        if total != sum(self.value(count) for count in right):
            return
        variable = self._new_variable(total, [])
        cells = tuple(dict.fromkeys(count.key for count in (*left, *right)))
        for side in (left, right):
            parts = [self._variable(count) for count in side]
            self._add_equation("balance", cells, variable, parts)

    def add_difference(self, one: CellCount, other: CellCount) -> None:
        """Add that the reader can subtract two counts: the difference is a number of people too.

        The order of the two does not matter.
        """
        first, second = self._variable(one), self._variable(other)
        if first == second:
            return
        if self.values[first] > self.values[second]:
            first, second = second, first
        rest = self._new_variable(self.values[second] - self.values[first], [])
        self._add_equation("difference", (one.key, other.key), second, [first, rest])

    def add_same(self, one: CellCount, other: CellCount) -> None:
        """Add that two counts are of the same people; if the numbers differ, their difference."""
        kept, gone = self._variable(one), self._variable(other)
        if kept == gone:
            return
        if self.values[kept] != self.values[gone]:
            self.add_difference(one, other)
            return
        self._merge(kept, gone)

    def _new_variable(self, value: int, keys: list[CellKey]) -> int:
        self.values.append(value)
        self.cells_of.append(list(keys))
        self.equations_of.append([])
        return len(self.values) - 1

    def _variable(self, count: CellCount) -> int:
        return self.cells[count.key].variables[count.place]

    def _merge(self, kept: int, gone: int) -> None:
        """Let one variable stand for two."""
        for key in self.cells_of[gone]:
            variables = self.cells[key].variables
            variables[:] = [kept if variable == gone else variable for variable in variables]
        self.cells_of[kept] += self.cells_of[gone]
        self.cells_of[gone] = []
        for number in self.equations_of[gone]:
            equation = self.equations[number]
            equation.terms = tuple((kept if v == gone else v, sign) for v, sign in equation.terms)
            self.equations_of[kept].append(number)
        self.equations_of[gone] = []

    def _add_equation(
        self, kind: EquationKind, cells: tuple[CellKey, ...], total: int, parts: Iterable[int]
    ) -> None:
        terms = ((total, -1), *((part, 1) for part in parts))
        self.equations.append(Equation(kind, cells, terms))
        for variable in dict.fromkeys(variable for variable, _ in terms):
            self.equations_of[variable].append(len(self.equations) - 1)
