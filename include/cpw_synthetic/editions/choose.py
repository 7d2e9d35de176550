"""Choose lives and events so that their totals are the printed ones, by an integer programme.

Each subject takes one of its options, and each option adds amounts to totals. A total is fixed, or
bounded, or its ratio to another total is a printed percentage. Subjects with the same options are
one group in the programme. HiGHS solves it, through SciPy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Generic, TypeVar

import numpy as np
from scipy.sparse import coo_array

from cpw.core.errors import WarehouseError
from cpw_synthetic.editions.solutions import Programme
from cpw_synthetic.editions.targets import PrintedEdition, Target

_TINY = 1e-4
_MISSED = 1e4
# Any choice that meets the totals is good enough; the costs only avoid unusual ones.
_GAP = 0.25
# The limit of one attempt, where there are several.
_NODES = 400

Subject = TypeVar("Subject", bound=Hashable)
Payload = TypeVar("Payload")


class CalibrationError(WarehouseError):
    """The printed figures cannot all be met. The message names those that cannot (exit code 2)."""


@dataclass
class Option(Generic[Payload]):
    """One possibility for a subject.

    Attributes:
        payload: what the subject is or does.
        effects: the amounts it adds, by the name of the total.
        cost: how unusual it is.
    """

    payload: Payload
    effects: Mapping[str, float]
    cost: float = 0.0


class Effects(dict[str, float]):
    """The amounts that an option adds, by the name of the total."""

    def count(self, name: str, amount: float = 1) -> None:
        """Add an amount to a total."""
        self[name] = self.get(name, 0) + amount

    def kpi(self, kpi_id: str, month: int, uasc: bool, numerator: float | bool) -> None:
        """Add a subject to a KPI's totals in a month, in the cohorts it belongs to."""
        amount = float(numerator)
        for own, over in _totals(kpi_id, month, uasc):
            self[own] = self.get(own, 0) + amount
            self[over] = self.get(over, 0) + 1


@cache
def _totals(kpi_id: str, month: int, uasc: bool) -> tuple[tuple[str, str], ...]:
    """The names of numerator and denominator in each cohort that a subject belongs to."""
    return tuple(
        (total(kpi_id, month, cohort, "numerator"), total(kpi_id, month, cohort, "denominator"))
        for cohort in (("all",) if uasc else ("all", "exc_uasc"))
    )


@cache
def total(kpi_id: str, month: int, cohort: str, part: str) -> str:
    """The name of a KPI's total."""
    return f"{kpi_id} {part}, month {month}, {cohort}"


@dataclass
class Choice(Generic[Subject, Payload]):
    """A choice for many subjects at once.

    Attributes:
        name: what is chosen, for the message of an error.
    """

    name: str
    _groups: dict[Hashable, tuple[list[Subject], list[Option[Payload]], bool]] = field(
        default_factory=dict
    )
    _rows: list[tuple[str, dict[str, float], float, float]] = field(default_factory=list)
    _free: set[str] = field(default_factory=set)
    _near: list[tuple[str, float, float]] = field(default_factory=list)

    def add(
        self,
        subject: Subject,
        options: list[Option[Payload]],
        *,
        may_drop: bool = False,
        alike: Hashable = None,
    ) -> None:
        """Add a subject and its options.

        Args:
            subject: the subject.
            options: its options.
            may_drop: whether the subject may take no option.
            alike: a key that is the same for subjects with the same options. Without it, subjects
                are grouped by the effects and costs of their options, which is slower.
        """
        key = (
            (may_drop, alike)
            if alike is not None
            else (
                may_drop,
                tuple((tuple(sorted(option.effects.items())), option.cost) for option in options),
            )
        )
        found = self._groups.get(key)
        if found is None:
            self._groups[key] = ([subject], options, may_drop)
        else:
            found[0].append(subject)

    def between(self, name: str, low: float, high: float) -> None:
        """Keep a total between two bounds."""
        self._rows.append((name, {name: 1.0}, low, high))

    def balance(self, parts: Mapping[str, float], value: float) -> None:
        """Fix the sum of some totals, each times its factor."""
        self._rows.append((next(iter(parts)), dict(parts), value, value))

    def exactly(self, name: str, value: float) -> None:
        """Fix a total."""
        self.between(name, value, value)

    def near(self, name: str, value: float, weight: float = 1.0) -> None:
        """Keep a total near a value; a greater weight keeps it nearer."""
        self._near.append((name, value, weight))

    def shows(self, numerator: str, denominator: str, target: Target) -> None:
        """Make a percentage show as printed."""
        self.range(numerator, denominator, *target.bounds(1.0, 100))

    def range(self, numerator: str, denominator: str, low: float, high: float) -> None:
        """Keep a ratio at or above one bound and below another."""
        self._rows.append((numerator, {numerator: 1.0, denominator: -low}, 0.0, np.inf))
        self._rows.append((numerator, {numerator: 1.0, denominator: -high}, -np.inf, -_TINY))

    def free(self, name: str) -> None:
        """Add a whole number of free choice to a total; a later choice will make it up."""
        self._free.add(name)

    def kpi(
        self, edition: PrintedEdition, kpi_id: str, *, as_kpi: str = "", free: bool = False
    ) -> None:
        """Meet every printed figure of a KPI.

        Args:
            edition: the edition with the figures.
            kpi_id: the KPI.
            as_kpi: the id under which effects were added, if it is another one.
            free: whether a later choice will meet the numerator.
        """
        for month, cohort, target in edition.targets(kpi_id):
            own = as_kpi or kpi_id
            in_cohort = "exc_uasc" if as_kpi and kpi_id.endswith("_exc_uasc") else cohort
            numerator = total(own, month, in_cohort, "numerator")
            denominator = total(own, month, in_cohort, "denominator")
            if free:
                numerator = f"{numerator}, later"
                self.free(numerator)
            if target.denominator is not None and target.numerator is not None:
                self.exactly(denominator, target.denominator)
                if not free:
                    self.exactly(numerator, target.numerator)
            else:
                self.shows(numerator, denominator, target)

    def count(self, edition: PrintedEdition, kpi_id: str) -> None:
        """Meet every printed figure of a count."""
        for month, cohort, target in edition.targets(kpi_id):
            self.exactly(total(kpi_id, month, cohort, "numerator"), target.shown)

    def totals(self) -> dict[str, float]:
        """The best values of the free totals, if the choice has no subjects."""
        problem = _Problem(self)
        problem.solve()
        return problem.free_totals

    def solve(
        self, rng: Random, *, explain: bool = True
    ) -> Iterable[tuple[Subject, Option[Payload]]]:
        """Choose an option for each subject; within a group, chance decides who takes which.

        Args:
            rng: the random generator.
            explain: whether an error names the totals that are missed, which takes a minute.

        Raises:
            CalibrationError: the totals cannot all be met.
        """
        problem = _Problem(self)
        counts = problem.solve(explain=explain)
        taken: list[tuple[Subject, Option[Payload]]] = []
        position = 0
        for subjects, options, _ in self._groups.values():
            dealt = list(subjects)
            rng.shuffle(dealt)
            start = 0
            for option in options:
                number = counts[position]
                taken.extend((subject, option) for subject in dealt[start : start + number])
                start += number
                position += 1
        return taken


