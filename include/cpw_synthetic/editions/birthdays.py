"""How each care leaver did at every birthday, and the codes it is written in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.older_leavers import ROWS_KPI, Leaver
from cpw_synthetic.editions.plan import Plan
from cpw_synthetic.extract import SyntheticExtract

STAYS = "Z"
_SUITABLE, _ACTIVE = "care_leavers_suitable_accommodation", "care_leavers_eet"
_UNSUITABLE_HOMES = "SVWX"
# Small beside what is printed: every group does about as well as all do.
_ALIKE = 0.05
# By how much more of those still helped are in touch than of all.
_HELPED = 0.06
# Unaccompanied or not, the windows, and whether help has ended.
_Group = tuple[bool, tuple[int, ...], bool]


@dataclass(frozen=True)
class BirthdayOutcome:
    """How somebody does at a birthday; who is not in touch does nothing that is known."""

    in_touch: bool
    suitable: bool = False
    active: bool = False
    timely: bool = False


@dataclass(eq=False)
class Birthday:
    """A birthday of a care leaver, and what is written down about it."""

    leaver: Leaver
    age: int
    day: int
    outcome: BirthdayOutcome
    touch: str = "YES"
    home: str = "R"
    activity: str = "0"
    contact: int | None = None


_OUTCOMES = (
    BirthdayOutcome(False),
    *(BirthdayOutcome(True, *flags) for flags in product((True, False), repeat=3)),
)


class Birthdays:
    """The birthdays of an edition's care leavers."""

    def __init__(self, plan: Plan, leavers: list[Leaver], until: int) -> None:
        """Choose how everybody does at each birthday until a day."""
        self._plan = plan
        self.of = self._choose(leavers, until)
        for leaver, birthdays in self.of.items():
            rng = plan.world.rng("care leaver's birthdays", leaver.period.cla_id)
            for own in birthdays:
                self._describe(own, rng)

    def latest(self, leaver: Leaver, month: int) -> Birthday | None:
        """The latest birthday at a month's end."""
        day = self._plan.edition.months[month].as_at
        past = [own for own in self.of[leaver] if own.day <= day]
        return past[-1] if past else None

    def _choose(self, leavers: list[Leaver], until: int) -> dict[Leaver, list[Birthday]]:
        plan, rng = self._plan, self._plan.rng("outcomes of care leavers")
        printed = {
            m for kpi in (ROWS_KPI, _SUITABLE, _ACTIVE) for m, _, _ in plan.edition.targets(kpi)
        }
        choice: Choice[Birthday, BirthdayOutcome] = Choice(
            f"care leavers of edition {plan.edition.name}"
        )
        apart = any(cohort != "all" for _, cohort, _ in plan.edition.targets(ROWS_KPI))
        groups: Counter[_Group] = Counter()
        found: dict[Leaver, list[Birthday]] = {}
        for leaver in leavers:
            found[leaver] = []
            for age, day in leaver.birthdays():
                if day > until:
                    continue
                own = Birthday(leaver, age, day, self._natural(rng))
                found[leaver].append(own)
                windows = tuple(m for m in plan.months if plan.edition.months[m].in_window(day))
                if not printed.intersection(windows):
                    continue
                closed = age == 21 and not leaver.current(plan.edition.last.as_at)
                group = (apart and leaver.uasc, windows, closed)
                groups[group] += 1
                options = [self._option(own, windows, way, group) for way in _OUTCOMES]
                choice.add(own, options, alike=(group, day == leaver.period.end))
        for group, number in groups.items():
            for name, share in self._shares(closed=group[-1]).items():
                choice.near(f"{group} {name}", share * number, _ALIKE)
        for kpi_id in (ROWS_KPI, _SUITABLE, _ACTIVE):
            choice.kpi(plan.edition, kpi_id)
        for own, option in choice.solve(rng):
            own.outcome = option.payload
        return found

    def _option(
        self, own: Birthday, windows: tuple[int, ...], outcome: BirthdayOutcome, group: _Group
    ) -> Option[BirthdayOutcome]:
        effects = Effects()
        for name in ("in_touch", "suitable", "active"):
            effects.count(f"{group} {name}", getattr(outcome, name))
        uasc, in_touch_only = own.leaver.uasc, self._plan.edition.in_touch_only
        for month in windows:
            effects.kpi(ROWS_KPI, month, uasc, outcome.timely)
            if outcome.in_touch or not in_touch_only:
                effects.kpi(_SUITABLE, month, uasc, outcome.suitable)
                effects.kpi(_ACTIVE, month, uasc, outcome.active)
        cost = 0.0
        if outcome.in_touch and not outcome.timely:
            cost = 3 if own.day == own.leaver.period.end else 1
        return Option(outcome, effects, cost)

    def _shares(self, closed: bool) -> dict[str, float]:
        """Of a hundred birthdays, how many are in touch, and do well: few of closed cases."""
        contact = 0.1 if closed else min(1.0, self._share(ROWS_KPI) + _HELPED)
        beside = 1.0 if self._plan.edition.in_touch_only else self._share(ROWS_KPI)
        return {
            "in_touch": contact,
            "suitable": contact * self._share(_SUITABLE) / beside,
            "active": contact * self._share(_ACTIVE) / beside,
        }

    def _share(self, kpi_id: str) -> float:
        target = self._plan.edition.target(self._plan.months[-1], kpi_id)
        return target.shown / 100 if target else 0.9

    def _natural(self, rng: Random) -> BirthdayOutcome:
        """An outcome like those printed."""
        contact = self._share(ROWS_KPI)
        in_touch = rng.random() < contact
        beside = 1.0 if self._plan.edition.in_touch_only else contact
        return BirthdayOutcome(
            in_touch,
            in_touch and rng.random() < self._share(_SUITABLE) / beside,
            in_touch and rng.random() < self._share(_ACTIVE) / beside,
            in_touch,
        )

    def _describe(self, own: Birthday, rng: Random) -> None:
        begins = own.leaver.period.end
        if not own.outcome.in_touch:
            own.touch = out_of_touch(own.age, rng)
            if own.touch == "NO":
                own.contact = max(begins, own.day - rng.randrange(100, 300))
                # One about the birthday would be in touch.
                own.contact = own.contact if own.contact < own.day - 91 else None
            else:
                own.home = "0"
            return
        own.home = some_home(own.leaver.uasc, own.outcome.suitable, rng)
        own.activity = some_activity(own.leaver.uasc, own.age, own.outcome.active, rng)
        if own.outcome.timely:
            own.contact = rng.randrange(max(begins, own.day - 80), own.day + 1)
            seen = [m.as_at for m in self._plan.edition.months if m.as_at >= own.day]
            later = min([own.day + 27, *seen[:1]])
            if rng.random() < 0.25 and later > own.day:
                own.contact = rng.randrange(own.day + 1, later + 1)
        else:
            long_ago = own.day - rng.randrange(100, 300)
            own.contact = long_ago  # where care has just ended, while it lasted

    def add(self, extract: SyntheticExtract) -> None:
        """Add the outcomes at birthdays."""
        for birthdays in self.of.values():
            for own in birthdays:
                _add_birthday(extract, own)


