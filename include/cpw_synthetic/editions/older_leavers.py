"""Care leavers who came of age before an edition's first window: as many as the print asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months, birthday
from cpw_synthetic.editions.choose import CalibrationError
from cpw_synthetic.editions.placements import address
from cpw_synthetic.editions.plan import Plan
from cpw_synthetic.editions.shapes import shape
from cpw_synthetic.editions.targets import AUTHORITY
from cpw_synthetic.episodes import add_episodes, add_legal_statuses
from cpw_synthetic.extract import SyntheticExtract
from cpw_synthetic.lives import Period, Person
from cpw_synthetic.people import add_immigration, add_person
from cpw_synthetic.placements import Placement, add_placements

ROWS_KPI, CURRENT_KPI = "care_leavers_in_contact", "care_leavers_staying_put"
BIRTHDAYS = range(17, 22)
_SLOTS = 1_000_000  # beyond any life's number
_OLDEST = 24
# Ethnicities of unaccompanied children, and one of theirs and of others.
_MOSTLY_UASC, _SOMETIMES_UASC = frozenset({"AOTH", "BAFR", "OOTH"}), "WOTH"
_SOMETIMES = 0.9
Value = TypeVar("Value", int, str)


@dataclass(eq=False)
class Leaver:
    """A care leaver.

    Attributes:
        period: the period of care left.
        closes: the day help ends: at 21, later, or at 25.
    """

    period: Period
    closes: int

    @property
    def uasc(self) -> bool:
        """Whether they came as an unaccompanied child."""
        return self.period.person.uasc

    def current(self, day: int) -> bool:
        """Whether they are one of the service's care leavers on a day."""
        return self.period.end <= day < self.closes

    def birthdays(self) -> Iterator[tuple[int, int]]:
        """Age and day of each birthday with a row of outcomes."""
        for age in BIRTHDAYS:
            day = self.period.person.birthday(age)
            if day >= self.period.end:
                yield age, day


@dataclass(frozen=True)
class _Kind:
    """Alike older care leavers: their age at the edition's end, and whether help has ended."""

    age: int
    closed: bool
    uasc: bool | None = None


