"""Health: initial assessments, checks, strengths and difficulties, and the history at 18."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from random import Random
from typing import NamedTuple

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months, birthday, working_days_after
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.fit import Sum, fit
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.plan import Flags, Plan, choose_flags, grown_up, in_care_since
from cpw_synthetic.editions.spells import segments
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.lives import Period

_REFERRAL, _INITIAL = "iha_referral_within_5_working_days", "iha_within_20_working_days"
_ASSESSMENT, _DENTAL = "health_assessment_in_timescale", "dental_check_in_timescale"
_HISTORY, _SDQ = "health_history_at_18", "sdq_average"
_AFTERWARDS = 60
_MOST_POINTS = 40


@dataclass(frozen=True)
class Looks:
    """The days on which a month's end looks for an event: first and last, or none, by month.

    Attributes:
        first: the first day an event can have.
        spans: the days looked at for each month's end.
        fixed: days on which there is an event, whatever is chosen.
    """

    first: int
    spans: tuple[tuple[int, int] | None, ...]
    fixed: tuple[int, ...] = ()

    @property
    def members(self) -> Flags:
        """Which months' ends look."""
        return tuple(span is not None for span in self.spans)

    def ways(self) -> list[Flags]:
        """The answers that some days give: found or not, for each month's end that looks."""
        answers = product(*((False, True) if span else (False,) for span in self.spans))
        return [flags for flags in answers if self._can_be(flags)]

    def place(self, flags: Flags, usual: Iterable[int], rng: Random) -> tuple[list[int], list[int]]:
        """Days that give the answers, near the usual ones; and the usual ones left out."""
        held: list[int] = list(self.fixed)
        left_out: list[int] = []
        for day in usual:
            (left_out if self._is_closed(flags, day, day) else held).append(day)
        for span, flag in zip(self.spans, flags, strict=True):
            if span and flag and not any(span[0] <= day <= span[1] for day in held):
                first, last = rng.choice(self._open(flags, span))
                held.append(rng.randrange(first, last + 1))
        return sorted(held), left_out

    def _can_be(self, flags: Flags) -> bool:
        if any(self._is_closed(flags, day, day) for day in self.fixed):
            return False
        return all(
            self._open(flags, span)
            for span, flag in zip(self.spans, flags, strict=True)
            if span and flag
        )

    def _is_closed(self, flags: Flags, first: int, last: int) -> bool:
        """Whether days lie where nothing may be found."""
        return any(
            span and not flag and span[0] <= first and last <= span[1]
            for span, flag in zip(self.spans, flags, strict=True)
        )

    def _open(self, flags: Flags, span: tuple[int, int]) -> list[tuple[int, int]]:
        """The parts of a span where something may be found."""
        cuts = [day for other in self.spans if other for day in (other[0] - 1, other[1])]
        parts = segments(cuts, max(self.first, span[0]) - 1, span[1])
        return [part for part in parts if not self._is_closed(flags, *part)]


def choose_found(
    plan: Plan,
    kpi_id: str,
    looks: dict[Life, Looks],
    *,
    usual: float,
    count: bool = False,
    steady: bool = False,
) -> dict[Life, Flags]:
    """Of whom an event is found at which months' ends, so that the printed figures come out."""
    return choose_flags(
        plan,
        kpi_id,
        [life for life in looks if any(looks[life].members)],
        members=lambda life: looks[life].members,
        possible=lambda life: looks[life].ways(),
        usual=usual,
        count=count,
        steady=steady,
    )


class _KindOfCheck(NamedTuple):
    """A health check's type in the contract, and the prefix of its ids."""

    name: str
    prefix: str


_ASSESSED = _KindOfCheck("Health Assessment", "HA")
_DENTIST = _KindOfCheck("Dental Check", "DC")
_OPTICIAN = _KindOfCheck("Optical Check", "OC")
_IMMUNISED = _KindOfCheck("Immunisation Check", "IM")


@dataclass(frozen=True)
class _Check:
    kind: _KindOfCheck
    day: int
    status: str = "Completed"


@dataclass(eq=False)
class _Score:
    """A questionnaire; without a score where it was not filled in."""

    life: Life | None
    period: Period
    number: int
    day: int
    score: int | None
    reason: str | None = None