def _add_birthday(extract: SyntheticExtract, own: Birthday) -> None:
    written = max(own.day, own.contact or own.day)
    suitable = "1" if own.outcome.suitable else "2"
    extract.add(
        "local_care_leaver_outcomes",
        {
            "outcome_id": f"OU{own.leaver.period.cla_id[3:]}{own.age}",
            "person_id": own.leaver.period.person.person_id,
            "birthday_date": own.day,
            "in_touch": own.touch,
            "latest_contact_date": own.contact,
            "accommodation": own.home,
            "accommodation_suitable": suitable if own.outcome.in_touch else None,
            "activity": own.activity,
        },
        # Written down with the contact, where that comes after the birthday.
        known=written,
        last=written,
    )


def out_of_touch(age: int, rng: Random) -> str:
    """Why somebody is not in touch; nobody has died."""
    while True:
        touch = profile().draw(rng, "in_touch" if age < 21 else "in_touch_21")
        if touch not in ("YES", "DIED"):
            return touch


def some_home(uasc: bool, suitable: bool, rng: Random) -> str:
    """Where somebody lives, who does not stay with former carers."""
    while True:
        home = profile().draw(rng, "accommodation_uasc" if uasc else "accommodation_citizen")
        bad = home in _UNSUITABLE_HOMES
        if home != STAYS and (not bad if suitable else bad or rng.random() < 0.1):
            return home


def some_activity(uasc: bool, age: int, active: bool, rng: Random) -> str:
    """What somebody does: in education, employment or training, or not."""
    name = "activity_21" if age >= 21 else "activity_uasc" if uasc else "activity_citizen"
    while True:
        activity = profile().draw(rng, name)
        if (activity[0] in "FP") == active:
            return activity
