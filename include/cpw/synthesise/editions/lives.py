"""Whose lives an edition's extracts tell: more are drawn than needed, and the fitting ones kept.

What is fixed here is everything that follows from who is in care from when to when: the children
in care of each month, those who entered and left, their ages, and the denominators made of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random

from cpw.synthesise.chance import profile
from cpw.synthesise.days import add_months, age_on, birthday, iso, working_days_after
from cpw.synthesise.editions.choose import Choice, Effects, Option, total
from cpw.synthesise.editions.shapes import shape
from cpw.synthesise.editions.targets import Edition

YEAR = 365.25
WHITE = frozenset({"WBRI", "WIRI", "WOTH", "WIRT", "WROM"})
UNKNOWN_ETHNICITY = frozenset({"REFU", "NOBT"})
GUARDIANSHIP = frozenset({"E43", "E44", "E45", "E46", "E47", "E48"})
ADOPTION = frozenset({"E11", "E12"})
_SPARE = 4


@dataclass(eq=False)
class Life:
    """A child in a period of care.

    Attributes:
        kind: `long`, `uasc`, `adoption`, `sgo` or `short`.
        end: the day care ends; of those still in care at the edition's end, the 18th birthday.
        earlier: a period of care before: its first and last day.
        disabilities: codes; none, where there is no disability.
    """

    kind: str
    uasc: bool
    sex: str
    born: int
    start: int
    end: int
    reason: str
    ethnicity: str
    nationality: str
    disabled: bool = False
    number: int = -1
    earlier: tuple[int, int] | None = None
    disabilities: list[str] = field(default_factory=list)

    def in_care(self, day: int) -> bool:
        """Whether the child is in care on a day."""
        return self.start <= day < self.end

    def age(self, day: int) -> int:
        """Completed years on a day."""
        return age_on(self.born, day)

    @property
    def is_minority(self) -> bool:
        """Whether the ethnicity is known, and neither white nor a traveller's."""
        return self.ethnicity not in WHITE | UNKNOWN_ETHNICITY

    @property
    def came_of_age(self) -> bool:
        """Whether care ends with childhood."""
        return self.end == birthday(self.born, 18)


def draw_lives(edition: Edition, rng: Random) -> list[Life]:
    """The lives of an edition.

    Raises:
        CalibrationError: the printed figures cannot all be met.
    """
    pool = list(_pool(edition, rng))
    effects = [_effects(edition, life) for life in pool]
    choice: Choice[int, None] = Choice(f"lives of edition {edition.name}")
    for index, added in enumerate(effects):
        choice.add(index, [Option(None, added)], may_drop=True)
    _require(edition, choice)
    wanted = Counter(tuple(sorted(option.effects.items())) for _, option in choice.solve(rng))
    lives = _as_girls_and_boys(edition, pool, effects, wanted, rng)
    lives.sort(key=lambda life: (life.start, life.end, life.born, life.sex, life.ethnicity))
    for number, life in enumerate(lives):
        life.number = number
    _describe_leavers(edition, lives, rng)
    _let_some_return(edition, lives, rng)
    return lives


# ---------------------------------------------------------------------- what a life adds to what


def _effects(edition: Edition, life: Life) -> Effects:
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


def _effects_in_care(edition: Edition, life: Life, index: int, effects: Effects) -> None:
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


def _require(edition: Edition, choice: Choice[int, None]) -> None:
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


def _require_children_in_care(edition: Edition, choice: Choice[int, None]) -> None:
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