class Health:
    """Everything the health feed holds about an edition's lives."""

    def __init__(self, plan: Plan) -> None:
        """Choose who is assessed and checked when, and the scores."""
        self._plan = plan
        rng = plan.rng("health")
        self._initial = {
            plan.earlier[life].cla_id: _initial(plan.earlier[life], None, rng)
            for life in plan.earlier
        }
        self._choose_initial(rng)
        self._checks: dict[str, list[_Check]] = {}
        for life in plan.earlier:
            self._add_series(plan.earlier[life], rng)
        self._choose_assessments(rng)
        self._choose_dental(rng)
        for period in plan.periods.values():
            self._add_others(period, rng)
        self._histories = self._choose_histories(rng)
        self._scores = self._choose_scores(rng)

    # ------------------------------------------------------------------------------- choosing

    def _choose_initial(self, rng: Random) -> None:
        """Who is referred in time, and who is assessed in time."""
        plan = self._plan
        choice: Choice[Life, tuple[bool, bool]] = Choice(f"{_INITIAL} of {plan.edition.name}")
        for life in plan.lives:
            looked_at = [
                (kpi_id, which, month)
                for kpi_id, which, days in ((_REFERRAL, 0, 5), (_INITIAL, 1, 20))
                for month in plan.months
                if plan.edition.months[month].due_in_window(life.start, days)
                and working_days_after(life.start, days) < life.end
            ]
            if not looked_at:
                self._initial[plan.periods[life].cla_id] = _initial(plan.periods[life], None, rng)
                continue
            options: list[Option[tuple[bool, bool]]] = []
            for flags in ((True, True), (True, False), (False, False), (False, True)):
                effects = Effects()
                for kpi_id, which, month in looked_at:
                    effects.kpi(kpi_id, month, life.uasc, flags[which])
                options.append(Option(flags, effects, 3.0 if flags == (False, True) else 0.0))
            choice.add(life, options)
        choice.kpi(plan.edition, _REFERRAL)
        choice.kpi(plan.edition, _INITIAL)
        for life, option in choice.solve(rng):
            period = plan.periods[life]
            self._initial[period.cla_id] = _initial(period, option.payload, rng)

    def _choose_assessments(self, rng: Random) -> None:
        """When each child's health is assessed."""
        plan = self._plan
        looks: dict[Life, Looks] = {}
        for life in plan.lives:
            spans = tuple(
                (_in_time_since(m.as_at, 6 if life.age(m.as_at) < 5 else 12), m.as_at)
                if member
                else None
                for member, m in zip(self._members(life), plan.edition.months, strict=True)
            )
            _, assessed = self._initial[plan.periods[life].cla_id]
            looks[life] = Looks(life.start, spans, () if assessed is None else (assessed,))
        chosen = choose_found(plan, _ASSESSMENT, looks, usual=0.93)
        for life, own in looks.items():
            period = plan.periods[life]
            usual = list(_assessments(period, own.fixed, self._until(period), rng))
            self._place(period, _ASSESSED, own, chosen.get(life), usual, rng)

    def _choose_dental(self, rng: Random) -> None:
        """When each child's teeth are checked."""
        plan = self._plan
        looks = {
            life: Looks(
                life.start,
                tuple(
                    (month.end(12) + 1, month.as_at) if member else None
                    for member, month in zip(self._members(life), plan.edition.months, strict=True)
                ),
            )
            for life in plan.lives
        }
        chosen = choose_found(plan, _DENTAL, looks, usual=0.92)
        for life, own in looks.items():
            period = plan.periods[life]
            usual = list(_dental(period, self._until(period), rng))
            self._place(period, _DENTIST, own, chosen.get(life), usual, rng)

    def _members(self, life: Life) -> Flags:
        return in_care_since(self._plan, life, self._plan.edition.health_minimum_months)

    def _place(
        self,
        period: Period,
        kind: _KindOfCheck,
        looks: Looks,
        flags: Flags | None,
        usual: list[int],
        rng: Random,
    ) -> None:
        """Put a kind of check where it gives the answers; some of those left out were refused."""
        answers = flags if flags is not None else (False,) * len(looks.spans)
        held, left_out = looks.place(answers, usual, rng)
        checks = [_Check(kind, day) for day in held]
        for day in left_out:
            if rng.random() < 0.6:
                checks.append(_Check(kind, day, profile().draw(rng, "refusal")))
        self._checks.setdefault(period.cla_id, []).extend(checks)

    def _add_series(self, period: Period, rng: Random) -> None:
        """Add the checks of a period of care that nothing printed looks at."""
        _, assessed = self._initial[period.cla_id]
        fixed = () if assessed is None else (assessed,)
        days = _assessments(period, fixed, period.end, rng)
        checks = [_Check(_ASSESSED, day) for day in (*fixed, *days)]
        checks += [_Check(_DENTIST, day) for day in _dental(period, period.end, rng)]
        self._checks[period.cla_id] = checks
        self._add_others(period, rng)

    def _add_others(self, period: Period, rng: Random) -> None:
        for kind, share in ((_OPTICIAN, 0.55), (_IMMUNISED, 0.85)):
            day = period.start + rng.randrange(20, 330)
            while day < self._until(period):
                if rng.random() < share:
                    self._checks[period.cla_id].append(_Check(kind, day))
                day += rng.randrange(330, 400)

    def _until(self, period: Period) -> int:
        return min(period.end, self._plan.edition.last.as_at + _AFTERWARDS)

    def _choose_histories(self, rng: Random) -> dict[Life, int]:
        """When the health history of each young person who comes of age is completed."""
        plan, months = self._plan, self._plan.edition.months
        adults = {life: grown_up(life) for life in plan.lives if life.came_of_age}
        in_month = {
            life: tuple(month.first <= adult <= month.as_at for month in months)
            for life, adult in adults.items()
        }
        chosen = choose_flags(
            plan,
            _HISTORY,
            [life for life, members in in_month.items() if any(members)],
            members=in_month.__getitem__,
            usual=profile().rates["health_history_in_time"],
        )
        found = {}
        for life, adult in adults.items():
            in_time = profile().happens(rng, "health_history_in_time")
            if life in chosen:
                in_time = any(chosen[life])
            found[life] = adult + rng.randrange(35, 120)
            if in_time:
                found[life] = max(life.start, adult - rng.randrange(5, 80))
        return found

    def _choose_scores(self, rng: Random) -> list[_Score]:
        """Which questionnaires are filled in, as many as printed, and with which scores."""
        plan = self._plan
        target = plan.edition.target(len(plan.months) - 1, _SDQ)
        others = plan.edition.target(len(plan.months) - 1, _SDQ, "exc_uasc")
        held, pool = [], []
        for life, period in [*plan.periods.items(), *plan.earlier.items()]:
            for score in _questionnaires(life, period, self._until(period), rng):
                counted = score.life is not None and plan.edition.last.in_year(score.day)
                if counted and life.in_care(plan.edition.last.as_at) and target:
                    pool.append(score)
                elif profile().happens(rng, "sdq_completed"):
                    held.append(score)
        if target is None or target.denominator is None:
            held += pool
        elif others is None or others.denominator is None:
            held += rng.sample(pool, int(target.denominator))
        else:
            uasc = [score for score in pool if score.life and score.life.uasc]
            rest = [score for score in pool if score.life and not score.life.uasc]
            held += rng.sample(uasc, int(target.denominator - others.denominator))
            held += rng.sample(rest, int(others.denominator))
        return self._fit_scores(held, rng)

    def _fit_scores(self, scores: list[_Score], rng: Random) -> list[_Score]:
        """Change scores until the printed means come out."""
        edition = self._plan.edition
        counted: dict[_Score, list[str]] = {}
        sums = []
        for index, cohort, target in edition.targets(_SDQ):
            month, name = edition.months[index], f"{_SDQ} {index} {cohort}"
            rows = 0
            for score in scores:
                life = score.life
                if life is None or (life.uasc and cohort == "exc_uasc"):
                    continue
                if month.in_year(score.day) and life.in_care(month.as_at):
                    counted.setdefault(score, []).append(name)
                    rows += 1
            low, high = target.bounds(rows, 1)
            # Whole numbers: a move of one point is then worth as much to every sum.
            low, high = ceil(low), ceil(high) - 0.5
            if target.numerator is not None:
                low = high = target.numerator
            sums.append(Sum(name, low, high))
        fitted = fit(
            {score: score.score or 0 for score in counted},
            lambda score, points: {name: float(points) for name in counted[score]},
            lambda _, points, chance: _moved(points, chance),
            sums,
            rng,
        )
        for score, points in fitted.items():
            score.score = points
        return scores

    # --------------------------------------------------------------------------------- the rows

    def add(self, extract: SyntheticExtract) -> None:
        """Add initial assessments, checks, histories at 18 and questionnaires."""
        plan = self._plan
        for period in (*plan.periods.values(), *plan.earlier.values()):
            self._add_initial(extract, period)
            self._add_checks(extract, period)
        for life, done in self._histories.items():
            period = plan.periods[life]
            extract.add(
                "local_health_histories",
                {
                    "health_history_id": f"HH{period.cla_id[3:]}",
                    "person_id": period.person.person_id,
                    "completed_date": done,
                },
                known=max(period.start, min(done, period.end) - 90),
                last=max(done, period.end),
            )
        for score in self._scores:
            extract.add(
                "ssd_sdq_scores",
                {
                    "csdq_table_id": f"SQ{score.period.cla_id[3:]}{score.number:02d}",
                    "csdq_person_id": score.period.person.person_id,
                    "csdq_sdq_completed_date": score.day,
                    "csdq_sdq_score": score.score,
                    "csdq_sdq_reason": score.reason,
                },
                last=score.day,
            )

    def _add_initial(self, extract: SyntheticExtract, period: Period) -> None:
        referred, assessed = self._initial[period.cla_id]
        extract.add(
            "local_initial_health",
            {
                "initial_health_id": f"IH{period.cla_id[3:]}",
                "cla_id": period.cla_id,
                "referral_date": referred,
                "assessment_date": assessed,
            },
            known=period.start,
            last=period.end,
        )

    def _add_checks(self, extract: SyntheticExtract, period: Period) -> None:
        numbers: dict[str, int] = {}
        for check in sorted(self._checks[period.cla_id], key=lambda check: check.day):
            prefix = check.kind.prefix
            number = numbers[prefix] = numbers.get(prefix, -1) + 1
            held = check.status == "Completed"
            extract.add(
                "ssd_cla_health",
                {
                    "clah_health_check_id": f"{prefix}{number:02d}{period.cla_id[3:]}",
                    "clah_person_id": period.person.person_id,
                    "clah_health_check_type": check.kind.name,
                    "clah_health_check_date": check.day,
                    "clah_health_check_status": (
                        After(check.day, "Completed", "Planned") if held else check.status
                    ),
                },
                known=max(period.start, check.day - 28) if held else check.day,
                last=check.day,
            )


