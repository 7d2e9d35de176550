"""The model of the projection: histories, rates, and the steps from month to month.

Children in care are kept as counts by the months they have left in their age group, in arrays of
``(runs, UASC or not, age group, months left)``. The last place of the months left is for all who
stay in the group to the end of the projection. The same steps make the central projection (every
number is its mean) and each simulated future (every number is drawn by chance).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

AGE_GROUPS = ((0, 10), (10, 16), (16, 18))
LEAVER_GROUPS = ((18, 21), (21, 25))
ADULT = 18
LEAVES_SERVICE = 25
LEAVER_AGES = LEAVES_SERVICE - ADULT
YEAR = 12
ENTRY_MONTHS = 12
EXIT_MONTHS = 24
EVENLY = 12.0
"""Children with birthdays spread evenly over the year, added to each age to steady small groups."""
BORROWED = 120.0
"""Child-months (ten children for a year) added to a group from all children of its age."""
_ALMOST_NONE = 1e-6
_LARGEST_SWING = 1.0


@dataclass(frozen=True)
class History:
    """Children in care by month, UASC (0 no, 1 yes) and age; arrays of ``(months, 2, 18)``.

    ``stock`` is the number at each month's start, ``closing`` the number at its end.
    """

    months: tuple[str, ...]
    stock: Numbers
    entries: Numbers
    exits: Numbers
    closing: Numbers

    def to(self, months: int) -> History:
        """The history up to and including month number ``months``."""
        parts = (self.stock, self.entries, self.exits, self.closing)
        return History(self.months[:months], *(part[:months] for part in parts))

    @property
    def birthdays(self) -> Numbers:
        """How many children reached each age in a month, computed from stock, entries and exits."""
        after = np.concatenate([self.stock[1:], self.closing[-1:]])
        born: Numbers = np.maximum(after - self.stock - self.entries + self.exits, 0.0)
        return born

    @property
    def months_left(self) -> Numbers:
        """The share of each age with 0 to 11 whole months left before the month of the birthday.

        Shape ``(months + 1, 2, 18, 12)``: at the start of each month, and at the end of the last.
        A child whose birthday was 3 months ago has 9 left. A child who entered care since may have
        any number left, and so may every child before there is a year of history. ``EVENLY`` adds
        a few children spread evenly over the months, so that small groups do not look certain.
        """
        shares = np.full((len(self.months) + 1, 2, ADULT, YEAR), 1 / YEAR)
        birthdays, entries = self.birthdays, self.entries
        for at in range(YEAR, len(self.months) + 1):
            since = np.moveaxis(birthdays[at - YEAR : at], 0, -1)
            entered = np.moveaxis(entries[at - YEAR : at], 0, -1)
            known = since + entered[..., ::-1].cumsum(axis=-1)[..., ::-1] / YEAR + EVENLY / YEAR
            shares[at] = known / known.sum(axis=-1, keepdims=True)
        return shares

    @property
    def turned(self) -> Numbers:
        """Estimated numbers who turned 18 in each month: those aged 17 with no whole month left."""
        turned: Numbers = self.stock[:, :, -1] * self.months_left[:-1, :, -1, 0]
        return turned


@dataclass(frozen=True)
class Entries:
    """Children who entered care in the last ``months`` months, by UASC and age.

    ``dispersion`` tells how much the numbers of single months vary: 1 is as much as by chance.
    """

    count: Numbers
    months: int
    dispersion: Numbers


@dataclass(frozen=True)
class Exits:
    """Children who left before 18, by UASC and age group, and their exposure in child-months."""

    count: Numbers
    exposure: Numbers
    months: int
    dispersion: Numbers
    swing: Numbers
    """The relative variance of a month's exits about their mean, in excess of chance."""

    @property
    def borrowed(self) -> tuple[Numbers, Numbers]:
        """Count and exposure, with ``BORROWED`` child-months from all children of the age added."""
        together = _ratio(self.count.sum(axis=0), self.exposure.sum(axis=0), 0.0)
        return self.count + BORROWED * together, self.exposure + BORROWED

    @property
    def probability(self) -> Numbers:
        """The probability of leaving within a month."""
        count, exposure = self.borrowed
        return np.minimum(count / exposure, 1.0)


@dataclass(frozen=True)
class Leavers:
    """The service's cases by UASC and age 18 to 24, and how many stay at each birthday.

    ``kept`` of ``of`` cases stay at the birthdays 18 to 24. ``once_uasc`` is the share of children
    who turn 18 without being UASC, but who were UASC before.
    """

    stock: Numbers
    kept: Numbers
    of: Numbers
    once_uasc: float = 0.0

    @property
    def share(self) -> Numbers:
        """The share of cases that stay at the birthdays 18 to 24."""
        return _ratio(self.kept, self.of, 1.0)


