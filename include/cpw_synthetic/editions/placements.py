"""Where each child lives: the kind of place, how far, and how often it changes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.editions.adoption import Adoption
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.plan import Plan, in_care_flags
from cpw_synthetic.editions.spells import days_in, segments
from cpw_synthetic.editions.targets import AUTHORITY
from cpw_synthetic.placements import UNKNOWN_DISTANCE, Address, Placement, postcodes

_FOSTER = ("U1", "U2", "U3", "U4", "U5", "U6")
_KIN = ("U1", "U2", "U3")
_HOMES = ("K1", "K2", "R1", "S1")
_RELATED = (*_KIN, "P1")
Way = tuple[int, ...]
Span = tuple[int, int]
_THREE, _SAME = "three_or_more_placements_12m", "same_placement_2y"


@dataclass(frozen=True)
class KindOfHome:
    """A kind of place: placement type, provider, miles from home and in which area."""

    type: str
    provider: str
    distance: str  # near, far, unknown
    where: str  # own, neighbour, away
    share: str  # the line of the profile it belongs to

    @property
    def cost(self) -> float:
        """How unusual it is: near and away, or far and around the corner, are."""
        return (
            (self.distance == "near") * (self.where == "away") * 1.0
            + (self.distance == "far") * (self.where == "own") * 0.3
            + (self.distance == "unknown") * 0.5
        )


def _homes() -> Iterator[KindOfHome]:
    kinds = [
        ("U4", "PR1", "own_foster"),
        ("U6", "PR1", "own_foster"),
        ("U4", "PR4", "agency_foster"),
        ("U6", "PR4", "agency_foster"),
        ("U1", "PR1", "kin"),
        ("K2", "PR1", "own_home"),
        ("K2", "PR4", "private_home"),
        ("R1", "PR5", "private_home"),
        ("H5", "PR4", "independence"),
        ("P2", "PR1", "independence"),
        ("P1", "PR0", "parents"),
        ("Z1", "PR3", "other"),
    ]
    for type_, provider, share in kinds:
        for distance in ("near", "far", "unknown"):
            for where in ("own", "neighbour", "away"):
                yield KindOfHome(type_, provider, distance, where, share)


_HOMES_TO_CHOOSE = tuple(_homes())


class Placements:
    """The placements of an edition's lives."""

    def __init__(self, plan: Plan, adoption: Adoption) -> None:
        """Choose where everybody lives, and when they move."""
        self._plan, self._adoption = plan, adoption
        self._home = self._choose_homes()
        self._moves = self._choose_moves()
        self.of = {life: self._build(life) for life in plan.lives}

    def _placed(self, life: Life) -> int | None:
        path = self._adoption.paths.get(life)
        return path.placed if path else None

    def _left_adopters(self, life: Life) -> int | None:
        """The day an adoptive placement broke down: the decision was reversed after it began."""
        path = self._adoption.paths.get(life)
        return path.reversed_on if path and path.placed is not None else None

    def _with_adopters(self, life: Life, day: int) -> bool:
        placed, left = self._placed(life), self._left_adopters(life)
        return placed is not None and placed <= day and (left is None or day < left)

    # ------------------------------------------------------------------------------------ homes

    def _choose_homes(self) -> dict[Life, KindOfHome]:
        plan, rng = self._plan, self._plan.rng("homes")
        choice: Choice[Life, KindOfHome] = Choice(f"placements of edition {plan.edition.name}")
        known: dict[Hashable, list[Option[KindOfHome]]] = {}
        for life in plan.ever_in_care():
            with_adopters = tuple(self._with_adopters(life, m.as_at) for m in plan.edition.months)
            age = life.age(self._first_seen(life))
            alike = (life.uasc, in_care_flags(plan, life), with_adopters, age >= 15, age >= 4)
            if alike not in known:
                homes = self._possible(life)
                known[alike] = [self._home_option(life, home) for home in homes]
            choice.add(life, known[alike], alike=alike)
        for kpi_id in (
            "private_voluntary_residential",
            "placed_outside_area",
            "placed_outside_area_exc_neighbour",
            "placed_in_other_authorities",
            "placed_in_other_authorities_non_related",
            "in_house_foster_exc_uasc",
            "within_20_miles_exc_uasc",
            "foster_within_20_miles_exc_uasc",
            "residential_placements_exc_uasc",
            "residential_placements",
        ):
            choice.kpi(plan.edition, kpi_id)
        last = plan.edition.last.as_at
        for uasc in (False, True):
            number = sum(life.in_care(last) and life.uasc == uasc for life in plan.lives)
            for share, weight in _shares(uasc).items():
                choice.near(f"{share} {uasc}", weight * number, 0.05)
        found = {life: option.payload for life, option in choice.solve(rng)}
        for life in plan.lives:
            if life not in found:
                found[life] = rng.choice([h for h in self._possible(life) if h.cost == 0])
        return found

    def _first_seen(self, life: Life) -> int:
        return max(life.start, min(life.end - 1, self._plan.edition.begin))

    def _possible(self, life: Life) -> list[KindOfHome]:
        """The homes a child may have: some from 16 on, others from five on only."""
        age = life.age(self._first_seen(life))
        return [
            home
            for home in _HOMES_TO_CHOOSE
            if (home.share != "independence" or age >= 15)
            and (home.type not in _HOMES or age >= 4)
            and (
                not life.uasc
                or home.share
                in ("own_foster", "agency_foster", "independence", "private_home", "kin", "other")
            )
        ]

    def _home_option(self, life: Life, home: KindOfHome) -> Option[KindOfHome]:
        effects = Effects()
        for index, month in enumerate(self._plan.edition.months):
            if not life.in_care(month.as_at):
                continue
            with_adopters = self._with_adopters(life, month.as_at)
            self._count(effects, index, life.uasc, home, with_adopters)
            if month is self._plan.edition.last and not with_adopters:
                effects.count(f"{home.share} {life.uasc}")
        return Option(home, effects, home.cost)

    def _count(
        self, effects: Effects, index: int, uasc: bool, home: KindOfHome, with_adopters: bool
    ) -> None:
        away = not with_adopters and home.where == "away"
        outside = not with_adopters and home.where != "own"
        private = not with_adopters and home.type in _HOMES and home.provider in ("PR4", "PR5")
        effects.kpi("private_voluntary_residential", index, uasc, private)
        effects.kpi("placed_outside_area", index, uasc, outside)
        effects.kpi("placed_outside_area_exc_neighbour", index, uasc, away)
        effects.kpi("placed_in_other_authorities", index, uasc, outside)
        home_type = "A6" if with_adopters else home.type
        effects.kpi("residential_placements", index, uasc, home_type in _HOMES)
        related = home.type in _RELATED
        effects.kpi("placed_in_other_authorities_non_related", index, uasc, outside and not related)
        if uasc:
            return
        effects.kpi("residential_placements_exc_uasc", index, False, home_type in _HOMES)
        if home_type in _FOSTER:
            in_house = home.provider == "PR1" or home.type in _KIN
            effects.kpi("in_house_foster_exc_uasc", index, False, in_house)
        if home_type != "A6" and home.distance != "unknown":
            for kpi_id in ("within_20_miles_exc_uasc", "foster_within_20_miles_exc_uasc"):
                effects.kpi(kpi_id, index, False, home.distance == "near")

    # ------------------------------------------------------------------------------------ moves

    def _choose_moves(self) -> dict[Life, list[int]]:
        plan, rng = self._plan, self._plan.rng("moves")
        choice: Choice[Life, Way] = Choice(f"moves of edition {plan.edition.name}")
        known: dict[Hashable, list[Option[Way]]] = {}
        spans: dict[Life, list[Span]] = {}
        for life in plan.ever_in_care():
            spans[life] = self._spans(life)
            alike = self._alike(life, spans[life])
            if alike not in known:
                known[alike] = list(self._ways(life, spans[life]))
            choice.add(life, known[alike], alike=alike)
        for kpi_id in (_THREE, _SAME):
            choice.kpi(plan.edition, kpi_id)
        moves: dict[Life, list[int]] = {life: [] for life in plan.lives}
        for life, option in choice.solve(rng):
            moves[life] = days_in([spans[life][number] for number in option.payload], rng)
        return moves

    def _spans(self, life: Life) -> list[Span]:
        """The spans of time in which a move changes what some month looks back on."""
        plan = self._plan
        looked_at = [d for m in plan.edition.months for d in (m.end(24), m.end(12), m.as_at)]
        last = min(life.end - 1, plan.edition.last.as_at)
        placed = self._placed(life)
        until = min(last, placed - 2) if placed else last
        found = segments(looked_at, max(life.start + 2, min(looked_at) - 700), until)
        return [span for span in found if span[1] - span[0] > 13]

    def _alike(self, life: Life, spans: list[Span]) -> Hashable:
        months = self._plan.edition.months
        return (
            life.uasc,
            in_care_flags(self._plan, life),
            tuple(life.age(m.as_at) < 16 and life.start <= m.end(30) for m in months),
            tuple((life.start <= m.end(24), life.start <= m.end(12)) for m in months),
            self._placed(life),
            self._left_adopters(life),
            tuple(end for _, end in spans),
        )

    def _ways(self, life: Life, spans: list[Span]) -> Iterator[Option[Way]]:
        """Of the ways to move up to twice, one for each outcome."""
        seen: set[tuple[tuple[str, float], ...]] = set()
        for number in range(3):
            for way in combinations_with_replacement(range(len(spans)), number):
                effects = self._move_effects(life, days_in([spans[i] for i in way], None))
                outcome = tuple(sorted(effects.items()))
                if outcome not in seen:
                    seen.add(outcome)
                    yield Option(way, effects, 0.3 * max(0, number - 1))

    def _move_effects(self, life: Life, moves: list[int]) -> Effects:
        effects = Effects()
        starts = [life.start, *moves]
        placed, left = self._placed(life), self._left_adopters(life)
        starts += [day for day in (placed, left) if day is not None]
        for index, month in enumerate(self._plan.edition.months):
            if not life.in_care(month.as_at):
                continue
            own = [day for day in starts if day <= month.as_at]
            # A placement ends when the next begins.
            lasting = sum(day > month.end(12) for day in own[1:]) + 1
            effects.kpi(_THREE, index, life.uasc, lasting >= 3)
            if life.age(month.as_at) < 16 and life.start <= month.end(30):
                same = own[-1] <= month.end(24)
                if placed is not None and own[-1] == placed:
                    same = same or own[-2] <= month.end(24)
                effects.kpi(_SAME, index, life.uasc, same)
        return effects

    # ------------------------------------------------------------------------------------- rows

    def _build(self, life: Life) -> list[Placement]:
        period, home = self._plan.periods[life], self._home[life]
        rng = self._plan.world.rng("edition placements", life.number)
        days = [life.start, *self._moves[life]]
        placed, left = self._placed(life), self._left_adopters(life)
        days += [day for day in (placed, left) if day is not None]
        found: list[Placement] = []
        for number, (day, end) in enumerate(zip(days, [*days[1:], life.end], strict=True)):
            kind, provider = home.type, home.provider
            place = address(home.where, home.distance, rng)
            if placed is not None and day == placed:
                kind, provider = "A6", "PR1"
                place = address("own", "near", rng)
            stay = Placement(f"PL{period.cla_id[3:]}{number:02d}", day, end, kind, provider, place)
            if end < life.end:
                stay.change_reason = profile().draw(rng, "change_reason")
            found.append(stay)
        return found


def _shares(uasc: bool) -> dict[str, float]:
    """How many of a hundred children live in which kind of home."""
    name = "homes_uasc" if uasc else "homes"
    values = profile().values(name)
    return dict(zip(values, profile().shares(name), strict=True))


def address(where: str, distance: str, rng: Random) -> Address:
    """An address in one of the areas, near, far or at an unknown distance."""
    postcode, miles = profile().draw(rng, postcodes(AUTHORITY)[where]), UNKNOWN_DISTANCE
    if distance == "near":
        miles = round(rng.uniform(0.4, 19.4), 1)
    elif distance == "far":
        miles = round(rng.uniform(20.0, 90.0), 1)
    return Address(postcode, miles, f"SC{rng.randrange(100000, 999999)}")
