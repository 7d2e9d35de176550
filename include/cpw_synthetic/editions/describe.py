"""Ethnicity, nationality and disability of the children, exactly as a month's tables print them."""

from __future__ import annotations

from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.plan import Plan
from cpw_synthetic.editions.shapes import Shape, shape

_UASC_ORIGINS = {
    "Afghanistani": ("AOTH", "OOTH"),
    "Albanian": ("WOTH",),
    "Chad": ("BAFR",),
    "Congolese": ("BAFR",),
    "Egyptian": ("OOTH", "BAFR"),
    "Eritrean": ("BAFR",),
    "Ethiopian": ("BAFR",),
    "Guinean": ("BAFR",),
    "Iranian": ("OOTH",),
    "Iraqi": ("OOTH",),
    "Kuwaiti": ("OOTH",),
    "Sudanese": ("BAFR",),
    "Syrian": ("OOTH",),
    "Vietnamese": ("AOTH", "OOTH"),
}
_ELSEWHERE = {
    "Bangladeshi": ("ABAN",),
    "Chinese": ("CHNE",),
    "Czech": ("WROM", "WOTH"),
    "Ghana": ("BAFR",),
    "Indian": ("AIND",),
    "Irish": ("WIRI", "WIRT"),
    "Ivorian": ("BAFR",),
    "Nepalese": ("AOTH",),
    "Nigerian": ("BAFR",),
    "Omani": ("OOTH",),
    "Sierra Leone": ("BAFR",),
    "Slovak": ("WROM", "WOTH"),
    "South African": ("BAFR", "WOTH"),
    "Sri Lankan": ("AOTH",),
    "Turkish": ("OOTH",),
}


def describe(plan: Plan) -> None:
    """Set ethnicity, nationality and disabilities as the printed tables have them."""
    rng = plan.rng("describe")
    in_care = plan.in_care(plan.months[-1])
    if shape(plan.edition.name, "ethnicity"):
        _set_origins(plan, in_care, rng)
    if shape(plan.edition.name, "disability"):
        _set_disabilities(plan, in_care, rng)
    for life in plan.lives:
        if life.disabled and not life.disabilities:
            number = int(profile().draw(rng, "disabilities"))
            life.disabilities = sorted({profile().draw(rng, "disability") for _ in range(number)})


def _set_origins(plan: Plan, lives: list[Life], rng: Random) -> None:
    name = plan.edition.name
    ethnicities = [row.value for row in shape(name, "ethnicity")]
    nationalities = [row.value for row in shape(name, "nationality")]
    choice: Choice[Life, tuple[str, str]] = Choice(f"origins of edition {name}")
    for life in lives:
        options = []
        for nationality in nationalities:
            for ethnicity in ethnicities:
                effects = Effects()
                effects.count(f"ethnicity {ethnicity} {life.sex}")
                effects.count(f"nationality {nationality} {life.sex}")
                cost = _oddity(life.uasc, nationality, ethnicity)
                options.append(Option((nationality, ethnicity), effects, cost))
        choice.add(life, options, alike=(life.uasc, life.sex))
    for dimension in ("ethnicity", "nationality"):
        for row in shape(name, dimension):
            _require(choice, dimension, row)
    for life, option in choice.solve(rng):
        life.nationality, life.ethnicity = option.payload
        person = plan.periods[life].person
        person.nationality, person.ethnicity = option.payload


def _require(choice: Choice[Life, tuple[str, str]], dimension: str, row: Shape) -> None:
    """Require the printed numbers of girls and boys, or the total where only that is printed."""
    names = {sex: f"{dimension} {row.value} {sex}" for sex in ("F", "M")}
    if row.by_sex:
        choice.exactly(names["F"], row.female)
        choice.exactly(names["M"], row.male)
    else:
        choice.balance({names["F"]: 1.0, names["M"]: 1.0}, row.total)


def _oddity(uasc: bool, nationality: str, ethnicity: str) -> float:
    """How unusual a nationality is with an ethnicity; every pair is possible."""
    white_or_mixed = ethnicity[0] in "WM"
    if uasc:
        if nationality in _UASC_ORIGINS:
            return 0.0 if ethnicity in _UASC_ORIGINS[nationality] else 2.0
        return 6.0
    if nationality == "British":
        return 0.0 if white_or_mixed else 0.5
    if nationality in _UASC_ORIGINS:
        return 3.0 if ethnicity in _UASC_ORIGINS[nationality] else 5.0
    usual = _ELSEWHERE.get(nationality, ("WOTH", "WROM"))
    return 0.2 if ethnicity in usual else 2.0


def _set_disabilities(plan: Plan, lives: list[Life], rng: Random) -> None:
    """Give girls and boys the printed numbers of each disability, and of children without one."""
    for sex in ("F", "M"):
        rows = {
            row.value: round(row.female if sex == "F" else row.male)
            for row in shape(plan.edition.name, "disability")
        }
        own = [life for life in lives if life.sex == sex]
        own.sort(key=lambda life: (life.uasc, life.age(plan.edition.last.as_at) < 2, rng.random()))
        disabled = own[: len(own) - rows.pop("NONE")]
        for life in own:
            life.disabled, life.disabilities = life in disabled, []
        _deal(disabled, [code for code, number in rows.items() for _ in range(number)], rng)


def _deal(lives: list[Life], codes: list[str], rng: Random) -> None:
    """Deal codes to children: each gets at least one, and nobody gets the same one twice."""
    rng.shuffle(lives)
    codes.sort(key=lambda code: -codes.count(code))
    for index, code in enumerate(codes):
        life = lives[index % len(lives)]
        while code in life.disabilities:
            index += 1
            life = lives[index % len(lives)]
        life.disabilities.append(code)
    for life in lives:
        life.disabilities.sort()
