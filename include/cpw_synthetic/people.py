"""Persons, their disabilities and their immigration status."""

from __future__ import annotations

from cpw_synthetic.chance import profile
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.lives import Period, Person, World


def add_person(extract: SyntheticExtract, world: World, period: Period) -> None:
    """Add a period's person, once, with disabilities."""
    person, shape = period.person, profile()
    if person.shown:
        return
    person.shown = True
    rng = world.rng("person", person.person_id)
    mother = None
    if person.sex == "F" and shape.happens(rng, "is_mother"):
        mother = person.birthday(16) + rng.randrange(1200)
    disabled = "disabled_short_break" if period.kind == "short_break" else "disabled"
    codes = {"NONE"}
    if shape.happens(rng, disabled) and not person.uasc:
        number = int(shape.draw(rng, "disabilities"))
        codes = {shape.draw(rng, "disability") for _ in range(number)}
    write_person(extract, person, sorted(codes), mother)


def write_person(
    extract: SyntheticExtract, person: Person, disabilities: list[str], mother: int | None = None
) -> None:
    """Add a person's row, and one for each disability; ``mother`` from a day on."""
    extract.add(
        "ssd_person",
        {
            "pers_person_id": person.person_id,
            "pers_sex": person.sex,
            "pers_gender": person.sex,
            "pers_ethnicity": person.ethnicity,
            "pers_dob": person.born,
            "pers_send_flag": "N" if person.sen == "NONE" else "Y",
            "pers_death_date": person.died,
            "pers_is_mother": After(mother, "Y", "N"),
            "pers_nationality": person.nationality,
        },
    )
    for code in disabilities:
        extract.add(
            "ssd_disability",
            {
                "disa_table_id": f"DI{person.person_id[3:]}{code}",
                "disa_person_id": person.person_id,
                "disa_disability_code": code,
            },
        )


def add_immigration(extract: SyntheticExtract, world: World, period: Period) -> None:
    """Add the immigration statuses of an unaccompanied child: that one ends at 18."""
    person, shape = period.person, profile()
    if not person.uasc:
        return
    rng = world.rng("immigration", period.slot, period.number)
    adult = person.birthday(18)
    if period.reason == "E15":
        _add(extract, person, 0, "UASC", period.start, period.end)
        return
    _add(extract, person, 0, "UASC", period.start, adult)
    decided = adult + rng.randrange(0, 500)
    status = shape.draw(rng, "status_as_adult")
    if decided > adult:
        _add(extract, person, 1, "ASYL", adult, decided)
    _add(extract, person, 2, status, decided, None)


def _add(
    extract: SyntheticExtract, person: Person, number: int, status: str, start: int, end: int | None
) -> None:
    extract.add(
        "ssd_immigration_status",
        {
            "immi_immigration_status_id": f"IS{person.person_id[3:]}{number}",
            "immi_person_id": person.person_id,
            "immi_immigration_status_start_date": start,
            "immi_immigration_status_end_date": end,
            "immi_immigration_status": status,
        },
    )