@dataclass(frozen=True)
class Rates:
    """Everything that a projection takes from the history."""

    entries: Entries
    exits: Exits
    leavers: Leavers | None


@dataclass(frozen=True)
class ProjectedStocks:
    """Stocks at the ends of the projected months, in arrays of ``(months, runs, 2, age groups)``.

    ``turned`` counts those who turned 18 since the start, with one age group.
    """

    children: Numbers
    leavers: Numbers | None
    turned: Numbers


def rates_of(history: History, leavers: Leavers | None) -> Rates:
    """The observed rates at the end of a history."""
    return Rates(_entries(history), _exits(history), leavers)


def _entries(history: History) -> Entries:
    recent = history.entries[-ENTRY_MONTHS:]
    monthly = history.entries[-EXIT_MONTHS:].sum(axis=2)
    expected = np.broadcast_to(monthly.mean(axis=0), monthly.shape)
    return Entries(recent.sum(axis=0), len(recent), _dispersion(monthly, expected))


def _exits(history: History) -> Exits:
    turned = history.turned[-EXIT_MONTHS:]
    left = by_age_group(history.exits[-EXIT_MONTHS:])
    at_risk = by_age_group((history.stock + history.entries)[-EXIT_MONTHS:])
    at_risk[:, :, -1] -= turned
    left_young = left.sum(axis=0)
    left_young[:, -1] -= turned.sum(axis=0)
    count, exposure = np.maximum(left_young, 0.0), at_risk.sum(axis=0)
    young = (at_risk * _ratio(count, exposure, 0.0)).sum(axis=2)
    dispersion = _dispersion(left.sum(axis=2), young + turned)
    beyond = (dispersion - 1) * (young + turned).mean(axis=0)
    swing = np.minimum(_ratio(beyond, young.mean(axis=0) ** 2, 0.0), _LARGEST_SWING)
    return Exits(count, exposure, len(left), dispersion, swing)


def by_age_group(counts: Numbers) -> Numbers:
    """Sum counts of children by single age (the last dimension) to age groups."""
    sums: Numbers = np.stack([counts[..., a:b].sum(axis=-1) for a, b in AGE_GROUPS], axis=-1)
    return sums


def _dispersion(observed: Numbers, expected: Numbers) -> Numbers:
    """Pearson's dispersion of monthly counts: variance by mean, and at least 1 (chance alone)."""
    squares = _ratio((observed - expected) ** 2, expected, 0.0).sum(axis=0)
    dispersion: Numbers = np.maximum(squares / max(len(observed) - 1, 1), 1.0)
    return dispersion


def _ratio(numerator: Numbers, denominator: Numbers, otherwise: float) -> Numbers:
    safe = np.where(denominator > 0, denominator, 1.0)
    return np.where(denominator > 0, numerator / safe, otherwise)


def leavers_of(stock: Numbers, turned: Numbers, new_cases: Numbers | None = None) -> Leavers:
    """Estimate how many cases stay at each birthday from the stock by age.

    The cases aged 18 come from those who turned 18 in the last twelve months, the cases aged 19
    from those of the twelve months before, and so on. Each age has a share of its year's number
    left. That share divided by the share of the age below is the share that stays at the birthday
    between the two.
    Years before the history begins are assumed to have been like the others.

    Args:
        stock: open cases by UASC and age 18 to 24.
        turned: how many turned 18 by month and UASC, the latest month last.
        new_cases: the same from the records of care leavers, where UASC means ever UASC; None
            where the records do not show it.
    """
    counted = turned if new_cases is None else new_cases
    years = _years(counted)
    by_age = stock.sum(axis=0)
    kept, of = [], []
    for n in range(LEAVER_AGES):
        below = years[0] if n == 0 else by_age[n - 1]
        if 0 < n < len(years) and years[n - 1] > 0:
            below *= years[n] / years[n - 1]
        kept.append(min(by_age[n], below))
        of.append(below)
    return Leavers(stock, np.array(kept), np.array(of), _once_uasc(turned, counted))


def _years(turned: Numbers) -> list[float]:
    """The sum of the last twelve months, of the twelve before, and so on."""
    whole = len(turned) // YEAR
    latest_first = turned.sum(axis=1)[::-1][: whole * YEAR]
    return [float(year) for year in latest_first.reshape(whole, YEAR).sum(axis=1)]


