"""The lives of an edition: more are drawn than needed, and those that fit together are kept.

This step determines everything that follows from who is in care from when to when: the children in
care in each month, those who enter and leave, their ages, and the denominators that depend on them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random

from cpw_synthetic.days import add_months, birthday, iso, working_days_after
from cpw_synthetic.editions.choose import Choice, Effects, Option, total
from cpw_synthetic.editions.life import ADOPTION, GUARDIANSHIP, Life, leavers, pool, who
from cpw_synthetic.editions.shapes import shape
from cpw_synthetic.editions.targets import PrintedEdition

Background = tuple[bool, bool]
"""Of a minority ethnic background or not, disabled or not."""


def draw_lives(edition: PrintedEdition, rng: Random) -> list[Life]:
    """Choose the lives of an edition.

    Raises:
        CalibrationError: the printed figures cannot all be met.
    """
    drawn = list(pool(edition, rng))
    effects = [_effects(edition, life) for life in drawn]
    choice: Choice[int, None] = Choice(f"lives of edition {edition.name}")
    for index, added in enumerate(effects):
        choice.add(index, [Option(None, added)], may_drop=True)
    _require(edition, choice)
    wanted = Counter(tuple(sorted(option.effects.items())) for _, option in choice.solve(rng))
    lives = _as_girls_and_boys(edition, drawn, effects, wanted, rng)
    lives.sort(key=lambda life: (life.start, life.end, life.born, life.sex, life.ethnicity))
    for number, life in enumerate(lives):
        life.number = number
    _describe_leavers(edition, lives, rng)
    _let_some_return(edition, lives, rng)
    return lives


# ---------------------------------------------------------------------- what a life adds to what


def _effects(edition: PrintedEdition, life: Life) -> Effects:
    effects = Effects()
    for index, month in enumerate(edition.months):
        if life.in_care(month.as_at):
            _effects_in_care(edition, life, index, effects)
        if month.in_year(life.start):
            effects.kpi("re_entry_within_24m", index, life.uasc, 0)
        for kpi_id, days in (
            ("iha_referral_within_5_working_days", 5),
            ("iha_within_20_working_days", 20),
        ):
            due = working_days_after(life.start, days)
            if month.in_window(due) and due < life.end:
                effects.kpi(kpi_id, index, life.uasc, 0)
        if month.in_window(life.end):
            _effects_of_leaving(life, index, effects)
        adult = birthday(life.born, 18)
        if month.first <= adult <= month.as_at and life.start < adult <= life.end:
            effects.kpi("health_history_at_18", index, life.uasc, 0)
    for event, day in (("entries", life.start), ("exits", life.end)):
        if edition.begin < day <= edition.last.as_at:
            effects.count(f"{event} {life.uasc} {iso(day)[:7]}")
    return effects


def _effects_in_care(edition: PrintedEdition, life: Life, index: int, effects: Effects) -> None:
    month = edition.months[index]
    age = life.age(month.as_at)
    for kpi_id, months in (
        ("health_assessment_in_timescale", edition.health_minimum_months),
        ("same_social_worker_12m", 18),
        ("sen_statement_12m", 12),
    ):
        if life.start <= month.end(months):
            effects.kpi(kpi_id, index, life.uasc, 0)
    effects.kpi("number_of_cic", index, life.uasc, 1)
    if month is edition.last and shape(edition.name, "age"):
        effects.count(f"age {age}")
    if working_days_after(life.start, 20) <= month.as_at:
        effects.kpi("reviews_in_timescale", index, life.uasc, 0)
    if age < 16 and life.start <= month.end(30):
        effects.kpi("same_placement_2y", index, life.uasc, 0)
    if age >= 16 and life.start <= month.end(12):
        effects.kpi("neet_16_to_18", index, life.uasc, 0)
    if 5 <= age <= 17 and not life.uasc:
        effects.kpi("no_school_recorded_exc_uasc", index, False, 0)


def _effects_of_leaving(life: Life, index: int, effects: Effects) -> None:
    adopted = life.reason in ADOPTION
    effects.kpi("left_care_adopted", index, life.uasc, adopted)
    if adopted:
        effects.kpi("placed_within_12_months_of_adm", index, life.uasc, 0)
    effects.kpi("left_care_sgo", index, life.uasc, life.reason in GUARDIANSHIP)
    if life.age(life.end) >= 5:
        effects.kpi("left_care_adopted_aged_5_plus", index, life.uasc, adopted)


# ------------------------------------------------------------------------------ what was printed


def _require(edition: PrintedEdition, choice: Choice[int, None]) -> None:
    for kpi_id in (
        "left_care_adopted",
        "left_care_sgo",
        "left_care_adopted_aged_5_plus",
    ):
        choice.kpi(edition, kpi_id)
        choice.kpi(edition, f"{kpi_id}_exc_uasc", as_kpi=kpi_id)
    for kpi_id in (
        "placed_within_12_months_of_adm",
        "re_entry_within_24m",
        "iha_referral_within_5_working_days",
        "iha_within_20_working_days",
        "health_history_at_18",
        "health_assessment_in_timescale",
        "same_social_worker_12m",
        "sen_statement_12m",
        "reviews_in_timescale",
        "same_placement_2y",
        "neet_16_to_18",
        "no_school_recorded_exc_uasc",
    ):
        choice.kpi(edition, kpi_id, free=True)
    _require_adopted(edition, choice)
    _require_children_in_care(edition, choice)
    _keep_the_months_alike(edition, choice)


def _require_children_in_care(edition: PrintedEdition, choice: Choice[int, None]) -> None:
    choice.count(edition, "number_of_cic")
    for row in shape(edition.name, "age"):
        choice.exactly(f"age {row.value}", row.total)
    for kpi_id, printed in (("cic_per_10000", ""), ("cic_per_10000_exc_uasc", "exc_uasc")):
        for month, cohort, target in edition.targets(kpi_id):
            name = total("number_of_cic", month, printed or cohort, "numerator")
            if target.numerator is not None:
                choice.exactly(name, target.numerator)
            else:
                low, high = target.bounds(edition.populations[month], 10000)
                choice.between(name, low, high - 1e-3)


def _require_adopted(edition: PrintedEdition, choice: Choice[int, None]) -> None:
    """Fix how many children were adopted in the year before the last.

    Two percentages printed for the end of that year have to be possible. One counts those adopted;
    the other counts them together with the children whose decision is in force at the year's end.
    The latter are known: the decisions in force at some time of the last year, less those made in
    it.
    """
    last = len(edition.months) - 1
    changed = edition.target(last, "plan_changed_from_adoption")
    decided = edition.target(last, "adm_decision_within_8_weeks")
    if changed is None or decided is None or not changed.denominator or not decided.denominator:
        return
    begun = round(changed.denominator - decided.denominator)
    for month, cohort, waited in edition.targets("care_to_placed_within_14_months"):
        placed = edition.target(month, "placed_within_12_months_of_adm")
        if edition.months[month].as_at == edition.last.year_start - 1 and placed is not None:
            adopted = next(
                number
                for number in range(100, 1000)
                if placed.can_show(number)
                and waited.can_show(number + begun)
                and _can_be_of_leavers(edition, month, number)
            )
            kpi_id = "placed_within_12_months_of_adm"
            choice.exactly(total(kpi_id, month, cohort, "denominator"), adopted)


def _can_be_of_leavers(edition: PrintedEdition, month: int, adopted: int) -> bool:
    """Whether some number of leavers gives the printed percentages, if ``adopted`` are adopted."""
    for suffix in ("", "_exc_uasc"):
        share = edition.target(month, f"left_care_adopted{suffix}")
        guarded = edition.target(month, f"left_care_sgo{suffix}")
        if share is None or guarded is None:
            continue
        low, high = share.bounds(1.0, 100)
        numbers = range(int(adopted / high), int(adopted / low) + 2)
        if not any(low * n <= adopted < high * n and guarded.can_show(n) for n in numbers):
            return False
    return True


def _as_girls_and_boys(
    edition: PrintedEdition,
    drawn: list[Life],
    effects: list[Effects],
    wanted: Mapping[tuple[tuple[str, float], ...], int],
    rng: Random,
) -> list[Life]:
    """Keep the wanted number of lives of each kind, with the printed numbers of girls and boys."""
    choice: Choice[int, str] = Choice(f"girls and boys of edition {edition.name}")
    alike = {signature: f"alike {number}" for number, signature in enumerate(wanted)}
    for index, (life, added) in enumerate(zip(drawn, effects, strict=True)):
        name = alike.get(tuple(sorted(added.items())))
        if name is None:
            continue
        options = []
        for sex in ("F", "M"):
            own = Effects({name: 1})
            if life.in_care(edition.last.as_at):
                own.count(f"age {life.age(edition.last.as_at)} {sex}")
                own.count(f"uasc {life.uasc} {sex}")
            options.append(Option(sex, own, 0 if sex == life.sex else 1))
        choice.add(index, options, may_drop=True)
    for signature, name in alike.items():
        choice.exactly(name, wanted[signature])
    for row in shape(edition.name, "age"):
        choice.exactly(f"age {row.value} F", row.female)
        choice.exactly(f"age {row.value} M", row.male)
    for row in shape(edition.name, "uasc"):
        choice.exactly(f"uasc {row.value == 'Yes'} F", row.female)
        choice.exactly(f"uasc {row.value == 'Yes'} M", row.male)
    lives = []
    for index, option in choice.solve(rng):
        drawn[index].sex = option.payload
        lives.append(drawn[index])
    return lives


def _keep_the_months_alike(edition: PrintedEdition, choice: Choice[int, None]) -> None:
    """Spread entries and exits over the months; arrivals of UASC follow the printed table."""
    arrivals = {row.value: row.total for row in shape(edition.name, "uasc_arrivals")}
    left = {True: leavers(edition, "all") - leavers(edition, "exc_uasc")}
    left[False] = leavers(edition, "exc_uasc")
    for uasc, entered in _entrants_a_month(edition).items():
        for month in _calendar(edition):
            usual = arrivals.get(month, entered) if uasc else entered
            choice.between(f"entries {uasc} {month}", 0.7 * usual - 3, 1.3 * usual + 3)
            usual = left[uasc] / 12
            wide = 0.7 if uasc and arrivals else 0.4
            choice.between(f"exits {uasc} {month}", (1 - wide) * usual - 3, (1 + wide) * usual + 3)


def _entrants_a_month(edition: PrintedEdition) -> dict[bool, float]:
    """The mean monthly number of entries to care, for UASC (True) and for others (False)."""
    last, kpi_id = len(edition.months) - 1, "re_entry_within_24m"
    everybody, others = edition.target(last, kpi_id), edition.target(last, kpi_id, "exc_uasc")
    if everybody is None or everybody.denominator is None:
        raise AssertionError("every edition prints who entered care")
    share = leavers(edition, "exc_uasc") / leavers(edition, "all")
    if others is not None and others.denominator is not None:
        share = others.denominator / everybody.denominator
    entered = everybody.denominator / (1 + (edition.last.month.month - 4) % 12)
    return {True: (1 - share) * entered, False: share * entered}


def _calendar(edition: PrintedEdition) -> Iterator[str]:
    day = edition.begin + 1
    while day <= edition.last.as_at:
        yield iso(day)[:7]
        day = add_months(day, 1)


# ----------------------------------------------------------------------- who leaves, who returns


def _describe_leavers(edition: PrintedEdition, lives: list[Life], rng: Random) -> None:
    """Choose the ethnicity and disability of those who left, to meet the printed figures."""
    choice: Choice[Life, Background] = Choice(f"leavers of edition {edition.name}")
    for life in lives:
        left = [i for i, month in enumerate(edition.months) if month.in_window(life.end)]
        if not left:
            continue
        options = [
            _leaver_option(life, left, minority, disabled)
            for minority in (False, True)
            for disabled in (False, True)
        ]
        choice.add(life, options)
    for kpi_id in ("left_care_adopted_bme", "left_care_adopted_disabled"):
        choice.kpi(edition, kpi_id)
        choice.kpi(edition, f"{kpi_id}_exc_uasc", as_kpi=kpi_id)
    for life, option in choice.solve(rng):
        minority, life.disabled = option.payload
        _set_background(life, minority, rng)


def _leaver_option(
    life: Life, left: list[int], minority: bool, disabled: bool
) -> Option[Background]:
    effects = Effects()
    for index in left:
        adopted = life.reason in ADOPTION
        if minority:
            effects.kpi("left_care_adopted_bme", index, life.uasc, adopted)
        if disabled:
            effects.kpi("left_care_adopted_disabled", index, life.uasc, adopted)
    cost = (minority != life.is_minority) + (disabled != life.disabled)
    return Option((minority, disabled), effects, cost)


def _set_background(life: Life, minority: bool, rng: Random) -> None:
    """Draw ethnicity and nationality until the ethnicity is, or is not, a minority's."""
    while minority != life.is_minority:
        if life.uasc and not minority:
            life.nationality, life.ethnicity = "Albanian", "WOTH"
        else:
            _, life.ethnicity, life.nationality, _ = who(life.uasc, rng)


