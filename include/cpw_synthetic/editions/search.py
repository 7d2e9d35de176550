"""Search for a choice step by step, where there are too many possibilities to list them.

Things are changed one at a time, at first even for the worse, until every total is as printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, exp
from random import Random
from typing import TypeVar

from cpw_synthetic.editions.choose import Choice, Option, total
from cpw_synthetic.editions.targets import PrintedEdition, Target

Subject = TypeVar("Subject", bound=Hashable)
Thing = TypeVar("Thing")
_STEPS = 60_000
_TINY = 1e-6


@dataclass(frozen=True)
class Wanted:
    """What one total, or a pair of them, should be."""

    numerator: str
    denominator: str = ""
    exactly: float | None = None
    low: float = 0.0
    high: float = 0.0
    free: bool = False
    weight: float = 1.0

    def missed(self, values: Mapping[str, float]) -> float:
        """By how much the totals miss."""
        if self.exactly is not None:
            return self.weight * abs(values[self.numerator] - self.exactly)
        over = values[self.denominator]
        low, high = self.low * over, self.high * over
        if self.free:
            return 0.0 if ceil(low - _TINY) < high else self.weight * (ceil(low) - high + _TINY)
        value = values[self.numerator]
        if value < low - _TINY:
            return self.weight * (low - value)
        return self.weight * (value - high + _TINY) if value >= high else 0.0


@dataclass
class Search:
    """What a search is for."""

    name: str
    wanted: list[Wanted] = field(default_factory=list)

    def kpi(self, edition: PrintedEdition, kpi_id: str, *, free: bool = False) -> None:
        """Every printed figure of a KPI; with ``free``, a later choice makes the numerator."""
        for month, cohort, target in edition.targets(kpi_id):
            numerator = total(kpi_id, month, cohort, "numerator")
            denominator = total(kpi_id, month, cohort, "denominator")
            if target.denominator is None or target.numerator is None:
                low, high = target.bounds(1.0, 100)
                self.wanted.append(Wanted(numerator, denominator, low=low, high=high, free=free))
                continue
            self.wanted.append(Wanted(denominator, exactly=target.denominator))
            if not free:
                self.wanted.append(Wanted(numerator, exactly=target.numerator))

    def mean(self, kpi_id: str, month: int, cohort: str, target: Target, near: float) -> None:
        """A mean: the denominator as printed, the sum of days near, for days are moved later."""
        numerator = total(kpi_id, month, cohort, "numerator")
        denominator = total(kpi_id, month, cohort, "denominator")
        if target.denominator is not None:
            self.wanted.append(Wanted(denominator, exactly=target.denominator))
        low, high = target.shown * (1 - near), target.shown * (1 + near)
        self.wanted.append(Wanted(numerator, denominator, low=low, high=high, weight=0.01))

    def settle(
        self,
        values: Mapping[str, float],
        fixed: Callable[[str], bool],
        balances: list[dict[str, float]],
    ) -> Search:
        """The same search for whole numbers: of all that show as printed, those nearest.

        Args:
            values: the totals as they are now.
            fixed: which totals cannot be other than they are.
            balances: sums of totals, each times a factor, that are nought.
        """
        settled = Search(f"{self.name}, settled")
        settled.wanted += [w for w in self.wanted if w.exactly is not None or w.weight != 1]
        found = self._whole_totals(values, fixed, balances)
        for wanted in self.wanted:
            if wanted.exactly is None and wanted.weight == 1:
                settled.wanted.append(Wanted(wanted.denominator, exactly=found[wanted.denominator]))
                if not wanted.free:
                    number = found[wanted.numerator]
                    settled.wanted.append(Wanted(wanted.numerator, exactly=number))
        return settled

    def _whole_totals(
        self,
        values: Mapping[str, float],
        fixed: Callable[[str], bool],
        balances: list[dict[str, float]],
    ) -> dict[str, float]:
        """Whole numbers for all totals, near the values, that show as printed."""
        choice: Choice[int, None] = Choice(self.name)
        names = {name for balance in balances for name in balance}
        for wanted in self.wanted:
            if wanted.weight != 1:
                continue
            names.add(wanted.numerator)
            if wanted.exactly is not None:
                choice.exactly(wanted.numerator, wanted.exactly)
            else:
                names.add(wanted.denominator)
                choice.range(wanted.numerator, wanted.denominator, wanted.low, wanted.high)
        for name in sorted(names):
            choice.free(name)
            if fixed(name):
                choice.exactly(name, values[name])
            else:
                choice.near(name, values[name])
        for balance in balances:
            choice.balance(balance, 0)
        return choice.totals()

    def choose(
        self,
        near_by: Iterable[tuple[Subject, list[Option[Thing]]]],
        constant: Mapping[str, float],
        rng: Random,
        *,
        explain: bool,
    ) -> dict[Subject, Thing]:
        """Choose among things listed, so that every total is met.

        Raises:
            CalibrationError: they cannot be met.
        """
        choice: Choice[Subject, Thing] = Choice(self.name)
        for subject, options in near_by:
            choice.add(subject, options)
        for wanted in self.wanted:
            if wanted.numerator in constant:
                continue
            if wanted.exactly is not None:
                choice.exactly(wanted.numerator, wanted.exactly)
            else:
                choice.range(wanted.numerator, wanted.denominator, wanted.low, wanted.high)
        return {subject: option.payload for subject, option in choice.solve(rng, explain=explain)}

    def run(
        self,
        things: Mapping[Subject, Thing],
        effects: Callable[[Subject, Thing], Mapping[str, float]],
        propose: Callable[[Subject, Thing, Random], Thing],
        rng: Random,
        constant: Mapping[str, float],
        *,
        hot: float = 0.6,
    ) -> tuple[dict[Subject, Thing], dict[str, float]]:
        """Search; return what was found, the nearest where nothing fits, and the totals.

        Args:
            things: what to begin with.
            effects: what a subject adds to the totals by its thing.
            propose: another thing for a subject.
            rng: chance.
            constant: what the totals hold beside.
            hot: how readily steps for the worse are taken at first.
        """
        now = dict(things)
        values: dict[str, float] = defaultdict(float, constant)
        parts = {subject: effects(subject, thing) for subject, thing in now.items()}
        for part in parts.values():
            for name, amount in part.items():
                values[name] += amount
        by_name: dict[str, list[int]] = defaultdict(list)
        for index, wanted in enumerate(self.wanted):
            for name in {wanted.numerator, wanted.denominator}:
                by_name[name].append(index)
        missed = [wanted.missed(values) for wanted in self.wanted]
        subjects = list(now)
        for step in range(_STEPS):
            if not any(missed):
                break
            heat = hot * (1 - step / _STEPS) ** 2 + 0.02
            subject = rng.choice(subjects)
            thing = propose(subject, now[subject], rng)
            old, new = parts[subject], effects(subject, thing)
            touched = {n for n in old.keys() | new.keys() if old.get(n, 0) != new.get(n, 0)}
            for name in touched:
                values[name] += new.get(name, 0) - old.get(name, 0)
            indexes = {index for name in touched for index in by_name.get(name, ())}
            after = {index: self.wanted[index].missed(values) for index in indexes}
            worse = sum(after.values()) - sum(missed[index] for index in indexes)
            if worse <= 0 or rng.random() < exp(-worse / heat):
                now[subject], parts[subject] = thing, new
                for index, value in after.items():
                    missed[index] = value
            else:
                for name in touched:
                    values[name] -= new.get(name, 0) - old.get(name, 0)
        return now, values
