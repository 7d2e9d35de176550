"""Which counts of people are withheld, so that none from 1 to 4 is shown or can be worked out.

A :class:`Registry` holds cells, each of one or more counts that are shown or hidden together, and
what a reader knows of them: which add up to which, which lies within which, which are the same.
:meth:`Registry.solve` hides every cell with a count from 1 to 4, and then as many others as it
takes until each such count, and each such difference, could as well be another: by what is shown
it may be 5 or more, and the values it may have lie at least 4 apart.

That is proved for each count, by moves or by a linear programme. A move is another set of numbers
that would have shown the same: some hidden counts more, others less, every sum as it is. Hiding a
cell takes knowledge away, so what is proved once stays so.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

SMALLEST = 5
"""The smallest count of people that is shown, 0 apart."""

_WIDTH = SMALLEST - 1
_NEAR = 200
_TRIES = 12
_FEW = 8
_FREED = 2
_TOLERANCE = 1e-6

Key = Hashable
Bound = tuple[float, float | None]
Choice = tuple[tuple[Key, ...], str]
"""Cells to hide together, and the sum that asks for it."""
Standing = Literal["free", "shown", "hidden"]


def is_small(count: int) -> bool:
    """Whether a count is from 1 to 4."""
    return 0 < count < SMALLEST


@dataclass(frozen=True)
class Count:
    """One of a cell's counts, by its place."""

    key: Key
    place: int = 0


@dataclass(frozen=True)
class Reason:
    """Why a cell is hidden: it holds a small count itself, or another would show one."""

    kind: Literal["primary", "secondary"]
    protects: str | None = None
    """Of a secondary one: the sum in which a small count would have stood alone."""


@dataclass(frozen=True)
class Solution:
    """The hidden cells with their reasons, and what could not be protected."""

    hidden: dict[Key, Reason]
    exposed: tuple[str, ...]
    """Small counts that follow from cells which stand as shown, such as an earlier month's."""


@dataclass
class _Cell:
    counts: tuple[int, ...]
    rank: int
    standing: Standing
    nodes: list[int] = field(default_factory=list)
    hidden: bool = False


@dataclass
class _Sum:
    name: str
    terms: tuple[tuple[int, int], ...]
    """Nodes and their signs: the whole -1, the parts +1."""