def _require_adopted(edition: Edition, choice: Choice[int, None]) -> None:
    """As many adopted as let those who wait show as printed, the year before the last.

    The decisions in force when a year begins are those in force at some time of it, less those
    made in it; with who was adopted in the year before, they are who is asked how long it took.
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


def _can_be_of_leavers(edition: Edition, month: int, adopted: int) -> bool:
    """Whether there is a number of leavers of whom so many adopted show as printed."""
    for suffix in ("", "_exc_uasc"):
        share = edition.target(month, f"left_care_adopted{suffix}")
        guarded = edition.target(month, f"left_care_sgo{suffix}")
        if share is None or guarded is None:
            continue
        low, high = share.bounds(1.0, 100)
        leavers = range(int(adopted / high), int(adopted / low) + 2)
        if not any(low * n <= adopted < high * n and guarded.can_show(n) for n in leavers):
            return False
    return True


def _as_girls_and_boys(
    edition: Edition,
    pool: list[Life],
    effects: list[Effects],
    wanted: Mapping[tuple[tuple[str, float], ...], int],
    rng: Random,
) -> list[Life]:
    """Keep as many lives of each kind as wanted, as girls and boys as printed."""
    choice: Choice[int, str] = Choice(f"girls and boys of edition {edition.name}")
    alike = {signature: f"alike {number}" for number, signature in enumerate(wanted)}
    for index, (life, added) in enumerate(zip(pool, effects, strict=True)):
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
        pool[index].sex = option.payload
        lives.append(pool[index])
    return lives


def _keep_the_months_alike(edition: Edition, choice: Choice[int, None]) -> None:
    """Spread entries and exits over the months; unaccompanied children arrive as they did."""
    arrivals = {row.value: row.total for row in shape(edition.name, "uasc_arrivals")}
    left = {True: _leavers(edition, "all") - _leavers(edition, "exc_uasc")}
    left[False] = _leavers(edition, "exc_uasc")
    for uasc, entered in _entrants_a_month(edition).items():
        for month in _calendar(edition):
            usual = arrivals.get(month, entered) if uasc else entered
            choice.between(f"entries {uasc} {month}", 0.7 * usual - 3, 1.3 * usual + 3)
            usual = left[uasc] / 12
            wide = 0.7 if uasc and arrivals else 0.4
            choice.between(
                f"exits {uasc} {month}", (1 - wide) * usual - 3, (1 + wide) * usual + 3
            )


def _entrants_a_month(edition: Edition) -> dict[bool, float]:
    """How many entered care a month: unaccompanied children, and others."""
    last, kpi_id = len(edition.months) - 1, "re_entry_within_24m"
    everybody, others = edition.target(last, kpi_id), edition.target(last, kpi_id, "exc_uasc")
    if everybody is None or everybody.denominator is None:
        raise AssertionError("every edition prints who entered care")
    share = _leavers(edition, "exc_uasc") / _leavers(edition, "all")
    if others is not None and others.denominator is not None:
        share = others.denominator / everybody.denominator
    entered = everybody.denominator / (1 + (edition.last.month.month - 4) % 12)
    return {True: (1 - share) * entered, False: share * entered}


def _leavers(edition: Edition, cohort: str) -> float:
    suffix = "" if cohort == "all" else "_exc_uasc"
    target = edition.target(len(edition.months) - 1, f"left_care_sgo{suffix}")
    if target is None or target.denominator is None:
        raise AssertionError("every edition prints who left care")
    return target.denominator


def _calendar(edition: Edition) -> Iterator[str]:
    day = edition.begin + 1
    while day <= edition.last.as_at:
        yield iso(day)[:7]
        day = add_months(day, 1)


# ----------------------------------------------------------------------------------- drawing lives


def _pool(edition: Edition, rng: Random) -> Iterator[Life]:
    months = (edition.last.as_at - edition.begin) / 30.4
    for uasc in (False, True):
        cohort = "exc_uasc"
        left = _leavers(edition, cohort)
        cic = _children_in_care(edition, cohort)
        if uasc:
            left = _leavers(edition, "all") - left
            cic = _children_in_care(edition, "all") - cic
        for _ in range(int(cic * _SPARE)):
            yield _staying(edition, uasc, rng)
        for _ in range(int(left / 12 * months * _SPARE)):
            life = _leaving(edition, uasc, rng)
            if life is not None:
                yield life


def _children_in_care(edition: Edition, cohort: str) -> float:
    last = len(edition.months) - 1
    if cohort == "exc_uasc":
        target = edition.target(last, "cic_per_10000_exc_uasc") or edition.target(
            last, "cic_per_10000", cohort
        )
    else:
        target = edition.target(last, "number_of_cic") or edition.target(last, "cic_per_10000")
    if target is None:
        raise AssertionError("every edition prints how many are in care")
    return target.numerator if target.numerator is not None else target.shown


def _who(uasc: bool, rng: Random) -> tuple[str, str, str, bool]:
    """Sex, ethnicity, nationality and whether disabled."""
    drawn = profile()
    if uasc:
        nationality, ethnicity = drawn.draw(rng, "uasc_origin").split(":")
        if rng.random() < 0.03:
            nationality, ethnicity = "Albanian", "WOTH"
        return drawn.draw(rng, "sex_uasc"), ethnicity, nationality, rng.random() < 0.01
    ethnicity = drawn.draw(rng, "ethnicity")
    origin = f"nationality_{ethnicity}"
    nationality = drawn.draw(rng, origin) if origin in drawn else "British"
    return drawn.draw(rng, "sex"), ethnicity, nationality, rng.random() < 0.1


def _life(kind: str, uasc: bool, born: int, start: int, end: int, reason: str, rng: Random) -> Life:
    sex, ethnicity, nationality, disabled = _who(uasc, rng)
    return Life(kind, uasc, sex, born, start, end, reason, ethnicity, nationality, disabled)


def _staying(edition: Edition, uasc: bool, rng: Random) -> Life:
    """Somebody in care at the edition's end: until grown up, as far as is known."""
    today = edition.last.as_at
    if uasc:
        age = rng.choice((13, 14, 14, 15, 15, 15, 16, 16, 16, 16, 17, 17, 17, 17, 17))
        born = today - int((age + rng.random()) * YEAR)
        youngest = birthday(born, rng.choice((10, 12, 13, 14)))
        start = max(youngest, _arrival(edition, today, rng))
    else:
        age = int(profile().draw(rng, "age_in_care"))
        born = today - int((age + rng.random()) * YEAR)
        start = _some_time_ago(edition, born, rng)
    adult = birthday(born, 18)
    if adult <= today:
        born += 3
        adult = birthday(born, 18)
    start = min(max(start, born), today)
    reason = profile().draw(rng, "end_at_18")
    return _life("uasc" if uasc else "long", uasc, born, start, adult, reason, rng)


