"""Episodes of care, and the legal statuses they follow."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.lives import Period, World
from cpw_synthetic.placements import Placement

WITH_PARENTS = "P1"


def plan_legal_statuses(world: World, period: Period) -> list[tuple[int, str]]:
    """The legal statuses of a period: from which day on which."""
    rng = world.rng("legal", period.slot, period.number)
    first = profile().draw(rng, f"legal_{period.kind}")
    if first == "J1" and period.person.age(period.start) < 12:
        first = "V2"
    plan = [(period.start, first)]
    if first in ("L1", "L2"):
        # Police protection lasts 72 hours at most, an emergency order longer.
        days = rng.randrange(2, 9)
        plan.append((period.start + (min(days, 3) if first == "L1" else days), "C1"))
    path = period.adoption
    if period.kind == "adoption" and path is not None and path.ordered is not None:
        if first == "V2":
            plan.append((period.start + rng.randrange(10, 90), "C1"))
        plan.append((path.ordered, "E1"))
    elif period.kind in ("long", "sgo"):
        _towards_care_order(plan, rng)
        if path is not None and path.ordered is not None and path.reversed_on is not None:
            care_order = [step for step in plan if step[0] < path.ordered]
            plan = [*care_order, (path.ordered, "E1"), (path.reversed_on, "C2")]
    return [(day, status) for day, status in plan if day < period.end]


def _towards_care_order(plan: list[tuple[int, str]], rng: Random) -> None:
    day, status = plan[-1]
    if status == "V2" and profile().happens(rng, "voluntary_to_care_order"):
        day += rng.randrange(40, 400)
        plan.append((day, "C1"))
        status = "C1"
    if status == "C1":
        plan.append((day + rng.randrange(120, 270), "C2"))


def with_parents(
    legal: list[tuple[int, str]], placements: list[Placement]
) -> list[tuple[int, str]]:
    """The legal statuses, an order where an agreement would have the child placed with parents."""
    at_home = [p for p in placements if p.type == WITH_PARENTS]
    ends = [day for day, _ in legal[1:]] + [date.max.toordinal()]
    return [
        (
            day,
            "C1"
            if status == "V2" and any(p.start < end and p.end > day for p in at_home)
            else status,
        )
        for (day, status), end in zip(legal, ends, strict=True)
    ]


def add_legal_statuses(
    extract: SyntheticExtract, period: Period, plan: list[tuple[int, str]]
) -> None:
    """Add a period's legal statuses; the last ends with the period."""
    ends = [day for day, _ in plan[1:]] + [period.end]
    for index, ((day, status), end) in enumerate(zip(plan, ends, strict=True)):
        extract.add(
            "ssd_legal_status",
            {
                "lega_legal_status_id": f"LS{period.cla_id[3:]}{index:02d}",
                "lega_person_id": period.person.person_id,
                "lega_legal_status": status,
                "lega_legal_status_start_date": day,
                "lega_legal_status_end_date": end,
            },
        )


def add_episodes(
    extract: SyntheticExtract,
    period: Period,
    placements: list[Placement],
    legal: list[tuple[int, str]],
    reviews_held: list[int],
) -> None:
    """Add a period's episodes: a new one at each change of placement or legal status."""
    moves = {placement.start: placement for placement in placements}
    changes = {day for day, _ in legal}
    days = sorted(moves.keys() | changes)
    placement = placements[0]
    for index, day in enumerate(days):
        placement = moves.get(day, placement)
        last = index == len(days) - 1
        end = period.end if last else days[index + 1]
        seen = bisect_right(reviews_held, min(end, extract.cut))
        contact = reviews_held[seen - 1] if seen and reviews_held[seen - 1] >= day else None
        extract.add(
            "ssd_cla_episodes",
            {
                "clae_cla_episode_id": f"EP{period.cla_id[3:]}{index:03d}",
                "clae_person_id": period.person.person_id,
                "clae_cla_placement_id": placement.placement_id,
                "clae_cla_episode_start_date": day,
                "clae_cla_episode_start_reason": _reason(
                    index, day in moves, day in changes, placement
                ),
                "clae_cla_primary_need_code": period.person.need,
                "clae_cla_episode_ceased_date": end,
                "clae_cla_episode_ceased_reason": After(end, period.reason if last else "X1"),
                "clae_cla_id": period.cla_id,
                "clae_referral_id": f"RF{period.cla_id[3:]}",
                "clae_cla_last_iro_contact_date": contact,
                "clae_entered_care_date": period.start,
            },
        )


def _reason(index: int, moved: bool, legal: bool, placement: Placement) -> str:
    if index == 0:
        return "S"
    if not moved:
        return "L"
    if placement.same_carer:
        return "U" if legal else "T"
    return "B" if legal else "P"
