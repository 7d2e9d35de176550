"""What happens now and then: going missing, offending, child protection plans, complaints."""

from __future__ import annotations

from datetime import date
from random import Random

from cpw_synthetic.chance import part, profile
from cpw_synthetic.days import add_months, working_days_after
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.lives import Period, World

_MINUTES = 24 * 60
_CHAINS_BEGIN = date(1996, 1, 10).toordinal()


def add_incidents(extract: SyntheticExtract, world: World, period: Period) -> None:
    """Add what happened now and then in a period of care."""
    rng = world.rng("incidents", period.slot, period.number)
    if period.kind != "short_break":
        _add_protection_plan(extract, period, rng)
        _add_missing(extract, period, part(rng))
        _add_youth_offending(extract, period, part(rng))
    _add_complaints(extract, period, part(rng))


def _add_missing(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    shape, person = profile(), period.person
    runs = "missing_often" if shape.happens(rng, "runs_away") else "missing_seldom"
    rate = shape.rates[runs]
    begins = max(period.start, person.birthday(11))
    until = min(period.end, extract.horizon)
    day, number = begins + int(rng.expovariate(rate)), 0
    while day < until:
        row_id = f"MS{period.cla_id[3:]}{number:03d}"
        number += 1
        start = day * _MINUTES + rng.randrange(7 * 60, _MINUTES)
        low, high = map(int, shape.draw(rng, "missing_hours").split(":"))
        end = start + rng.randrange(low * 60, high * 60)
        end = min(end, period.end * _MINUTES + 12 * 60)
        back = end // _MINUTES
        kind = "A" if shape.happens(rng, "missing_away") else "M"
        completed = shape.happens(rng, "interview_completed")
        # A generator of its own: what is drawn next must not depend on what is shown.
        own = part(rng)
        shown = extract.add(
            "ssd_missing",
            {
                "miss_table_id": row_id,
                "miss_person_id": person.person_id,
                "miss_missing_episode_start_date": start,
                "miss_missing_episode_type": kind,
                "miss_missing_episode_end_date": end,
                "miss_missing_rhi_offered": After(back, "Y"),
                "miss_missing_rhi_accepted": After(back, "Y" if completed else "N"),
            },
            last=back,
        )
        if shown and (kind == "M" or completed):
            _add_interview(extract, row_id, back, completed, own)
        day = back + 1 + int(rng.expovariate(rate))


def _add_interview(
    extract: SyntheticExtract, missing_id: str, back: int, completed: bool, rng: Random
) -> None:
    soon = profile().happens(rng, "interview_soon")
    if soon:
        day = rng.randrange(back, working_days_after(back, 3) + 1)
    else:
        day = working_days_after(back, rng.randrange(4, 15))
    extract.add(
        "local_return_interviews",
        {
            "return_interview_id": f"RI{missing_id[2:]}",
            "miss_table_id": missing_id,
            "interview_date": day if completed else None,
            "interview_completed": After(day, "Y", "N") if completed else "N",
        },
        known=back,
    )


def _add_youth_offending(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    person = period.person
    rate = profile().rates["youth_offending_per_day"]
    begins = max(period.start, person.birthday(12))
    day, number = begins + int(rng.expovariate(rate)), 0
    while day < min(period.end, extract.horizon):
        end = min(day + rng.randrange(60, 420), period.end + 60)
        extract.add(
            "local_youth_offending",
            {
                "youth_offending_id": f"YO{period.cla_id[3:]}{number:02d}",
                "person_id": person.person_id,
                "start_date": day,
                "end_date": min(end, person.birthday(18)),
            },
            last=end,
        )
        number += 1
        day = end + int(rng.expovariate(rate))


def _add_protection_plan(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    """A plan made before care began for the first time, and ended soon after."""
    shape, person = profile(), period.person
    begins = period.start == person.entered and not person.uasc
    wanted = begins and shape.happens(rng, "protection_plan")
    start = max(person.born, period.start - rng.randrange(5, 300))
    end = min(period.start + rng.randrange(10, 120), person.birthday(18))
    category = shape.draw(rng, "protection_category")
    if wanted:
        extract.add(
            "ssd_cp_plans",
            {
                "cppl_cp_plan_id": f"CP{period.cla_id[3:]}",
                "cppl_referral_id": f"RF{period.cla_id[3:]}",
                "cppl_person_id": person.person_id,
                "cppl_cp_plan_start_date": start,
                "cppl_cp_plan_end_date": end,
                "cppl_cp_plan_ola": "N",
                "cppl_cp_plan_initial_category": category,
                "cppl_cp_plan_latest_category": category,
            },
            # Known with the person, who is known when care begins.
            known=period.start,
            last=end,
        )


def _add_complaints(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    rate = profile().rates["complaints_per_day"]
    begins = max(period.start, period.person.birthday(5))
    day, number = begins + int(rng.expovariate(rate)), 0
    while day < min(period.end, extract.horizon):
        named = not profile().happens(rng, "complaint_unnamed")
        extract.add(
            "local_complaints",
            {
                "complaint_id": f"CO{period.cla_id[3:]}{number:02d}",
                "person_id": period.person.person_id if named else None,
                "received_date": day,
            },
            last=day,
        )
        number += 1
        day += 1 + int(rng.expovariate(rate))


def add_other_authorities(extract: SyntheticExtract, world: World, slot: int) -> None:
    """Other authorities' placements in the area: a chain, as of children in care.

    In the first slot a short stay begins every month, so that a feed shows its month however
    few the children.
    """
    shape, rng = profile(), world.rng("other_authorities", slot)
    day, number = _CHAINS_BEGIN + rng.randrange(0, 15), 0
    while day <= extract.cut:
        end = day + 30 + int(rng.expovariate(1 / shape.rates["other_authority_days"]))
        if slot == 0:
            end = add_months(day, 1)
        extract.add(
            "local_ola_placements",
            {
                "ola_placement_id": f"OL{slot:05d}{number:04d}",
                "placing_authority": shape.draw(rng, "placing_authority"),
                "start_date": day,
                "end_date": end,
            },
            last=end,
        )
        day, number = end, number + 1