def _once_uasc(turned: Numbers, counted: Numbers) -> float:
    """The share of children turning 18 as not UASC who have to be counted as former UASC.

    With that share, the number of former UASC among last year's new cases comes out as recorded.
    """
    was, counts = turned[-YEAR:].sum(axis=0), counted[-YEAR:].sum(axis=0)
    share, wanted = _ratio(np.array([was[1], counts[1]]), np.array([was.sum(), counts.sum()]), 0.0)
    return float((wanted - share) / (1 - share)) if wanted > share else 0.0


class Chance(Protocol):
    """How each number of a projection is made: as its mean, or drawn by chance."""

    def spread(self, counts: Numbers, shares: Numbers) -> Numbers:
        """Spread counts by UASC and age over places.

        ``shares`` has two more dimensions, of places. The result has the runs first, then UASC,
        then the places; it is summed over ages.
        """

    def stay(self, numbers: Numbers, probability: Numbers) -> Numbers:
        """How many of the numbers stay, given the probability of staying."""

    def arrive(self, rate: Numbers) -> Numbers:
        """How many arrive in a month, given the monthly rate."""

    def rate(self, count: Numbers, exposure: Numbers | float, dispersion: Numbers) -> Numbers:
        """The rate, given a count in an exposure."""

    def share(self, kept: Numbers, of: Numbers) -> Numbers:
        """The share that stays, given how many of a number stayed."""

    def swing(self, variance: Numbers) -> Numbers:
        """The factor by which a month's numbers differ from their mean."""


class OnAverage:
    """The central projection: every number is its mean."""

    def spread(self, counts: Numbers, shares: Numbers) -> Numbers:
        """Each place has its share."""
        spread: Numbers = (counts[..., None, None] * shares).sum(axis=1)
        return spread[None]

    def stay(self, numbers: Numbers, probability: Numbers) -> Numbers:
        """The numbers times the probability."""
        return numbers * probability

    def arrive(self, rate: Numbers) -> Numbers:
        """The rate itself."""
        return rate

    def rate(self, count: Numbers, exposure: Numbers | float, dispersion: Numbers) -> Numbers:  # noqa: ARG002
        """The count divided by the exposure."""
        return (count / exposure)[None]

    def share(self, kept: Numbers, of: Numbers) -> Numbers:
        """The share itself."""
        return _ratio(kept, of, 1.0)[None]

    def swing(self, variance: Numbers) -> Numbers:
        """Always 1: the months are alike."""
        return np.ones((1, *variance.shape))


class ByChance:
    """Simulated futures: rates are drawn once for each run, events in each month."""

    def __init__(self, runs: int, seed: int) -> None:
        """Make so many runs; the same seed gives the same futures."""
        self._runs = runs
        self._rng = np.random.default_rng(seed)

    def spread(self, counts: Numbers, shares: Numbers) -> Numbers:
        """From a multinomial distribution, as the birthdays are not known."""
        whole = np.rint(counts).astype(np.int64)
        places = np.zeros((self._runs, len(counts), *shares.shape[-2:]))
        of_each = np.broadcast_to(shares, (*counts.shape, *shares.shape[-2:]))
        for group, age in np.argwhere(whole > 0):
            share = of_each[group, age].ravel()
            drawn = self._rng.multinomial(whole[group, age], share / share.sum(), self._runs)
            places[:, group] += drawn.reshape(places[:, group].shape)
        return places

    def stay(self, numbers: Numbers, probability: Numbers) -> Numbers:
        """From a binomial distribution."""
        drawn = self._rng.binomial(numbers.astype(np.int64), probability)
        return drawn.astype(np.float64)

    def arrive(self, rate: Numbers) -> Numbers:
        """From a Poisson distribution; together with :meth:`swing` it is negative binomial."""
        return self._rng.poisson(rate).astype(np.float64)

    def rate(self, count: Numbers, exposure: Numbers | float, dispersion: Numbers) -> Numbers:
        """From a gamma posterior, which is wider the greater the dispersion."""
        shape = np.broadcast_to(count / dispersion, (self._runs, *count.shape))
        return self._rng.gamma(shape, 1.0) * (dispersion / exposure)

    def share(self, kept: Numbers, of: Numbers) -> Numbers:
        """From a beta posterior; the share is 1 where there is nobody."""
        lost = np.maximum(of - kept, 0.0) + _ALMOST_NONE
        found = np.where(of > 0, kept + _ALMOST_NONE, 1.0)
        return self._rng.beta(found, lost, (self._runs, len(kept)))

    def swing(self, variance: Numbers) -> Numbers:
        """From a gamma distribution of mean 1."""
        size = (self._runs, *variance.shape)
        known = np.where(variance > 0, variance, 1.0)
        return np.where(variance > 0, self._rng.gamma(1 / known, known, size), 1.0)


