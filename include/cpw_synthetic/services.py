"""The services around the children: adopters, fostering households, reviewing officers."""

from __future__ import annotations

from datetime import date
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.days import YEAR, day_of
from cpw_synthetic.extract import SyntheticExtract
from cpw_synthetic.lives import Period, World

_JOURNEY_MONTHS = 48
_HOUSEHOLDS_BEGIN = date(1996, 1, 1).toordinal()


def add_adopters(extract: SyntheticExtract, world: World) -> None:
    """Add the families that enquired about adopting, as far as their journey is of interest."""
    yearly = profile().rates["adopter_enquiries_per_child"] * world.children
    first, last = (date.fromordinal(day) for day in (extract.history, extract.cut))
    start = first.year * 12 + first.month - 1 - _JOURNEY_MONTHS
    for month in range(start, last.year * 12 + last.month):
        rng = world.rng("adopters", month)
        families = int(yearly / 12 + rng.random())
        for number in range(families):
            day = day_of(month // 12, month % 12 + 1, rng.randrange(1, 29))
            _add_family(extract, f"AF{month:05d}{number:03d}", day, rng)


def _add_family(extract: SyntheticExtract, adopter_id: str, enquiry: int, rng: Random) -> None:
    """One family: how far it comes, and when."""
    shape = profile()
    fast = shape.happens(rng, "adopter_fast_tracked")
    steps = ["registers", "goes_on", "is_approved", "is_matched", "adopts"]
    reached = 0
    while reached < len(steps) and shape.happens(rng, f"adopter_{steps[reached]}"):
        reached += 1
    stage_1 = enquiry + rng.randrange(30, 140)
    stage_1_end = stage_1 + rng.randrange(35, 90)
    stage_2 = stage_1 if fast else stage_1_end + rng.randrange(5, 100)
    approved = stage_2 + rng.randrange(60, 130)
    matched = approved + rng.randrange(10, 320)
    placed = matched + rng.randrange(5, 25)
    ordered = placed + rng.randrange(120, 260)
    dates = {
        "stage_1_start_date": None if fast or reached < 1 else stage_1,
        "stage_1_end_date": None if fast or reached < 1 else stage_1_end,
        "stage_2_start_date": stage_2 if reached >= 2 else None,
        "stage_2_end_date": approved if reached >= 3 else None,
        "matched_date": matched if reached >= 4 else None,
        "placed_date": placed if reached >= 4 else None,
        "adoption_order_date": ordered if reached >= 5 else None,
    }
    extract.add(
        "local_adopters",
        {
            "adopter_id": adopter_id,
            "enquiry_date": enquiry,
            "fast_tracked": "Y" if fast else "N",
            **dates,
        },
        last=max([enquiry, *(day for day in dates.values() if day is not None)]),
    )


def add_fostering_households(extract: SyntheticExtract, world: World) -> None:
    """Add the approved fostering households: as one stops, another is approved."""
    shape = profile()
    count = max(1, round(shape.rates["fostering_households_per_child"] * world.children))
    for slot in range(count):
        rng = world.rng("fostering_households", slot)
        kind = shape.draw(rng, "fostering_household")
        day, number = _HOUSEHOLDS_BEGIN - rng.randrange(0, 2000), 0
        while day <= extract.cut:
            years = shape.rates["fostering_household_years"]
            end = day + 90 + int(rng.expovariate(1 / (years * YEAR)))
            extract.add(
                "local_fostering_households",
                {
                    "household_id": f"FH{slot:05d}{number:03d}",
                    "household_type": kind,
                    "area": shape.draw(rng, "area"),
                    "approved_places": 1 if kind == "CONNECTED" else rng.randrange(1, 4),
                    "approved_date": day,
                    "ended_date": end,
                },
                last=end,
            )
            day, number = end, number + 1


def add_review_record(
    extract: SyntheticExtract, world: World, period: Period, review_id: str, day: int
) -> None:
    """Add what the reviewing officer recorded of a review, and the dispute raised at it."""
    shape, rng = profile(), world.rng("review_record", review_id)

    def answer(rate: str) -> str | None:
        given = not shape.happens(rng, "review_question_skipped")
        says = "Y" if shape.happens(rng, rate) else "N"
        return says if given else None

    extract.add(
        "local_review_quality",
        {
            "review_quality_id": f"RQ{review_id[2:]}",
            "review_id": review_id,
            "chaired_by_iro": "Y" if shape.happens(rng, "review_chaired_by_iro") else "N",
            "plan_shared_and_views_recorded": answer("plan_shared"),
            "plan_in_timeframe": answer("plan_in_timeframe"),
            "plan_grade": shape.draw(rng, "plan_grade"),
        },
        known=day,
        last=day,
    )
    if shape.happens(rng, "dispute_raised"):
        resolved = min(day + rng.randrange(3, 90), period.end)
        extract.add(
            "local_dispute_resolutions",
            {
                "dispute_id": f"DR{review_id[2:]}",
                "cla_id": period.cla_id,
                "subject": shape.draw(rng, "dispute_subject"),
                "level": int(shape.draw(rng, "dispute_level")),
                "raised_date": day,
                "resolved_date": resolved,
            },
            last=resolved,
        )


def add_iro_notification(extract: SyntheticExtract, world: World, period: Period) -> None:
    """Add when the reviewing service was told that a period of care had begun."""
    shape, rng = profile(), world.rng("iro_notification", period.slot, period.number)
    late = shape.happens(rng, "iro_told_late")
    told = period.start + (rng.randrange(4, 15) if late else rng.randrange(0, 2))
    extract.add(
        "local_iro_notifications",
        {
            "notification_id": f"IN{period.cla_id[3:]}",
            "cla_id": period.cla_id,
            "notified_date": told,
        },
        known=period.start,
        last=max(told, period.end),
    )