def _arrival(edition: Edition, latest: int, rng: Random) -> int:
    """A day an unaccompanied child arrived: in the years before, or when so many did."""
    arrivals = shape(edition.name, "uasc_arrivals")
    if arrivals and rng.random() < 0.65:
        month = rng.choices(arrivals, [row.total for row in arrivals])[0].value
        day = date.fromisoformat(f"{month}-01").toordinal() + rng.randrange(28)
        if day <= latest:
            return day
    return latest - int(rng.random() ** 1.3 * 1500)


def _some_time_ago(edition: Edition, born: int, rng: Random) -> int:
    """A day care began: of each span of time that a definition looks back on, enough."""
    today, last = edition.last.as_at, edition.last
    bounds = [born, last.end(30), last.end(18), last.end(12), last.end(3), today + 1]
    spans = [(a, b) for a, b in zip(bounds, bounds[1:], strict=False) if max(a, born) < b]
    weights = [4, 2, 1.5, 2, 1.5][-len(spans) :]
    low, high = rng.choices(spans, weights)[0]
    return rng.randrange(max(low, born), high)


def _leaving(edition: Edition, uasc: bool, rng: Random) -> Life | None:
    """Somebody who leaves care in one of the edition's windows."""
    end = rng.randrange(edition.begin + 1, edition.last.as_at + 1)
    drawn = profile()
    kind = drawn.draw(rng, "leaves_uasc" if uasc else "leaves")
    if kind == "of_age":
        born = _born_on_day_of_turning_18(end)
        if uasc:
            start = max(birthday(born, rng.choice((14, 15, 16))), _arrival(edition, end - 1, rng))
        else:
            start = _some_time_ago(edition, born, rng)
        reason = drawn.draw(rng, "end_at_18")
        life = _life("uasc" if uasc else "long", uasc, born, start, end, reason, rng)
    elif kind == "adoption":
        usual = _days_to_placing(edition)
        # Most are placed soon; a few wait long, and make the mean.
        times = rng.uniform(0.45, 0.82) if rng.random() < 0.65 else rng.uniform(0.9, 2.6)
        start = end - int(usual * times) - rng.randrange(120, 260)
        years = rng.choice((0, 0, 0, 0, 1, 1, 2, 3, 4, 5)) + rng.random() * (rng.random() < 0.9)
        life = _life(kind, False, start - int(years * YEAR), start, end, "E12", rng)
    elif kind == "sgo":
        start = end - rng.randrange(150, 900)
        born = start - int(rng.random() ** 1.4 * 13 * YEAR)
        if uasc:
            start = end - rng.randrange(60, 500)
            born = start - int(rng.uniform(13, 16) * YEAR)
        reason = drawn.draw(rng, "end_sgo")
        reason = reason if reason in GUARDIANSHIP else "E47"
        life = _life("uasc" if uasc else kind, uasc, born, start, end, reason, rng)
    else:
        low, high = (1, 7) if kind == "soon" else (32, 700)
        start = end - rng.randrange(low, high)
        if uasc and kind != "soon":
            start = min(start, _arrival(edition, end - low, rng))
        years = rng.uniform(14, 17.2) if uasc else rng.random() * 17.2
        born = start - int(years * YEAR)
        reason = drawn.draw(rng, "end_early_uasc" if uasc else "end_short")
        life = _life("uasc" if uasc else "short", uasc, born, start, end, reason, rng)
    return life if _is_plain(edition, life) else None


