"""Lives: who is in care, from when to when, and why they leave.

A world has as many *slots* as children. A slot is a chain of periods of care that begins long
before any reporting month: on the day one child leaves care, the next one enters. So each slot has
one child in care on every day, and the number of children in care is the number of slots. Each slot
is of a *kind* (``slot_kind`` in the profile), such as long stays or adoption, which determines when
and why its children enter and leave. A kind's share of the slots is its share of the children.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random

from cpw_synthetic.chance import generator, profile
from cpw_synthetic.days import YEAR, add_months, age_on, birthday

_EPOCH = {"long": 1960, "adoption": 1975, "sgo": 1975}
_LATER_EPOCH = 1995
_GOLDEN = 0.618033988749895
_LEFT_AS_CARE_LEAVER = frozenset({"E5", "E6", "E7", "E8", "E9", "E16", "E17"})
_WENT_HOME = frozenset({"E4A", "E4B", "E13"})


@dataclass(frozen=True, slots=True)
class World:
    """What determines all lives."""

    seed: int
    authority: str
    children: int

    def rng(self, *key: str | int) -> Random:
        """A random generator for one purpose in this world."""
        return generator(self.seed, self.authority, *key)


@dataclass(slots=True)
class Person:
    """A person; ``entered`` is the first day the person was ever in care."""

    person_id: str
    slot: int
    born: int
    entered: int
    sex: str
    ethnicity: str
    nationality: str
    uasc: bool
    area: str
    need: str
    sen: str
    died: int | None = None
    shown: bool = False

    def birthday(self, age: int) -> int:
        """The day on which the person becomes ``age``."""
        return birthday(self.born, age)

    def age(self, day: int) -> int:
        """The age in completed years on a day."""
        return age_on(self.born, day)


@dataclass(frozen=True, slots=True)
class AdoptionPath:
    """The steps from a plan for adoption to the order, or to the plan's reversal."""

    initiated: int
    decided: int
    ordered: int | None
    matched: int | None
    placed: int | None
    reversed_on: int | None
    by_carer: bool
    fostering_for_adoption: bool


@dataclass(slots=True)
class Period:
    """A period of care; ``end`` may be after the day of any extract."""

    cla_id: str
    slot: int
    number: int
    kind: str
    person: Person
    start: int
    end: int
    reason: str
    adoption: AdoptionPath | None = field(default=None)

    @property
    def makes_care_leaver(self) -> bool:
        """Whether the person becomes a care leaver: 16 or over, and 13 weeks in care since 14."""
        since = max(self.start, self.person.birthday(14))
        return (
            self.kind != "short_break"
            and self.reason in _LEFT_AS_CARE_LEAVER
            and self.end >= self.person.birthday(16)
            and self.end - since >= 91
        )


def slot_kind(slot: int) -> str:
    """The kind of a slot; the kinds are spread so that even a few slots have the right mix."""
    return profile().at((0.02 + slot * _GOLDEN) % 1, "slot_kind")


def periods(world: World, slot: int, kind: str, until: int) -> Iterator[Period]:
    """The periods of care in a slot's chain that start on or before ``until``."""
    rng = world.rng("slot", slot)
    epoch = date(_EPOCH.get(kind, _LATER_EPOCH), 1, 1).toordinal()
    start = epoch - rng.randrange(int(4 * YEAR))
    people = 0
    chain: list[Period] = []
    while start <= until:
        person = _returning(chain, start, rng) if kind == "short" else None
        if person is None:
            person = _person(world, slot, people, kind, start, rng)
            people += 1
        period = _period(f"CLA{slot:05d}{len(chain):04d}", len(chain), kind, person, start, rng)
        if period.reason == "E2":
            person.died = period.end
        chain.append(period)
        yield period
        start = period.end


def _returning(chain: list[Period], start: int, rng: Random) -> Person | None:
    """Somebody who went home from this slot within the last 700 days and returns; or None."""
    if not profile().happens(rng, "re_entry"):
        return None
    latest = {period.person.person_id: period for period in chain[-8:]}
    candidates = [
        period.person
        for period in latest.values()
        if period.reason in _WENT_HOME
        and 14 <= start - period.end <= 700
        and start < period.person.birthday(17)
    ]
    return rng.choice(candidates) if candidates else None