class OlderLeavers:
    """The older care leavers of an edition, and the rows about their time in care."""

    def __init__(self, plan: Plan, known: list[Leaver]) -> None:
        """Make as many as the printed totals leave beside those whose lives are drawn."""
        self._plan, self._known = plan, known
        rng = plan.rng("older care leavers")
        kinds = list(self._kinds().elements())
        rng.shuffle(kinds)
        ethnicities = self._ethnicities(rng)
        self.leavers = [
            self._leaver(number, kind, ethnicities, rng) for number, kind in enumerate(kinds)
        ]

    # ------------------------------------------------------------------------------- how many

    def _kinds(self) -> Counter[_Kind]:
        last = self._plan.months[-1]
        edition = self._plan.edition
        everybody = edition.target(last, ROWS_KPI)
        others = edition.target(last, ROWS_KPI, "exc_uasc")
        current = edition.target(last, CURRENT_KPI)
        if everybody is None or everybody.denominator is None:
            raise AssertionError("every edition prints its care leavers' birthdays")
        rows = int(everybody.denominator)
        if current is not None and current.denominator is not None:
            return self._as_shaped(rows - self._known_rows(None), int(current.denominator))
        found: Counter[_Kind] = Counter()
        by_uasc: dict[bool | None, int] = {None: rows - self._known_rows(None)}
        if others is not None and others.denominator is not None:
            exc = int(others.denominator)
            by_uasc = {
                False: exc - self._known_rows(False),
                True: rows - exc - self._known_rows(True),
            }
        for uasc, number in by_uasc.items():
            found.update(self._by_rows(number, uasc))
        return found

    def _known_rows(self, uasc: bool | None) -> int:
        """How many birthdays of the drawn lives lie in the printed month's window."""
        return sum(
            self._plan.edition.last.in_window(day)
            for leaver in self._known
            if uasc is None or leaver.uasc == uasc
            for _, day in leaver.birthdays()
        )

    def _as_shaped(self, rows: int, current: int) -> Counter[_Kind]:
        """So many in all as are helped, of the ages printed; the other rows are of closed cases."""
        last = self._plan.edition.last.as_at
        ages = Counter(leaver.period.person.age(last) for leaver in self._known_now())
        lines = {int(s.value): s.total for s in shape(self._plan.edition.name, "care_leaver_age")}
        wanted = deal(current, lines)
        free = {age: float(max(0, wanted[age] - ages[age])) for age in wanted if self._births(age)}
        dealt = deal(current - ages.total(), free)
        at_21 = rows - sum(number for age, number in dealt.items() if age in BIRTHDAYS)
        closed = {21: at_21, 22: at_21 + dealt.get(21, 0) - dealt.get(22, 0)}
        if at_21 < 0 or ages.total() > current:
            raise CalibrationError(f"{CURRENT_KPI}: too many care leavers of the drawn lives")
        found = Counter({_Kind(age, False): number for age, number in dealt.items()})
        found.update({_Kind(age, True): max(0, number) for age, number in closed.items()})
        return found

    def _known_now(self) -> list[Leaver]:
        last = self._plan.edition.last.as_at
        return [leaver for leaver in self._known if leaver.current(last)]

    def _by_rows(self, rows: int, uasc: bool | None) -> Counter[_Kind]:
        """So many with a birthday in the printed window, and those a year older."""
        if rows < 0:
            raise CalibrationError(f"{ROWS_KPI}: too many birthdays of the drawn lives")
        dealt = deal(rows, {age: 1.0 for age in (19, 20, 21) if self._births(age)})
        found: Counter[_Kind] = Counter()
        for age, number in dealt.items():
            closed = number // 2 if age > 20 else 0
            found[_Kind(age, False, uasc)] = number - closed
            found[_Kind(age, True, uasc)] = closed
        number = dealt[21]
        for age in range(22, _OLDEST + 1):
            found[_Kind(age, False, uasc)] = number // 15
        found[_Kind(22, True, uasc)] = number - number // 15
        return +found

    def _births(self, age: int) -> tuple[int, int] | None:
        """First and last birth date of those of an age who left care before any window."""
        edition = self._plan.edition
        first = add_months(edition.last.as_at, -12 * (age + 1)) + 1
        left_at = 18 if age >= 18 else age - 1
        last = min(
            add_months(edition.last.as_at, -12 * age),
            add_months(edition.begin - 10, -12 * left_at),
        )
        return (first, last) if age >= 17 and first + 5 <= last else None

    # ------------------------------------------------------------------------------------ who

    def _ethnicities(self, rng: Random) -> Iterator[str]:
        """Of the printed ethnicities what the drawn lives leave; then by chance."""
        lines = {
            line.value: line.total
            for line in shape(self._plan.edition.name, "care_leaver_ethnicity")
        }
        if not lines:
            return iter(())
        current = self._plan.edition.target(self._plan.months[-1], CURRENT_KPI)
        wanted = deal(int(current.denominator or 0) if current else 0, lines)
        wanted.subtract(leaver.period.person.ethnicity for leaver in self._known_now())
        left = list((+wanted).elements())
        rng.shuffle(left)
        return _and_then(left, lines, rng)

    def _leaver(self, number: int, kind: _Kind, ethnicities: Iterator[str], rng: Random) -> Leaver:
        births = self._births(kind.age)
        if births is None:
            raise AssertionError("only ages that can be are dealt")
        born = rng.randrange(births[0], births[1] + 1)
        uasc = kind.uasc
        ethnicity = next(ethnicities, "")
        if uasc is None:
            some = ethnicity == _SOMETIMES_UASC and rng.random() < _SOMETIMES
            uasc = ethnicity in _MOSTLY_UASC or some
        person = _person(number, born, uasc, ethnicity, rng)
        period = _period(person, number, self._end(person, kind, rng), rng)
        return Leaver(period, self._closes(person, kind, rng))

    def _end(self, person: Person, kind: _Kind, rng: Random) -> int:
        adult = person.birthday(18)
        if kind.age >= 18:
            return adult
        return rng.randrange(person.birthday(16), min(adult, self._plan.edition.begin + 1))

    def _closes(self, person: Person, kind: _Kind, rng: Random) -> int:
        last, grown = self._plan.edition.last.as_at, person.birthday(21)
        if kind.closed:
            return grown if rng.random() < 0.5 else rng.randrange(grown, min(last, grown + 200) + 1)
        if kind.age > 21 or profile().happens(rng, "service_to_25"):
            return person.birthday(25)
        return max(grown, last) + rng.randrange(1, 300)

    # ----------------------------------------------------------------------------------- rows

    def add(self, extract: SyntheticExtract) -> None:
        """Add who they are, and their time in care."""
        for leaver in self.leavers:
            period = leaver.period
            period.person.shown = False
            add_person(extract, self._plan.world, period)
            add_immigration(extract, self._plan.world, period)
            rng = self._plan.world.rng("care of older care leavers", period.slot)
            home = _home(period, rng)
            legal = [(period.start, "V2" if leaver.uasc else rng.choice(("V2", "C2", "C2")))]
            add_placements(extract, period, [home])
            add_legal_statuses(extract, period, legal)
            add_episodes(extract, period, [home], legal, [])


