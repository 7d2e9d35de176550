"""Where a child lives during a period of care."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from cpw.core.authorities import authorities
from cpw.core.paths import seed_rows
from cpw_synthetic.chance import profile
from cpw_synthetic.days import YEAR
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.lives import Period, World

UNKNOWN_DISTANCE = 999.9
FOSTER = frozenset({"U1", "U2", "U3", "U4", "U5", "U6"})


@dataclass(frozen=True, slots=True)
class Address:
    """A plausible place: a postcode unit, miles from home, and a provider's number."""

    postcode: str
    distance: float
    urn: str


@dataclass(slots=True)
class Placement:
    """A placement; ``same_carer`` as the one before it."""

    placement_id: str
    start: int
    end: int
    type: str
    provider: str
    address: Address
    change_reason: str | None = None
    same_carer: bool = False


@cache
def _neighbours() -> dict[str, list[str]]:
    codes = {authority.code: authority.ons_code for authority in authorities().values()}
    found: dict[str, list[str]] = {}
    for row in seed_rows("authority_neighbours"):
        own = codes.get(row["authority"], row["authority"])
        found.setdefault(own, []).append(row["neighbour_ons_code"])
    return found


@cache
def postcodes(authority: str) -> dict[str, str]:
    """The profile's postcodes of an authority's own area, of a neighbour's, and of elsewhere."""
    known = authorities().get(authority)
    own = known.ons_code if known else ""
    neighbour = next(iter(_neighbours().get(own, [])), "")
    names = {"own": f"postcode_{own}", "neighbour": f"postcode_{neighbour}"}
    others = {"own": "postcode_E10000016", "neighbour": "postcode_away", "away": "postcode_away"}
    return others | {where: name for where, name in names.items() if name in profile()}


def _address(world: World, kind: str, rng: Random) -> Address:
    shape = profile()
    group = "residential" if kind[0] in "KRS" else "other"
    where = shape.draw(rng, f"whereabouts_{group}")
    low, high = map(int, shape.draw(rng, f"miles_{where}").split(":"))
    distance = round(low + rng.random() * (high - low), 1)
    if shape.happens(rng, "distance_unknown"):
        distance = UNKNOWN_DISTANCE
    urn = f"SC{rng.randrange(100000, 999999)}"
    return Address(shape.draw(rng, postcodes(world.authority)[where]), distance, urn)


def plan_placements(world: World, period: Period) -> tuple[list[Placement], list[Placement]]:
    """The placements of a period, one after the other, and the temporary ones beside them."""
    rng = world.rng("placements", period.slot, period.number)
    if period.kind == "adoption":
        plan = _towards_adoption(world, period, rng)
    else:
        plan = _through_care(world, period, rng)
    for index, placement in enumerate(plan):
        placement.placement_id = f"PL{period.cla_id[3:]}{index:02d}"
    return plan, _temporary(world, period, plan, rng)


def _new(world: World, start: int, end: int, type_and_provider: str, rng: Random) -> Placement:
    kind, provider = type_and_provider.split(":")
    return Placement("", start, end, kind, provider, _address(world, kind, rng))


def _towards_adoption(world: World, period: Period, rng: Random) -> list[Placement]:
    path = period.adoption
    if path is None or path.placed is None:
        raise AssertionError("children of this kind are placed for adoption")
    shape = profile()
    foster = "U5:PR1" if path.fostering_for_adoption else shape.draw(rng, "placement_baby")
    moved = period.start
    plan: list[Placement] = []
    if shape.happens(rng, "baby_moves"):
        moved = period.start + rng.randrange(4, 90)
        plan.append(_new(world, period.start, moved, "U6:PR1", rng))
        plan[-1].change_reason = shape.draw(rng, "change_reason")
    plan.append(_new(world, moved, path.placed, foster, rng))
    plan[-1].change_reason = "PLACE" if path.by_carer else "CARPL"
    plan.append(_new(world, path.placed, period.end, "A6:PR1", rng))
    if path.by_carer:
        plan[-1].type, plan[-1].same_carer = "A5", True
        plan[-1].address = plan[-2].address
    return plan