def _in_time_since(day: int, months: int) -> int:
    """The first day to which so many months can be added to come to a day or after it."""
    first = add_months(day, -months)
    while add_months(first, months) < day:
        first += 1
    while add_months(first - 1, months) >= day:
        first -= 1
    return first


def _initial(
    period: Period, in_time: tuple[bool, bool] | None, rng: Random
) -> tuple[int | None, int | None]:
    """The days of referral and assessment, as far as care lasts."""
    drawn = profile()
    if in_time is None:
        in_time = (drawn.happens(rng, "iha_referral_in_time"), drawn.happens(rng, "iha_in_time"))
    due = working_days_after(period.start, 20)
    if in_time[0]:
        referred = rng.randrange(period.start, working_days_after(period.start, 5) + 1)
    else:
        referred = working_days_after(period.start, rng.randrange(6, 14))
    if in_time[1]:
        assessed = rng.randrange(min(max(referred + 2, due - 12), due), due + 1)
    else:
        assessed = due + rng.randrange(1, 45)
    return (
        referred if referred < period.end else None,
        assessed if assessed < period.end else None,
    )


def _assessments(period: Period, fixed: Sequence[int], until: int, rng: Random) -> Iterator[int]:
    """The usual days after the initial one: half-yearly for the youngest, then yearly."""
    day = fixed[0] if fixed else period.start + rng.randrange(30, 75)
    while True:
        due = add_months(day, 6 if period.person.age(day + 150) < 5 else 12)
        day = due - rng.randrange(1, 45)
        if day >= until:
            return
        yield day


