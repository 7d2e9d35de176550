"""Missing episodes: as many episodes, people and long episodes in each month as printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months
from cpw_synthetic.editions.choose import CalibrationError
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.plan import Plan
from cpw_synthetic.editions.targets import COHORTS

_MINUTES = 24 * 60
_EPISODES, _PEOPLE = "return_interviews_completed", "cic_missing_in_month"
_LONG, _LONG_IN_YEAR = "missing_over_48h_in_month", "missing_over_48h_ytd"
_GOES_MISSING_FROM = 11
_LONG_SHARE = 0.25
# Missing episodes for each person who goes missing in a month.
_EACH = 1.06
# So many days of care in a month are enough for two absences, even long ones.
_ROOM = 12


@dataclass(eq=False)
class Absence:
    """A missing episode, or an absence without authorisation; times in minutes."""

    life: Life
    kind: str
    start: int
    end: int
    interview: int | None = None

    @property
    def back(self) -> int:
        """The day on which the child returned."""
        return self.end // _MINUTES


@dataclass(eq=False)
class _Wanted:
    """A missing episode that is wanted in the calendar month with the first day ``first``."""

    first: int
    uasc: bool = False
    long: bool = False


def draw_absences(plan: Plan) -> list[Absence]:
    """Draw the absences of an edition's lives, each within a calendar month; in order of time."""
    rng = plan.rng("missing")
    months = _Months(plan)
    wanted = months.wanted(rng)
    often = {life: profile().happens(rng, "runs_away") for life in plan.lives}
    found: list[Absence] = []
    for first in months.first_days:
        own = [one for one in wanted if one.first == first]
        found.extend(_in_month(plan, own, first, months.people(first), often, rng))
    return sorted(found, key=lambda absence: (absence.start, absence.life.number))


class _Months:
    """How many missing episodes each calendar month should have, and of which kinds."""

    def __init__(self, plan: Plan) -> None:
        """List the months of the windows, and the month in which the last extract is made."""
        self._plan, self._last = plan, plan.edition.last
        self.first_days = []
        first = plan.edition.begin + 1
        while first <= self._last.as_at + 1:
            self.first_days.append(first)
            first = add_months(first, 1)
        targets = [plan.edition.target(plan.months[-1], _EPISODES, cohort) for cohort in COHORTS]
        self._whole, self._others = (
            int(target.denominator) if target and target.denominator is not None else None
            for target in targets
        )

    def _printed(self, kpi_id: str, first: int) -> int | None:
        """The count printed for a calendar month."""
        for number, _, target in self._plan.edition.targets(kpi_id):
            if self._plan.edition.months[number].first == first:
                return round(target.shown)
        return None

    def people(self, first: int) -> int | None:
        """How many people should go missing in a month; None if that is not printed."""
        return self._printed(_PEOPLE, first)

    def wanted(self, rng: Random) -> list[_Wanted]:
        """The missing episodes that are wanted."""
        if self._whole is None:
            raise AssertionError("every edition prints its return interviews")
        people = {first: self.people(first) for first in self.first_days}
        numbers = {first: round(n * _EACH) for first, n in people.items() if n is not None}
        window = [first for first in self.first_days if self._last.in_window(first)]
        rest = [first for first in window if first not in numbers]
        left = self._whole - sum(numbers.get(first, 0) for first in window)
        if left < 0 or not rest:
            raise CalibrationError(f"{_PEOPLE}: more than {_EPISODES} has episodes")
        for index, first in enumerate(rng.sample(rest, len(rest))):
            numbers[first] = left // len(rest) + (index < left % len(rest))
        for first in self.first_days:
            numbers.setdefault(first, round(left / len(rest) * rng.uniform(0.85, 1.1)))
        inside = [_Wanted(first) for first in window for _ in range(numbers[first])]
        outside = [
            _Wanted(first)
            for first in self.first_days
            if first not in window
            for _ in range(numbers[first])
        ]
        share = self._share_of_others()
        others = self._others if self._others is not None else round(share * len(inside))
        for one in rng.sample(inside, len(inside) - others):
            one.uasc = True
        for one in outside:
            one.uasc = rng.random() >= others / len(inside)
        self._choose_long(inside, outside, rng)
        return inside + outside

    def _share_of_others(self) -> float:
        """The share of episodes of children who are not UASC."""
        day = self._last.as_at
        old = [x for x in self._plan.lives if x.in_care(day) and x.age(day) >= _GOES_MISSING_FROM]
        return 1 - 0.5 * sum(life.uasc for life in old) / len(old)

    def _choose_long(self, inside: list[_Wanted], outside: list[_Wanted], rng: Random) -> None:
        """Choose the episodes longer than two days: as many as printed for the month or year."""
        in_year = [
            self._plan.edition.target(self._plan.months[-1], _LONG_IN_YEAR, cohort)
            for cohort in COHORTS
        ]
        whole, others = (round(target.shown) if target else None for target in in_year)
        groups: list[tuple[list[_Wanted], int | None]] = []
        if whole is not None and others is not None:
            year = [one for one in inside if self._last.in_year(one.first)]
            groups.append(([one for one in year if not one.uasc], others))
            groups.append(([one for one in year if one.uasc], whole - others))
            groups.append((outside, None))
        else:
            for first in self.first_days:
                own = [one for one in inside + outside if one.first == first]
                groups.append((own, self._printed(_LONG, first)))
        for group, number in groups:
            number = round(_LONG_SHARE * len(group)) if number is None else number
            if number > len(group):
                raise CalibrationError(f"{_LONG}: more than there are episodes")
            for one in rng.sample(group, number):
                one.long = True