def deal(number: int, weights: Mapping[Value, float]) -> Counter[Value]:
    """So many dealt by weight: whole numbers that add up, by largest remainder."""
    whole = sum(weights.values())
    if not whole:
        if number:
            raise CalibrationError(f"nobody to deal {number} to")
        return Counter()
    shares = {value: number * weight / whole for value, weight in weights.items()}
    found = Counter({value: int(share) for value, share in shares.items()})
    by_rest = sorted(shares, key=lambda value: found[value] - shares[value])
    for value in by_rest[: number - found.total()]:
        found[value] += 1
    return found


def _and_then(first: Iterable[str], weights: Mapping[str, float], rng: Random) -> Iterator[str]:
    yield from first
    while True:
        yield rng.choices(list(weights), list(weights.values()))[0]


def _person(number: int, born: int, uasc: bool, ethnicity: str, rng: Random) -> Person:
    drawn = profile()
    nationality = "British"
    if uasc:
        origins = [origin.split(":") for origin in drawn.values("uasc_origin")]
        shares = drawn.shares("uasc_origin")
        fitting = [i for i, (_, own) in enumerate(origins) if not ethnicity or own == ethnicity]
        chosen = rng.choices(fitting, [shares[i] for i in fitting])[0]
        nationality, ethnicity = origins[chosen]
    else:
        ethnicity = ethnicity or drawn.draw(rng, "ethnicity")
        if f"nationality_{ethnicity}" in drawn:
            nationality = drawn.draw(rng, f"nationality_{ethnicity}")
    return Person(
        person_id=f"{AUTHORITY}L{number:08d}",
        slot=_SLOTS + number,
        born=born,
        entered=0,
        sex=drawn.draw(rng, "sex_uasc" if uasc else "sex"),
        ethnicity=ethnicity,
        nationality=nationality,
        uasc=uasc,
        area=drawn.draw(rng, "area"),
        need="N8" if uasc else drawn.draw(rng, "need"),
        sen="NONE",
    )


def _period(person: Person, number: int, end: int, rng: Random) -> Period:
    days = rng.randrange(130, 900) if person.uasc else rng.randrange(400, 4500)
    start = max(end - days, person.born)
    person.entered = start
    came_of_age = end == birthday(person.born, 18)
    return Period(
        cla_id=f"CLAL{number:08d}",
        slot=person.slot,
        number=0,
        kind="uasc" if person.uasc else "long",
        person=person,
        start=start,
        end=end,
        reason=profile().draw(rng, "end_at_18") if came_of_age else "E8",
    )


def _home(period: Period, rng: Random) -> Placement:
    place = address("own", "near", rng)
    kind, provider = ("P2", "PR1") if period.person.uasc and rng.random() < 0.4 else ("U4", "PR1")
    return Placement(f"PL{period.cla_id[3:]}00", period.start, period.end, kind, provider, place)