def _born_on_day_of_turning_18(day: int) -> int:
    born = add_months(day, -18 * 12)
    return born if birthday(born, 18) == day else born + 1


def _days_to_placing(edition: Edition) -> float:
    target = edition.target(len(edition.months) - 1, "adoption_days_care_to_placed")
    return target.shown if target else 400.0


def _is_plain(edition: Edition, life: Life) -> bool:
    """Whether no date lies where the day itself would decide a figure twice."""
    if life.start >= life.end or life.start < life.born or birthday(life.born, 18) < life.end:
        return False
    if life.reason in ADOPTION and any(life.end == m.year_start for m in edition.months):
        return False
    if working_days_after(life.start, 20) < life.end:
        return True
    short = working_days_after(life.start, 5) >= life.end
    return short and not any(life.in_care(month.as_at) for month in edition.months)


# ----------------------------------------------------------------------- who leaves, who returns


def _describe_leavers(edition: Edition, lives: list[Life], rng: Random) -> None:
    """As many of a minority ethnic background, and disabled, among those who left as printed."""
    choice: Choice[Life, tuple[bool, bool]] = Choice(f"leavers of edition {edition.name}")
    for life in lives:
        left = [i for i, month in enumerate(edition.months) if month.in_window(life.end)]
        if not left:
            continue
        options = []
        for minority in (False, True):
            for disabled in (False, True):
                effects = Effects()
                for index in left:
                    adopted = life.reason in ADOPTION
                    if minority:
                        effects.kpi("left_care_adopted_bme", index, life.uasc, adopted)
                    if disabled:
                        effects.kpi("left_care_adopted_disabled", index, life.uasc, adopted)
                cost = (minority != life.is_minority) + (disabled != life.disabled)
                options.append(Option((minority, disabled), effects, cost))
        choice.add(life, options)
    for kpi_id in ("left_care_adopted_bme", "left_care_adopted_disabled"):
        choice.kpi(edition, kpi_id)
        choice.kpi(edition, f"{kpi_id}_exc_uasc", as_kpi=kpi_id)
    for life, option in choice.solve(rng):
        minority, life.disabled = option.payload
        while minority != life.is_minority:
            if life.uasc and not minority:
                life.nationality, life.ethnicity = "Albanian", "WOTH"
            else:
                _, life.ethnicity, life.nationality, _ = _who(life.uasc, rng)



def _let_some_return(edition: Edition, lives: list[Life], rng: Random) -> None:
    """Give as many entrants a period of care before as the print says."""
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


def _earlier(edition: Edition, life: Life, rng: Random) -> tuple[int, int] | None:
    """A period of care that ended in the two years before, and before any window."""
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