def _dental(period: Period, until: int, rng: Random) -> Iterator[int]:
    drawn = profile()
    wait = 80 if drawn.happens(rng, "dental_starts_early") else 300
    day = period.start + rng.randrange(14, wait)
    while day < until:
        yield day
        often = drawn.happens(rng, "dental_half_yearly")
        day += rng.randrange(150, 215) if often else rng.randrange(320, 560)


def _questionnaires(life: Life, period: Period, until: int, rng: Random) -> Iterator[_Score]:
    """A questionnaire a year, from the 4th birthday to the 17th."""
    drawn = profile()
    usual = rng.gauss(drawn.rates["sdq_mean"], drawn.rates["sdq_spread"])
    day = max(period.start + rng.randrange(60, 420), birthday(period.person.born, 4) + 30)
    number = 0
    while day < min(until, period.person.birthday(17)):
        if rng.random() < 0.03:
            reason = drawn.draw(rng, "sdq_reason")
            yield _Score(None, period, number, day, None, reason)
        else:
            score = min(_MOST_POINTS, max(0, round(rng.gauss(usual, 3))))
            yield _Score(life, period, number, day, score)
        number += 1
        day += rng.randrange(330, 405)


def _moved(points: int, rng: Random) -> int | None:
    """A score some points higher or lower."""
    moved = points + rng.choice((-3, -2, -1, 1, 2, 3))
    return moved if 0 <= moved <= _MOST_POINTS else None
