"""What the parts of an edition share: its months, lives and chance; and choices of yes and no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from random import Random

from cpw_synthetic.days import birthday
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.targets import AUTHORITY, PrintedEdition
from cpw_synthetic.lives import Period, Person, World

Flags = tuple[bool, ...]


@dataclass
class Plan:
    """An edition's lives, and the people and periods of care they are written as."""

    edition: PrintedEdition
    world: World
    lives: list[Life]
    periods: dict[Life, Period] = field(init=False)
    earlier: dict[Life, Period] = field(init=False)

    def __post_init__(self) -> None:
        """Make people and periods of care of the lives."""
        self.periods, self.earlier = {}, {}
        for life in self.lives:
            person = _person(self.world, life)
            self.periods[life] = _period(life, person, 0, life.start, life.end)
            if life.earlier is not None:
                self.earlier[life] = _period(life, person, 1, *life.earlier)

    def rng(self, part: str) -> Random:
        """Chance for one part."""
        return self.world.rng(self.edition.name, part)

    @property
    def months(self) -> range:
        """The edition's months, by number."""
        return range(len(self.edition.months))

    def in_care(self, month: int) -> list[Life]:
        """Who is in care at a month's end."""
        day = self.edition.months[month].as_at
        return [life for life in self.lives if life.in_care(day)]

    def ever_in_care(self) -> list[Life]:
        """Who is in care at some month's end."""
        days = [month.as_at for month in self.edition.months]
        return [life for life in self.lives if any(life.in_care(day) for day in days)]


def _person(world: World, life: Life) -> Person:
    rng = world.rng("edition person", life.number)
    sen = rng.choices(("NONE", "SUPPORT", "EHCP"), (60, 15, 25))[0]
    areas = ("North", "South", "East", "West")
    return Person(
        person_id=f"{AUTHORITY}{life.number:05d}0000",
        slot=life.number,
        born=life.born,
        entered=life.earlier[0] if life.earlier else life.start,
        sex=life.sex,
        ethnicity=life.ethnicity,
        nationality=life.nationality,
        uasc=life.uasc,
        area=rng.choice(areas),
        need="N8" if life.uasc else rng.choice(("N1", "N1", "N1", "N4", "N5", "N5", "N2", "N6")),
        sen="NONE" if life.uasc else sen,
        died=life.end if life.reason == "E2" else None,
    )


def _period(life: Life, person: Person, number: int, start: int, end: int) -> Period:
    return Period(
        cla_id=f"CLA{life.number:05d}{number:04d}",
        slot=life.number,
        number=number,
        kind=life.kind if number == 0 else "short",
        person=person,
        start=start,
        end=end,
        reason=life.reason if number == 0 else "E4A",
    )


def patterns(members: Sequence[bool]) -> list[Flags]:
    """All ways of yes and no over the months in which a subject counts; elsewhere no."""
    return list(product(*((False, True) if m else (False,) for m in members)))


def changes(flags: Flags, members: Sequence[bool]) -> int:
    """How often the answer changes from one month that counts to the next."""
    own = [flag for flag, member in zip(flags, members, strict=True) if member]
    return sum(a != b for a, b in pairwise(own))


def choose_flags(
    plan: Plan,
    kpi_id: str,
    lives: Iterable[Life],
    *,
    members: Callable[[Life], tuple[bool, ...]],
    possible: Callable[[Life], list[Flags]] | None = None,
    count: bool = False,
    usual: float = 0.5,
    steady: bool = False,
) -> dict[Life, Flags]:
    """In or out of a KPI's numerator in each month, so that the printed figures come out.

    Args:
        plan: the edition's plan.
        kpi_id: the KPI.
        lives: the children who may count.
        members: the months in which a child is in the denominator, or may be counted by a count.
        possible: the answers that a child can have; None: every answer.
        count: whether the KPI is a count.
        usual: the share of yes, where nothing is printed.
        steady: the same answer in every month.

    Raises:
        CalibrationError: the printed figures cannot be met.
    """
    rng = plan.rng(kpi_id)
    choice: Choice[Life, Flags] = Choice(f"{kpi_id} of edition {plan.edition.name}")
    printed = {month for month, _, _ in plan.edition.targets(kpi_id)}
    found: dict[Life, Flags] = {}
    for life in lives:
        own = members(life)
        answers = possible(life) if possible else patterns(own)
        if steady:
            answers = [flags for flags in answers if changes(flags, own) == 0]
        if not printed:
            yes = [flags for flags in answers if any(flags)] or answers
            no = [flags for flags in answers if not any(flags)] or answers
            found[life] = rng.choice(yes if rng.random() < usual else no)
            continue
        options = []
        for flags in answers:
            effects = Effects()
            for month, member in enumerate(own):
                if member and month in printed:
                    effects.kpi(kpi_id, month, life.uasc, flags[month])
            options.append(Option(flags, effects, float(changes(flags, own))))
        choice.add(life, options)
    if printed:
        (choice.count if count else choice.kpi)(plan.edition, kpi_id)
        found = {life: option.payload for life, option in choice.solve(rng)}
    return found


def in_care_flags(plan: Plan, life: Life) -> tuple[bool, ...]:
    """In which months a child is in care at the end."""
    return tuple(life.in_care(month.as_at) for month in plan.edition.months)


def in_care_since(plan: Plan, life: Life, months: int) -> tuple[bool, ...]:
    """In which months a child is in care at the end, and has been for so many months."""
    return tuple(
        life.in_care(month.as_at) and life.start <= month.end(months)
        for month in plan.edition.months
    )


def grown_up(life: Life) -> int:
    """The 18th birthday."""
    return birthday(life.born, 18)
