"""Education: schools, statuses after 16, special needs, exclusions and education plans."""

from __future__ import annotations

from datetime import date
from random import Random

from cpw_synthetic.chance import part, profile
from cpw_synthetic.days import day_of
from cpw_synthetic.extract import SyntheticExtract
from cpw_synthetic.lives import Period, World

_STATEMENTS_ENDED = date(2014, 9, 1).toordinal()
_SCHOOL_STARTS, _SECONDARY_STARTS, _SCHOOL_ENDS = 4, 11, 16


def add_education(extract: SyntheticExtract, world: World, period: Period) -> None:
    """Add a period's education records, and what happens at school."""
    rng = world.rng("education", period.slot, period.number)
    plan_issued = _add_ehcp_request(extract, period, rng)
    for number, (start, end, status, part_time, urn) in enumerate(
        _records(period, plan_issued, rng)
    ):
        sen = period.person.sen if status != "NOTREC" else "NONE"
        if plan_issued is not None and start >= plan_issued:
            sen = "EHCP"
        elif sen == "EHCP" and start < _STATEMENTS_ENDED:
            sen = "STATEMENT"
        extract.add(
            "local_education",
            {
                "education_id": f"ED{period.cla_id[3:]}{number:03d}",
                "person_id": period.person.person_id,
                "education_status": status,
                "part_time_timetable": "Y" if part_time else "N",
                "school_urn": urn,
                "sen_status": sen,
                "start_date": start,
                "end_date": end,
            },
            last=end,
        )
    _add_plans(extract, period, part(rng))
    _add_exclusions(extract, period, part(rng))


def _september(period: Period, age: int) -> int:
    """The first of September after a birthday."""
    birthday = date.fromordinal(period.person.birthday(age))
    september = day_of(birthday.year, 9, 1)
    return september if september > birthday.toordinal() else day_of(birthday.year + 1, 9, 1)


_Record = tuple[int, int, str, bool, str | None]


def _records(period: Period, plan_issued: int | None, rng: Random) -> list[_Record]:
    """Start, end, status, part-time timetable and school of each record."""
    shape = profile()
    after_school = _september(period, _SCHOOL_ENDS - 1)
    turns = [_september(period, _SCHOOL_STARTS), _september(period, _SECONDARY_STARTS)]
    turns += [after_school, after_school + 365]
    changes = [after_school + rng.randrange(60, 660)]
    if plan_issued is not None:
        changes.append(plan_issued)
    days = [period.start]
    days += sorted(day for day in {*turns, *changes} if period.start < day < period.end)
    records: list[_Record] = []
    for start, end in zip(days, [*days[1:], period.end], strict=True):
        if start < turns[0]:
            records.append((start, end, "NOTREC", False, None))
            continue
        urn = None if shape.happens(rng, "no_school") else f"{rng.randrange(118000, 146000)}"
        if start >= after_school:
            status = shape.draw(rng, "status_uasc" if period.kind == "uasc" else "status_after_16")
            records.append((start, end, status, False, urn if status == "FTE" else None))
            continue
        records.extend(_school(start, end, urn, rng))
    return records


def _school(start: int, end: int, urn: str | None, rng: Random) -> list[_Record]:
    """Years at one school, now and then on a part-time timetable for a while."""
    records: list[_Record] = []
    day = start
    rate = profile().rates["part_time_per_day"]
    while True:
        begins = day + 1 + int(rng.expovariate(rate))
        ends = begins + rng.randrange(30, 150)
        if ends >= end:
            records.append((day, end, "FTE", False, urn))
            return records
        records.append((day, begins, "FTE", False, urn))
        records.append((begins, ends, "FTE", True, urn))
        day = ends


def _add_ehcp_request(extract: SyntheticExtract, period: Period, rng: Random) -> int | None:
    """A request for an education, health and care plan, and when it was issued."""
    shape = profile()
    length = period.end - period.start
    happens = shape.happens(rng, "ehcp_requested") and period.kind in ("long", "short_break")
    request = period.start + int(rng.random() * length)
    age = period.person.age(request)
    if not happens or request < _STATEMENTS_ENDED or not _SCHOOL_STARTS <= age < 17:
        return None
    in_time = shape.happens(rng, "ehcp_in_time")
    issued = request + (rng.randrange(90, 141) if in_time else rng.randrange(141, 240))
    refused = shape.happens(rng, "ehcp_refused")
    extract.add(
        "local_ehcp_requests",
        {
            "ehcp_request_id": f"EH{period.cla_id[3:]}",
            "person_id": period.person.person_id,
            "request_date": request,
            "plan_issued_date": None if refused else issued,
        },
        last=issued,
    )
    return None if refused else issued


def _add_plans(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    """A personal education plan each term, from the first weeks in care."""
    shape = profile()
    begins = max(period.start + rng.randrange(10, 60), period.person.birthday(4))
    until = min(period.end, extract.horizon)
    day, number = begins, 0
    while day < until:
        if shape.happens(rng, "pep_held"):
            extract.add(
                "local_personal_education_plans",
                {
                    "pep_id": f"PE{period.cla_id[3:]}{number:03d}",
                    "person_id": period.person.person_id,
                    "pep_date": day,
                },
                last=day,
            )
        number += 1
        day += rng.randrange(100, 145)


def _add_exclusions(extract: SyntheticExtract, period: Period, rng: Random) -> None:
    shape = profile()
    begins = max(period.start, period.person.birthday(9))
    until = min(period.end, _september(period, _SCHOOL_ENDS - 1), extract.horizon)
    often = "exclusions_often" if shape.happens(rng, "excluded_at_all") else "exclusions_seldom"
    rate = shape.rates[often]
    day, number = begins + int(rng.expovariate(rate)), 0
    while day < until:
        permanent = shape.happens(rng, "exclusion_permanent")
        extract.add(
            "local_exclusions",
            {
                "exclusion_id": f"EX{period.cla_id[3:]}{number:03d}",
                "person_id": period.person.person_id,
                "exclusion_type": "PERMANENT" if permanent else "FIXED",
                "exclusion_date": day,
            },
            last=day,
        )
        number += 1
        day += 7 + int(rng.expovariate(rate))