class Registry:
    """Cells, and what is known of them."""

    def __init__(self) -> None:
        """Start empty."""
        self._cells: dict[Key, _Cell] = {}
        self._values: list[int] = []
        self._members: list[list[Key]] = []
        self._shown: list[int] = []
        self._sums: list[_Sum] = []
        self._of_node: list[list[int]] = []

    def add(self, key: Key, *counts: int, rank: int = 0, standing: Standing = "free") -> None:
        """Register a cell.

        Args:
            key: its name.
            counts: its counts, of people.
            rank: what is worth more to a reader; of two that would do the lower is hidden.
            standing: ``free`` to be hidden, or what it is already and remains.
        """
        cell = _Cell(counts, rank, standing, hidden=standing == "hidden")
        self._cells[key] = cell
        cell.nodes.extend(self._node(count, [key]) for count in counts)
        if cell.hidden:
            self._let_go(cell)

    def __contains__(self, key: Key) -> bool:
        """Whether a cell is registered."""
        return key in self._cells

    def counts(self, key: Key) -> tuple[int, ...]:
        """A cell's counts."""
        return self._cells[key].counts

    def value(self, count: Count) -> int:
        """A count's number."""
        return self._cells[count.key].counts[count.place]

    def total(self, whole: Count, parts: Sequence[Count]) -> None:
        """Counts add up to another; what is missing is a count that is not shown.

        Counts that come to more than their whole overlap: nothing follows from them.
        """
        rest = self.value(whole) - sum(self.value(part) for part in parts)
        if rest < 0 or not parts:
            return
        nodes = [self._find(part) for part in parts]
        if rest:
            nodes.append(self._node(rest, []))
        self._sum(f"{whole.key} [{whole.place}]", self._find(whole), nodes)

    def balance(self, left: Sequence[Count], right: Sequence[Count]) -> None:
        """Two sets of counts come to the same, though their sum is not shown."""
        whole = sum(self.value(count) for count in left)
        if whole != sum(self.value(count) for count in right):
            return
        node = self._node(whole, [])
        for side in (left, right):
            self._sum("a balance", node, [self._find(count) for count in side])

    def apart(self, one: Count, other: Count) -> None:
        """The difference of two counts is a count, whichever is the larger."""
        first, second = self._find(one), self._find(other)
        if first == second:
            return
        if self._values[first] > self._values[second]:
            first, second = second, first
        rest = self._node(self._values[second] - self._values[first], [])
        self._sum(f"the difference of {one.key} and {other.key}", second, [first, rest])

    def same(self, one: Count, other: Count) -> None:
        """Two counts are the same people; where their numbers differ, they lie apart."""
        kept, gone = self._find(one), self._find(other)
        if kept == gone:
            return
        if self._values[kept] != self._values[gone]:
            self.apart(one, other)
            return
        self._merge(kept, gone)

    def _node(self, value: int, keys: list[Key]) -> int:
        self._values.append(value)
        self._members.append(list(keys))
        self._shown.append(len(keys))
        self._of_node.append([])
        return len(self._values) - 1

    def _find(self, count: Count) -> int:
        return self._cells[count.key].nodes[count.place]

    def _merge(self, kept: int, gone: int) -> None:
        for key in self._members[gone]:
            nodes = self._cells[key].nodes
            nodes[:] = [kept if node == gone else node for node in nodes]
        self._members[kept] += self._members[gone]
        self._shown[kept] += self._shown[gone]
        self._members[gone] = []
        self._shown[gone] = 0
        for number in self._of_node[gone]:
            terms = tuple((kept if n == gone else n, sign) for n, sign in self._sums[number].terms)
            self._sums[number].terms = terms
            self._of_node[kept].append(number)
        self._of_node[gone] = []

    def _sum(self, name: str, whole: int, parts: Iterable[int]) -> None:
        terms = ((whole, -1), *((part, 1) for part in parts))
        self._sums.append(_Sum(name, terms))
        for node in dict.fromkeys(node for node, _ in terms):
            self._of_node[node].append(len(self._sums) - 1)

    def _let_go(self, cell: _Cell) -> None:
        for node in cell.nodes:
            self._shown[node] -= 1

    def _take_back(self, cell: _Cell) -> None:
        for node in cell.nodes:
            self._shown[node] += 1

    def solve(self) -> Solution:
        """Hide what has to be hidden. Ask once, when everything is registered."""
        hidden: dict[Key, Reason] = {}
        for key, cell in self._cells.items():
            if cell.standing == "free" and any(map(is_small, cell.counts)):
                self._hide(key, hidden, Reason("primary"))
        small = [
            node
            for node, value in enumerate(self._values)
            if is_small(value) and not self._shown[node] and self._of_node[node]
        ]
        for node in small:
            self._unbind(node, hidden)
        exposed = [
            self._sums[self._of_node[node][0]].name
            for node in self._doubtful(small)
            if not self._free(node, hidden)
        ]
        return Solution(hidden, tuple(exposed))

    def _hide(self, key: Key, hidden: dict[Key, Reason], reason: Reason) -> None:
        cell = self._cells[key]
        if not cell.hidden:
            cell.hidden = True
            self._let_go(cell)
            hidden[key] = reason

    def _unbind(self, node: int, hidden: dict[Key, Reason]) -> None:
        """Hide more, the least first, until no sum alone keeps a count below 5."""
        while self._is_bound(node) and (choices := self._choices(node)):
            chosen, name = self._best_of(choices, node)
            for key in chosen:
                self._hide(key, hidden, Reason("secondary", name))

    def _best_of(self, choices: Sequence[Choice], node: int) -> Choice:
        """The first that frees a count, else the first that unbinds it, else the first."""
        best, good = choices[0], 0
        for choice in choices:
            if (found := self._good_of(choice[0], node)) > good:
                best, good = choice, found
            if good == _FREED:
                break
        return best

    def _good_of(self, keys: Sequence[Key], node: int) -> int:
        """What hiding cells would do for a count: free it, or no more than unbind it."""
        cells = [self._cells[key] for key in keys]
        for cell in cells:
            self._let_go(cell)
        is_unbound = not self._is_bound(node)
        good = is_unbound + (is_unbound and self._is_moved(node))
        for cell in cells:
            self._take_back(cell)
        return good

    def _choices(self, node: int) -> list[Choice]:
        """What could be hidden: of the count's own sums, else of those that lie next to it."""
        reached, seen = [node], {node}
        for near in reached:
            found = {
                keys: (self._cost(keys, self._values[known]), total.name)
                for total, known in self._known_beside(near)
                if (keys := self._keys_of(known))
            }
            if found:
                ordered = sorted(found, key=lambda keys: (found[keys][0], str(keys)))
                return [(keys, found[keys][1]) for keys in ordered]
            for unknown in self._unknown_beside(near):
                if unknown not in seen:
                    seen.add(unknown)
                    reached.append(unknown)
        return []

    def _known_beside(self, node: int) -> Iterator[tuple[_Sum, int]]:
        for number in self._of_node[node]:
            for other, _ in self._sums[number].terms:
                if other != node and self._shown[other]:
                    yield self._sums[number], other

    def _unknown_beside(self, node: int) -> Iterator[int]:
        for number in self._of_node[node]:
            for other, _ in self._sums[number].terms:
                if other != node and not self._shown[other]:
                    yield other

    def _keys_of(self, node: int) -> tuple[Key, ...]:
        """The cells that have to be hidden to hide a count; none where one stands as shown."""
        keys = tuple(k for k in dict.fromkeys(self._members[node]) if not self._cells[k].hidden)
        return () if any(self._cells[key].standing == "shown" for key in keys) else keys

    def _cost(self, keys: Sequence[Key], value: int) -> tuple[int, bool, int, int]:
        cells = [self._cells[key] for key in keys]
        return (
            max(cell.rank for cell in cells),
            not any(any(cell.counts) for cell in cells),
            value,
            sum(sum(cell.counts) for cell in cells),
        )

    def _is_bound(self, node: int) -> bool:
        """Whether one sum alone keeps a count below 5."""
        for number in self._of_node[node]:
            terms = self._sums[number].terms
            unknown = [(n, sign) for n, sign in terms if not self._shown[n]]
            signs = {sign for _, sign in unknown}
            rest = sum(self._values[n] for n, _ in unknown)
            if len(unknown) == 1 or (len(signs) == 1 and rest < SMALLEST):
                return True
        return False

    def _doubtful(self, small: Sequence[int]) -> list[int]:
        """The counts that are not proved to be free, asked of them twice in another order."""
        left = [node for node in small if not self._is_moved(node)]
        return left if len(left) <= _FEW else self._unproved(self._unproved(left)[::-1])

    def _is_moved(self, node: int) -> bool:
        """Whether a few moves will do, which is soon seen; where not, programmes are asked."""
        value = self._values[node]
        if self._moves(node, _WIDTH):
            return True
        return self._moves(node, SMALLEST - value) and self._moves(node, 1 - value)

    def _moves(self, node: int, step: int) -> bool:
        if not step:
            return True
        self._tries = _TRIES
        return self._settle({node: step}, self._turned({}, node, step))

    def _turned(self, rests: Mapping[int, int], node: int, step: int) -> dict[int, int]:
        """By how much sums are out of balance, once a count has moved too."""
        turned = dict(rests)
        for number in self._of_node[node]:
            signs = sum(sign for n, sign in self._sums[number].terms if n == node)
            if rest := turned.pop(number, 0) + signs * step:
                turned[number] = rest
        return turned

    def _settle(self, moves: Mapping[int, int], rests: Mapping[int, int]) -> bool:
        """Bring the sums into balance, one unmoved hidden count at a time."""
        if not rests:
            return True
        number, rest = next(iter(rests.items()))
        turns = [
            (self._turned(rests, n, -rest * sign), n, -rest * sign)
            for n, sign in self._sums[number].terms
            if not self._shown[n] and n not in moves and self._values[n] - rest * sign >= 0
        ]
        for turned, n, step in sorted(turns, key=lambda turn: len(turn[0])):
            self._tries -= 1
            if self._tries < 0:
                return False
            if self._settle({**moves, n: step}, turned):
                return True
        return False

    def _unproved(self, small: Sequence[int]) -> list[int]:
        """The counts that are not proved to be free: 4 more, or 5 as well as 1 or less."""
        values = self._values
        stuck = self._stuck(dict.fromkeys(small, _WIDTH))
        too_low = self._stuck({node: SMALLEST - values[node] for node in stuck})
        reaching = {node: 1 - values[node] for node in stuck if node not in set(too_low)}
        return [*too_low, *self._stuck({n: step for n, step in reaching.items() if step})]

    def _stuck(self, steps: Mapping[int, int]) -> list[int]:
        """The counts that do not come as far as they should.

        Each programme moves as many as it can at once, of every sum no more than one.
        """
        left, stuck = list(steps), []
        while left:
            chosen = self._apart_from_each_other(left)
            moved = self._most({node: steps[node] for node in chosen})
            done = {n for n in left if moved.get(n, 0) / steps[n] > 1 - _TOLERANCE}
            stuck += [node for node in chosen if node not in done]
            left = [node for node in left if node not in done.union(chosen)]
        return stuck

    def _apart_from_each_other(self, nodes: Iterable[int]) -> list[int]:
        taken: set[int] = set()
        chosen = []
        for node in nodes:
            if taken.isdisjoint(self._of_node[node]):
                taken.update(self._of_node[node])
                chosen.append(node)
        return chosen

    def _most(self, steps: Mapping[int, int]) -> dict[int, float]:
        """How far every hidden count moves when the given ones go as far as they should or can."""
        unknown = [n for n, sums in enumerate(self._of_node) if sums and not self._shown[n]]
        bounds: list[Bound] = []
        for n in unknown:
            step, low = steps.get(n, 0), -self._values[n]
            bounds.append((max(step, low), None) if step < 0 else (low, step or None))
        costs = [0.0 if n not in steps else math.copysign(1.0, -steps[n]) for n in unknown]
        moved = _cheapest(self._matrix(unknown), costs, bounds)
        return {} if moved is None else dict(zip(unknown, moved, strict=True))

    def _matrix(self, nodes: Sequence[int]) -> csr_array:
        """The sums that have some of the nodes in them: a row each, with the nodes' signs."""
        column = {node: place for place, node in enumerate(nodes)}
        sums = {number for node in nodes for number in self._of_node[node]}
        cells = [
            (row, column[n], sign)
            for row, number in enumerate(sorted(sums))
            for n, sign in self._sums[number].terms
            if n in column
        ]
        rows, columns, signs = zip(*cells, strict=True)
        return csr_array((signs, (rows, columns)), shape=(len(sums), len(nodes)), dtype=float)

    def _free(self, node: int, hidden: dict[Key, Reason]) -> bool:
        """Hide what it costs least to hide, so that a count could be another; whether that is."""
        value = self._values[node]
        for steps in ((_WIDTH,), (SMALLEST - value, 1 - value)):
            found = [self._least(node, step) for step in steps]
            if all(nodes is not None for nodes in found):
                name = self._sums[self._of_node[node][0]].name
                for known in {known for nodes in found for known in nodes or ()}:
                    for key in self._keys_of(known):
                        self._hide(key, hidden, Reason("secondary", name))
                return True
        return False

    def _least(self, node: int, step: int) -> set[int] | None:
        """The shown counts to hide so that one may be more or less by a step, at the least cost.

        A shown count that becomes more costs as one that becomes less: it is there twice.
        """
        for reach in (_NEAR, len(self._values)):
            nodes = self._near(node, reach)
            prices = [self._price(n) for n in nodes]
            priced = [place for place, price in enumerate(prices) if price]
            bounds: list[Bound] = [
                (0, None) if price else (-self._values[n], None)
                for n, price in zip(nodes, prices, strict=True)
            ]
            bounds[0] = (step, step)
            matrix = self._matrix(nodes)
            steps = _cheapest(
                hstack([matrix, -matrix[:, priced]], format="csr"),
                prices + [prices[place] for place in priced],
                bounds + [(0, self._values[nodes[place]]) for place in priced],
            )
            if steps is not None:
                doubled = nodes + [nodes[place] for place in priced]
                pairs = zip(doubled, steps, strict=True)
                return {n for n, moved in pairs if abs(moved) > _TOLERANCE and self._shown[n]}
        return None

    def _price(self, node: int) -> float:
        """What it costs to hide a count: nothing where it is hidden already."""
        if not self._shown[node]:
            return 0.0
        rank, is_zero, value, size = self._cost(self._keys_of(node), self._values[node])
        return 4.0**rank * (1 + math.sqrt(value + size) + 8 * is_zero)

    def _near(self, node: int, reach: int) -> list[int]:
        """The counts nearest to one that are hidden or may be, itself first."""
        reached, seen = [node], {node}
        for near in reached:
            if len(reached) >= reach:
                break
            beside = {n for number in self._of_node[near] for n, _ in self._sums[number].terms}
            for other in sorted(beside - seen):
                seen.add(other)
                if not self._shown[other] or self._keys_of(other):
                    reached.append(other)
        return reached


def _cheapest(
    matrix: csr_array, costs: Sequence[float], bounds: Sequence[Bound]
) -> list[float] | None:
    """The cheapest steps that leave every sum as it is; none where none do."""
    even = np.zeros(matrix.shape[0])
    found = linprog(costs, A_eq=matrix, b_eq=even, bounds=bounds, method="highs")
    return list(found.x) if found.success else None