class _Problem:
    """The programme's matrix."""

    def __init__(self, choice: Choice[Subject, Payload]) -> None:
        self._choice = choice
        self._cost: list[float] = []
        self._upper: list[float] = []
        self._integral: list[int] = []
        self._entries: tuple[list[int], list[int], list[float]] = ([], [], [])
        self._low: list[float] = []
        self._high: list[float] = []
        self._slacks: list[tuple[int, str]] = []
        self._columns: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._free: dict[str, int] = {}
        self.free_totals: dict[str, float] = {}

    def _variable(self, cost: float, upper: float, integral: bool) -> int:
        self._cost.append(cost)
        self._upper.append(upper)
        self._integral.append(int(integral))
        return len(self._cost) - 1

    def _row(self, entries: Iterable[tuple[int, float]], low: float, high: float) -> int:
        row = len(self._low)
        for column, value in entries:
            self._entries[0].append(row)
            self._entries[1].append(column)
            self._entries[2].append(value)
        self._low.append(low)
        self._high.append(high)
        return row

    def _options(self) -> int:
        number = 0
        for subjects, options, may_drop in self._choice._groups.values():
            own = []
            for option in options:
                column = self._variable(option.cost, len(subjects), True)
                own.append((column, 1.0))
                for name, amount in option.effects.items():
                    if amount:
                        self._columns[name].append((column, float(amount)))
            number += len(options)
            if not may_drop or len(options) > 1:
                self._row(own, 0 if may_drop else len(subjects), len(subjects))
        for name in sorted(self._choice._free):
            self._free[name] = self._variable(0, 1e6, True)
            self._columns[name].append((self._free[name], 1.0))
        return number

    def _constraints(self, elastic: bool) -> None:
        for label, parts, low, high in self._choice._rows:
            entries: dict[int, float] = defaultdict(float)
            for name, factor in parts.items():
                for column, amount in self._columns.get(name, ()):
                    entries[column] += factor * amount
            if elastic:
                for sign in (1.0, -1.0):
                    slack = self._variable(_MISSED, np.inf, False)
                    entries[slack] = sign
                    self._slacks.append((slack, label))
            self._row(entries.items(), low, high)
        for name, value, weight in self._choice._near:
            over = self._variable(weight, np.inf, False)
            under = self._variable(weight, np.inf, False)
            self._row([*self._columns.get(name, ()), (over, -1.0), (under, 1.0)], value, value)

    def solve(self, *, explain: bool = True) -> list[int]:
        number = self._options()
        self._constraints(elastic=False)
        limit = {} if explain else {"node_limit": _NODES}
        found = self._milp({"mip_rel_gap": _GAP, **limit})
        if found is None and not explain:
            raise CalibrationError(f"{self._choice.name}: nothing found")
        if found is None:
            again = _Problem(self._choice)
            again._options()
            again._constraints(elastic=True)
            raise CalibrationError(f"{self._choice.name}: {again._missed()}")
        self.free_totals = {name: float(round(found[at])) for name, at in self._free.items()}
        return [round(value) for value in found[:number]]

    def _milp(self, options: Mapping[str, float]) -> np.ndarray | None:
        rows, columns, values = self._entries
        matrix = coo_array(
            (values, (rows, columns)), shape=(len(self._low), len(self._cost))
        ).tocsc()
        programme = Programme(
            np.array(self._cost),
            np.array(self._upper, dtype=float),
            np.array(self._integral),
            matrix,
            np.array(self._low, dtype=float),
            np.array(self._high, dtype=float),
        )
        return programme.solve(options)

    def _missed(self) -> str:
        found = self._milp({"mip_rel_gap": 0.1, "time_limit": 60})
        if found is None:
            return "cannot be met at all"
        missed = [(name, found[slack]) for slack, name in self._slacks if found[slack] > 1e-3]
        return "; ".join(f"{name} misses by {amount:.3f}" for name, amount in missed)