def carry_forward(history: History, rates: Rates, months: int, chance: Chance) -> ProjectedStocks:
    """Carry the stocks at the end of a history ``months`` months forward; point 0 is the start.

    At most 24 months: over more, a child could pass through a whole age group.
    """
    children = chance.spread(history.closing[-1], _places(history.months_left[-1], months))
    arrivals, arrivals_swing = _arrivals(rates.entries, months, chance)
    exits = rates.exits
    leaving = chance.rate(*exits.borrowed, exits.dispersion[:, None])
    cases, keep = None, np.ones(0)
    if rates.leavers:
        cases = chance.spread(rates.leavers.stock, _birthdays())
        keep = chance.share(rates.leavers.kept, rates.leavers.of)[:, None, :]
    stocks, open_cases, turning = [children], [cases], [np.zeros_like(children[:, :, 0, :1])]
    for _ in range(months):
        children, turned = _age(children)
        turning.append(turned[:, :, None])
        come = chance.swing(arrivals_swing)[:, :, None, None]
        children = children + chance.arrive(arrivals * come)
        gone = np.minimum(leaving * chance.swing(exits.swing)[:, :, None], 1.0)
        children = chance.stay(children, (1.0 - gone)[..., None])
        stocks.append(children)
        if cases is not None and rates.leavers:
            turned = _rename(turned, rates.leavers.once_uasc, chance)
            cases = _next_birthdays(cases, turned, keep, chance)
        open_cases.append(cases)
    by_age = [c.sum(axis=-1) for c in open_cases if c is not None]
    leavers = by_leaver_group(np.stack(by_age)) if by_age else None
    return ProjectedStocks(np.stack(stocks).sum(axis=-1), leavers, np.stack(turning).cumsum(axis=0))


def _arrivals(entries: Entries, months: int, chance: Chance) -> tuple[Numbers, Numbers]:
    """Monthly rates of entry by place, and the variance of a month's entries about them."""
    places = _places(np.full((ADULT, YEAR), 1 / YEAR), months)
    by_age = chance.rate(entries.count, float(entries.months), entries.dispersion[:, None])
    monthly = entries.count.sum(axis=1) / entries.months
    return np.tensordot(by_age, places, 1), _ratio(entries.dispersion - 1, monthly, 0.0)


def _places(months_left: Numbers, months: int) -> Numbers:
    """The places of each single age: its age group, and the months left in the group.

    ``months_left`` has shares by months to the next birthday. The last place is for all who stay in
    the group longer than the projection.
    """
    places = np.zeros((*months_left.shape[:-1], len(AGE_GROUPS), months + 1))
    for group, (first, end) in enumerate(AGE_GROUPS):
        for age in range(first, end):
            for left in range(YEAR):
                place = min(YEAR * (end - 1 - age) + left, months)
                places[..., age, group, place] += months_left[..., age, left]
    return places


def _birthdays() -> Numbers:
    """The places of each single age of care leavers: the age, and months since the birthday."""
    places: Numbers = np.eye(LEAVER_AGES)[:, :, None] * np.full(YEAR, 1 / YEAR)
    return places


def _age(children: Numbers) -> tuple[Numbers, Numbers]:
    """One month later: children who turn 10 or 16 move to the next group; at 18 they leave."""
    crossing = children[..., 0]
    older = np.zeros_like(children)
    older[..., :-2] = children[..., 1:-1]
    older[..., -1] = children[..., -1]
    older[:, :, 1:, -1] += crossing[:, :, :-1]
    return older, crossing[:, :, -1]


def _rename(turned: Numbers, once_uasc: float, chance: Chance) -> Numbers:
    """Those who turned 18, by whether they were ever UASC."""
    others = chance.stay(turned[:, 0], np.array(1 - once_uasc))
    return np.stack([others, turned[:, 1] + turned[:, 0] - others], axis=1)


def _next_birthdays(cases: Numbers, turned: Numbers, keep: Numbers, chance: Chance) -> Numbers:
    """One month later: at a birthday a case stays open or is closed; at 25 all are closed."""
    later = np.empty_like(cases)
    later[..., 1:] = cases[..., :-1]
    birthdays = np.concatenate([turned[:, :, None], cases[:, :, :-1, -1]], axis=2)
    later[..., 0] = chance.stay(birthdays, keep)
    return later


def by_leaver_group(counts: Numbers) -> Numbers:
    """Sum counts of care leavers by single age (the last dimension) to age groups."""
    groups = [counts[..., a - ADULT : b - ADULT].sum(axis=-1) for a, b in LEAVER_GROUPS]
    sums: Numbers = np.stack(groups, axis=-1)
    return sums
