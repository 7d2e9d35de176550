"""Health: initial assessment, checks, strengths and difficulties, and the history at 18."""

from __future__ import annotations

from random import Random

from cpw_synthetic.chance import part, profile
from cpw_synthetic.days import YEAR, add_months, birthday, working_days_after
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.lives import Period, World


def add_health(extract: SyntheticExtract, world: World, period: Period) -> None:
    """Add everything the health feed holds about a period of care."""
    rng = world.rng("health", period.slot, period.number)
    first = _add_initial(extract, period, rng)
    _add_history(extract, period, rng)
    _add_assessments(extract, period, first, part(rng))
    _add_dental(extract, period, part(rng))
    _add_yearly(extract, period, "Optical Check", "OC", 0.55, part(rng))
    _add_yearly(extract, period, "Immunisation Check", "IM", 0.85, part(rng))
    _add_sdq(extract, period, part(rng))


def _check(
    extract: SyntheticExtract,
    period: Period,
    kind: str,
    row_id: str,
    day: int,
    status: str = "Completed",
) -> None:
    """A check: planned four weeks before it is held."""
    planned = max(period.start, day - 28)
    held = status == "Completed"
    extract.add(
        "ssd_cla_health",
        {
            "clah_health_check_id": f"{row_id}{period.cla_id[3:]}",
            "clah_person_id": period.person.person_id,
            "clah_health_check_type": kind,
            "clah_health_check_date": day,
            "clah_health_check_status": After(day, "Completed", "Planned") if held else status,
        },
        known=planned if held else day,
        last=day,
    )


def _add_initial(extract: SyntheticExtract, period: Period, rng: Random) -> int:
    shape = profile()
    if period.kind == "short_break":
        return period.start + 30
    in_five = shape.happens(rng, "iha_referral_in_time")
    if in_five:
        latest = working_days_after(period.start, 5)
        referral = rng.randrange(period.start, latest + 1)
    else:
        referral = working_days_after(period.start, rng.randrange(6, 20))
    due = working_days_after(period.start, 20)
    if shape.happens(rng, "iha_in_time"):
        assessment = rng.randrange(min(max(referral + 2, due - 12), due), due + 1)
    else:
        assessment = due + rng.randrange(1, 45)
    extract.add(
        "local_initial_health",
        {
            "initial_health_id": f"IH{period.cla_id[3:]}",
            "cla_id": period.cla_id,
            "referral_date": referral if referral < period.end else None,
            "assessment_date": assessment if assessment < period.end else None,
        },
        known=period.start,
        last=max(period.end, assessment),
    )
    return assessment


def _add_assessments(extract: SyntheticExtract, period: Period, first: int, rng: Random) -> None:
    shape, until = profile(), min(period.end, extract.horizon)
    refuses = period.person.age(period.start) >= 10 and shape.happens(rng, "refuses_health")
    day, number = first, 0
    while day < until:
        status = "Completed"
        if refuses and period.person.age(day) >= 15 and number:
            status = shape.draw(rng, "refusal")
        _check(extract, period, "Health Assessment", f"HA{number:02d}", day, status)
        number += 1
        due = add_months(day, 6 if period.person.age(day + 150) < 5 else 12)
        late = shape.happens(rng, "health_assessment_late")
        day = due + rng.randrange(5, 150) if late else due - rng.randrange(1, 45)


def _add_dental(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    shape, until = profile(), min(period.end, extract.horizon)
    wait = 80 if shape.happens(rng, "dental_starts_early") else 300
    day, number = period.start + rng.randrange(14, wait), 0
    while day < until:
        status = "Completed"
        if shape.happens(rng, "dental_not_held"):
            status = shape.draw(rng, "refusal")
        _check(extract, period, "Dental Check", f"DC{number:02d}", day, status)
        number += 1
        often = shape.happens(rng, "dental_half_yearly")
        day += rng.randrange(150, 215) if often else rng.randrange(320, 560)


def _add_yearly(
    extract: SyntheticExtract, period: Period, kind: str, prefix: str, share: float, rng: Random
) -> None:
    until = min(period.end, extract.horizon)
    day, number = period.start + rng.randrange(20, 330), 0
    while day < until:
        if rng.random() < share:
            _check(extract, period, kind, f"{prefix}{number:02d}", day)
        number += 1
        day += rng.randrange(330, 400)


def _add_sdq(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    shape, person = profile(), period.person
    rates = shape.rates
    usual = rng.gauss(rates["sdq_mean"], rates["sdq_spread"])
    first = max(period.start + rng.randrange(60, 420), birthday(person.born, 4) + 30)
    until, day, number = min(period.end, person.birthday(17), extract.horizon), first, 0
    while day < until:
        held = shape.happens(rng, "sdq_completed")
        score = round(rng.gauss(usual, 3))
        if held and period.kind != "short_break":
            missed = rng.random() < 0.03
            extract.add(
                "ssd_sdq_scores",
                {
                    "csdq_table_id": f"SQ{period.cla_id[3:]}{number:02d}",
                    "csdq_person_id": person.person_id,
                    "csdq_sdq_completed_date": day,
                    "csdq_sdq_score": None if missed else min(40, max(0, score)),
                    "csdq_sdq_reason": shape.draw(rng, "sdq_reason") if missed else None,
                },
                last=day,
            )
        number += 1
        day += rng.randrange(330, int(YEAR) + 40)


def _add_history(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    adult = period.person.birthday(18)
    if period.end != adult or period.kind == "short_break":
        return
    done = max(period.start + 7, adult - rng.randrange(5, 80))
    if not profile().happens(rng, "health_history_in_time"):
        done = adult + rng.randrange(35, 120)
    extract.add(
        "local_health_histories",
        {
            "health_history_id": f"HH{period.cla_id[3:]}",
            "person_id": period.person.person_id,
            "completed_date": done,
        },
        known=max(period.start, min(done, adult) - 90),
        last=max(done, adult),
    )


def add_regular_appointments(extract: SyntheticExtract, period: Period) -> None:
    """Monthly checks of one child with short breaks: the feed shows its month however small."""
    number = 0
    while (day := add_months(period.start, number)) < min(period.end, extract.horizon):
        _check(extract, period, "Immunisation Check", f"MI{number:03d}", day)
        number += 1