def _person(world: World, slot: int, number: int, kind: str, start: int, rng: Random) -> Person:
    shape = profile()
    uasc = kind == "uasc"
    years = int(shape.draw(rng, f"entry_age_{kind}"))
    part = rng.random() ** (3.0 if years == 0 else 1.0)
    born = start - min(int((years + part) * YEAR), int(17.95 * YEAR))
    if uasc:
        nationality, ethnicity = shape.draw(rng, "uasc_origin").split(":")
    else:
        ethnicity = shape.draw(rng, "ethnicity")
        origin = f"nationality_{ethnicity}"
        nationality = shape.draw(rng, origin) if origin in shape else "British"
    return Person(
        person_id=f"{world.authority}{slot:05d}{number:04d}",
        slot=slot,
        born=born,
        entered=start,
        sex=shape.draw(rng, "sex_uasc" if uasc else "sex"),
        ethnicity=ethnicity,
        nationality=nationality,
        uasc=uasc,
        area=shape.draw(rng, "area"),
        need="N8" if uasc else "N2" if kind == "short_break" else shape.draw(rng, "need"),
        sen="NONE" if uasc else shape.draw(rng, "sen"),
    )


def _period(cla_id: str, number: int, kind: str, person: Person, start: int, rng: Random) -> Period:
    shape = profile()
    adult = person.birthday(18)
    path: AdoptionPath | None = None
    if kind == "adoption":
        path, end = _adopted(start, rng)
        reason = shape.draw(rng, "end_adoption")
    elif kind == "sgo":
        end, reason = start + rng.randrange(180, 760), shape.draw(rng, "end_sgo")
    elif kind == "short_break":
        end, reason = start + rng.randrange(300, 1200), shape.draw(rng, "end_short_break")
    elif kind == "short":
        low, high = map(int, shape.draw(rng, "short_stay_days").split(":"))
        end, reason = start + rng.randrange(low, high), shape.draw(rng, "end_short")
    elif shape.happens(rng, f"leaves_early_{kind}"):
        end = start + 30 + int(rng.random() * (adult - start))
        reason = shape.draw(rng, f"end_early_{kind}")
    else:
        end, reason = adult, ""
    if end >= adult:
        end, reason = adult, shape.draw(rng, "end_at_18")
    if kind == "long" and person.age(start) < 6 and shape.happens(rng, "adoption_reversed"):
        path = _reversed(start, end, rng)
    return Period(
        cla_id=cla_id,
        slot=person.slot,
        number=number,
        kind=kind,
        person=person,
        start=start,
        end=max(end, start + 1),
        reason=reason,
        adoption=path,
    )


def _steps(start: int, rng: Random) -> tuple[int, int, int]:
    """The days of plan, agency decision and placement order."""
    initiated = start + rng.randrange(95, 210)
    soon = profile().happens(rng, "agency_decision_soon")
    decided = initiated + (rng.randrange(12, 50) if soon else rng.randrange(57, 100))
    return initiated, decided, decided + rng.randrange(10, 50)


def _adopted(start: int, rng: Random) -> tuple[AdoptionPath, int]:
    shape = profile()
    initiated, decided, ordered = _steps(start, rng)
    early = shape.happens(rng, "fostering_for_adoption")
    matched = ordered + (rng.randrange(10, 60) if early else rng.randrange(20, 215))
    placed = matched + rng.randrange(5, 25)
    path = AdoptionPath(
        initiated=initiated,
        decided=decided,
        ordered=ordered,
        matched=matched,
        placed=placed,
        reversed_on=None,
        by_carer=early or shape.happens(rng, "adopted_by_carer"),
        fostering_for_adoption=early,
    )
    return path, placed + rng.randrange(120, 260)


def _reversed(start: int, end: int, rng: Random) -> AdoptionPath | None:
    initiated, decided, ordered = _steps(start, rng)
    reversed_on = ordered + rng.randrange(90, 500)
    if add_months(reversed_on, 1) >= end:
        return None
    without_order = profile().happens(rng, "reversed_without_order")
    return AdoptionPath(
        initiated=initiated,
        decided=decided,
        ordered=None if without_order else ordered,
        matched=None,
        placed=None,
        reversed_on=reversed_on,
        by_carer=False,
        fostering_for_adoption=False,
    )