# -------------------------------------------------------------------------------------- who, when


def _in_month(
    plan: Plan,
    wanted: list[_Wanted],
    first: int,
    people: int | None,
    often: dict[Life, bool],
    rng: Random,
) -> Iterator[Absence]:
    """Give a month's missing episodes to children; some others are absent without authorisation."""
    people = round(len(wanted) / _EACH) if people is None else people
    twice = len(wanted) - people
    for uasc in (False, True):
        own = [one for one in wanted if one.uasc == uasc]
        both = min(twice, len(own) // 2)
        twice -= both
        number = len(own) - both
        away = round(number * profile().rates["missing_away"])
        runners = _runners(plan, uasc, first, often, rng)
        if number + away > len(runners):
            raise CalibrationError(f"{_PEOPLE}: {number} of {len(runners)} children")
        for index, life in enumerate(runners[: number + away]):
            low, high = _span(life, first)
            if index >= number:
                yield _absence(life, "A", False, low, high, rng)
            elif index < both:
                middle = (low + high) // 2
                yield _absence(life, "M", own[number + index].long, low, middle, rng)
                yield _absence(life, "M", own[index].long, middle + 1, high, rng)
            else:
                yield _absence(life, "M", own[index].long, low, high, rng)
    if twice:
        raise CalibrationError(f"{_PEOPLE}: too few people for the episodes")


def _span(life: Life, first: int) -> tuple[int, int]:
    """The first and last day of care in a month."""
    return max(life.start, first), min(life.end - 1, add_months(first, 1) - 1)


def _runners(
    plan: Plan, uasc: bool, first: int, often: dict[Life, bool], rng: Random
) -> list[Life]:
    """The children who may go missing in a month; those who often do mostly come first."""
    found = []
    for life in plan.lives:
        low, high = _span(life, first)
        old_enough = life.uasc == uasc and life.age(first) >= _GOES_MISSING_FROM
        if old_enough and high - low >= _ROOM:
            found.append((rng.random() ** (0.25 if often[life] else 1.0), life.number, life))
    return [life for _, _, life in sorted(found, reverse=True)]


def _absence(life: Life, kind: str, long: bool, low: int, high: int, rng: Random) -> Absence:
    """Draw an absence between two days; a long one lasts more than 48 hours."""
    while True:
        shortest, longest = map(int, profile().draw(rng, "missing_hours").split(":"))
        if (shortest >= 48) == long:
            break
    hours = min(longest, (high - low - 1) * 24)
    if long:
        minutes = rng.randrange(50 * 60, max(hours, 51) * 60)
    else:
        minutes = rng.randrange(shortest * 60, min(longest, 47) * 60)
    days = minutes // _MINUTES + 2
    start = rng.randrange(low, high + 1 - days) if high + 1 - days > low else low
    begins = start * _MINUTES + rng.randrange(7 * 60, 20 * 60)
    return Absence(life, kind, begins, begins + minutes)