def _through_care(world: World, period: Period, rng: Random) -> list[Placement]:
    shape, person = profile(), period.person
    restless = shape.happens(rng, "restless")
    leaves_home = None
    if period.kind in ("long", "uasc") and shape.happens(rng, f"semi_independent_{period.kind}"):
        leaves_home = person.birthday(16) + rng.randrange(120, 700)
    plan: list[Placement] = []
    day = period.start
    while day < period.end:
        age = person.age(day)
        if period.kind == "short_break":
            mix, mean = "placement_short_break", 4000.0
        elif period.kind == "uasc":
            mix, mean = ("placement_uasc", 0.0) if age >= 16 else ("placement_uasc_young", 0.0)
        elif leaves_home is not None and day >= leaves_home:
            mix, mean = "placement_semi_independent", 0.0
        else:
            band = max(bound for bound in (0, 5, 10, 14, 16) if bound <= age)
            first = "first_" if not plan and band < 14 else ""
            mix, mean = f"placement_{first}{band}", 0.0
        drawn = shape.draw(rng, mix)
        mean = mean or _mean_days(restless, plan, period.kind, drawn)
        end = day + 2 + int(rng.expovariate(1 / mean))
        if leaves_home is not None and day < leaves_home < end:
            end = leaves_home
        if end > period.end - 7:
            end = period.end
        placement = _new(world, day, end, drawn, rng)
        if end < period.end:
            placement.change_reason = shape.draw(rng, "change_reason")
        plan.append(placement)
        if drawn.startswith("U6") and end - day > 2 * YEAR and shape.happens(rng, "made_long_term"):
            plan.append(_made_long_term(placement, rng))
        day = end
    return plan


def _mean_days(restless: bool, plan: list[Placement], kind: str, drawn: str) -> float:
    rates = profile().rates
    if kind == "uasc":
        return rates["placement_days_uasc"]
    if not plan:
        return rates["placement_days_first"]
    if restless and not drawn.startswith(("U1", "U3", "P1")):
        return rates["placement_days_restless"]
    if len(plan) == 1:
        return rates["placement_days_second"]
    return rates["placement_days_settled"]


def _made_long_term(before: Placement, rng: Random) -> Placement:
    """The same carer, from some day on as a long-term placement."""
    day = before.start + rng.randrange(200, 600)
    after = Placement(
        "", day, before.end, "U4", before.provider, before.address, before.change_reason, True
    )
    before.end, before.change_reason = day, "PLACE"
    return after


def _temporary(world: World, period: Period, plan: list[Placement], rng: Random) -> list[Placement]:
    shape = profile()
    stays: list[Placement] = []
    for placement in plan:
        if placement.end - placement.start < 60 or not shape.happens(rng, "temporary_stay"):
            continue
        start = placement.start + rng.randrange(20, placement.end - placement.start - 20)
        kind = shape.draw(rng, "temporary_type")
        stay = _new(world, start, start + rng.randrange(2, 8), f"{kind}:{placement.provider}", rng)
        stay.placement_id = f"PL{period.cla_id[3:]}T{len(stays)}"
        stays.append(stay)
    return stays


def add_placements(extract: SyntheticExtract, period: Period, placements: list[Placement]) -> None:
    """Add placements to the extract."""
    for placement in placements:
        extract.add(
            "ssd_cla_placement",
            {
                "clap_cla_placement_id": placement.placement_id,
                "clap_cla_id": period.cla_id,
                "clap_person_id": period.person.person_id,
                "clap_cla_placement_start_date": placement.start,
                "clap_cla_placement_type": placement.type,
                "clap_cla_placement_urn": placement.address.urn,
                "clap_cla_placement_distance": placement.address.distance,
                "clap_cla_placement_provider": placement.provider,
                "clap_cla_placement_postcode": placement.address.postcode,
                "clap_cla_placement_end_date": placement.end,
                "clap_cla_placement_change_reason": After(placement.end, placement.change_reason),
            },
        )