def _let_some_return(edition: PrintedEdition, lives: list[Life], rng: Random) -> None:
    """Give the printed number of entrants an earlier period of care."""
    choice: Choice[Life, bool] = Choice(f"re-entries of edition {edition.name}")
    for life in lives:
        within = [i for i, month in enumerate(edition.months) if month.in_year(life.start)]
        if not within:
            continue
        options = []
        for returns in (False, True):
            effects = Effects()
            for index in within:
                effects.kpi("re_entry_within_24m", index, life.uasc, returns)
            options.append(Option(returns, effects))
        choice.add(life, options if _earlier(edition, life, rng) else options[:1])
    choice.kpi(edition, "re_entry_within_24m")
    for life, option in choice.solve(rng):
        if option.payload:
            life.earlier = _earlier(edition, life, rng)


def _earlier(edition: PrintedEdition, life: Life, rng: Random) -> tuple[int, int] | None:
    """An earlier period of care that ended within two years, and before any window; or None."""
    first = add_months(life.start, -24)
    while add_months(first, 24) < life.start:
        first += 1
    latest = min(edition.begin, life.start - 30)
    earliest_start = life.born if not life.uasc else birthday(life.born, 11)
    if first > latest or latest - 40 < earliest_start:
        return None
    end = rng.randrange(max(first, latest - 300), latest + 1)
    start = max(earliest_start, end - rng.randrange(40, 400))
    return (start, end) if end - start >= 32 else None
