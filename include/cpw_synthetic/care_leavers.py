"""Care leavers: where each stands today, and how each did at every birthday."""

from __future__ import annotations

from datetime import date
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months, day_of
from cpw_synthetic.extract import SyntheticExtract
from cpw_synthetic.lives import Period, World
from cpw_synthetic.workforce import Workforce

_IN_TOUCH_UNTIL = 25


def add_care_leaver(
    extract: SyntheticExtract, world: World, workforce: Workforce, period: Period
) -> None:
    """Add a care leaver's row as of the cut, and the outcomes at the 17th to 21st birthday."""
    rng = world.rng("care_leaver", period.slot, period.number)
    years = [_year(period, age, rng) for age in range(16, _IN_TOUCH_UNTIL + 1)]
    _add_outcomes(extract, world, period, years)
    closes = _closes(period, rng)
    if period.end <= extract.cut < closes and not period.person.died:
        _add_today(extract, world, workforce, period, years)


_Year = tuple[str, str, str | None, str]


def _year(period: Period, age: int, rng: Random) -> _Year:
    """In touch, accommodation, its suitability and activity in a year of age."""
    shape = profile()
    touch = shape.draw(rng, "in_touch" if age < 21 else "in_touch_21")
    if period.slot == 0:
        # Whose contacts show the feed's month, however few the care leavers.
        touch = "YES"
    kind = "uasc" if period.kind == "uasc" else "citizen"
    if period.reason == "E17" and age < 20 and shape.happens(rng, "stays_put"):
        home = "Z"
    else:
        home = shape.draw(rng, f"accommodation_{kind}")
    activity = shape.draw(rng, f"activity_{kind}" if age < 21 else "activity_21")
    suitable: str | None = "2" if home in "SVWX" or shape.happens(rng, "unsuitable") else "1"
    if touch != "YES":
        home, suitable, activity = ("R" if touch == "NO" else "0"), None, "0"
    return touch, home, suitable, activity


def _closes(period: Period, rng: Random) -> int:
    """The day the service closes the case: some time after 21, or at 25."""
    person, shape = period.person, profile()
    if shape.happens(rng, "service_to_25"):
        return person.birthday(25)
    if shape.happens(rng, "closed_at_21"):
        return person.birthday(21)
    return person.birthday(21) + rng.randrange(20, 400)


def _add_outcomes(
    extract: SyntheticExtract, world: World, period: Period, years: list[_Year]
) -> None:
    shape, person = profile(), period.person
    rng = world.rng("outcomes", period.slot, period.number)
    for age in range(17, 22):
        day = person.birthday(age)
        touch, home, suitable, activity = years[age - 16]
        contact: int | None = day - rng.randrange(0, 80)
        if rng.random() < 0.25:
            contact = day + rng.randrange(1, 28)
        if touch != "YES" or shape.happens(rng, "contact_long_ago"):
            contact = day - rng.randrange(100, 300)
        if touch in ("REFU", "NREQ", "RHOM"):
            contact = None
        if contact is not None and contact < period.end:
            contact = period.end if touch == "YES" else None
        if day < period.end:
            continue
        extract.add(
            "local_care_leaver_outcomes",
            {
                "outcome_id": f"OU{period.cla_id[3:]}{age}",
                "person_id": person.person_id,
                "birthday_date": day,
                "in_touch": touch,
                "latest_contact_date": contact,
                "accommodation": home,
                "accommodation_suitable": suitable,
                "activity": activity,
            },
            # Written down with the contact, where that comes after the birthday.
            known=max(day, contact or day),
            last=max(day, contact or day),
        )


def _add_today(
    extract: SyntheticExtract,
    world: World,
    workforce: Workforce,
    period: Period,
    years: list[_Year],
) -> None:
    person = period.person
    age = person.age(extract.cut)
    touch, home, suitable, activity = years[age - 16]
    worker, team = workforce.adviser(
        extract, person.area, world.rng("adviser", period.slot, period.number)
    )
    extract.add(
        "ssd_care_leavers",
        {
            "clea_table_id": f"CL{person.person_id[3:]}",
            "clea_person_id": person.person_id,
            "clea_care_leaver_eligibility": "Relevant" if age < 18 else "Former Relevant",
            "clea_care_leaver_in_touch": touch,
            "clea_care_leaver_latest_contact": _latest_contact(extract, world, period, years),
            "clea_care_leaver_accommodation": home,
            "clea_care_leaver_accom_suitable": suitable,
            "clea_care_leaver_activity": activity,
            "clea_pathway_plan_review_date": _latest_plan(extract, world, period),
            "clea_care_leaver_personal_advisor": worker,
            "clea_care_leaver_allocated_team": team,
            "clea_care_leaver_worker_id": worker,
        },
    )


def _latest_contact(
    extract: SyntheticExtract, world: World, period: Period, years: list[_Year]
) -> int | None:
    """The latest contact known: about every month while in touch.

    In the first slot, on the middle days of every month: a feed shows its month however few.
    """
    rates = profile().rates
    today = date.fromordinal(extract.cut)
    in_touch = years[period.person.age(extract.cut) - 16][0] == "YES"
    steady = period.slot == 0
    for back in range(0, 36):
        index = today.year * 12 + today.month - 1 - back
        year, month = index // 12, index % 12 + 1
        rng = world.rng("contact", period.slot, period.number, index)
        day = day_of(year, month, rng.randrange(10, 27) if steady else rng.randrange(1, 29))
        missed = rng.random() < rates["month_without_contact"] and not steady
        if day > extract.cut or missed:
            continue
        # Who is out of touch has been so for a while.
        if not in_touch and day > extract.cut - 28:
            continue
        if day <= period.end:
            lately = not in_touch and period.end > extract.cut - 28
            return None if lately else period.end
        if in_touch or years[period.person.age(day) - 16][0] == "YES":
            return day
    return None


def _latest_plan(extract: SyntheticExtract, world: World, period: Period) -> int:
    """The latest review of the pathway plan known: about every five months."""
    rng = world.rng("pathway", period.slot, period.number)
    day = period.end - rng.randrange(0, 120)
    while True:
        late = profile().happens(rng, "pathway_plan_late")
        following = add_months(day, 6) + (rng.randrange(5, 100) if late else -rng.randrange(1, 50))
        if following > extract.cut:
            return max(day, period.start)
        day = following
