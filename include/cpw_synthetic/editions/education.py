"""Education: schools, statuses after 16, special needs, exclusions and education plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from itertools import pairwise, product
from random import Random
from typing import NamedTuple

from cpw_synthetic.chance import profile
from cpw_synthetic.days import birthday, day_of
from cpw_synthetic.editions.choose import Choice, Effects, Option, total
from cpw_synthetic.editions.health import Looks, choose_found
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.plan import Flags, Plan, choose_flags, in_care_since
from cpw_synthetic.editions.shapes import shape
from cpw_synthetic.editions.spells import spells
from cpw_synthetic.extract import ExtractRow, SyntheticExtract
from cpw_synthetic.lives import Period

_NEET, _PART_TIME = "neet_16_to_18", "part_time_timetable"
_NO_SCHOOL, _EXCLUDED = "no_school_recorded_exc_uasc", "permanent_exclusions_acytd"
_STATEMENT, _PLAN = "sen_statement_12m", "pep_within_6_months"
_STATEMENTS_ENDED = date(2014, 9, 1).toordinal()
_SCHOOL_STARTS, _SECONDARY_STARTS, _SCHOOL_ENDS = 4, 11, 16


class EducationState(NamedTuple):
    """What an education record says; ``PTEET`` stands for training too, ``OTHER`` for work."""

    status: str
    school: bool
    part_time: bool = False
    cost: float = 0.0


class PupilKind(NamedTuple):
    """Which states a child can have at a month's end, and which KPIs count the child."""

    name: str
    uasc: bool
    neet: bool = False
    school: bool = False

    @property
    def group(self) -> str:
        """The distribution of the statuses usual for such children."""
        if self.name == "after school":
            return "status_uasc" if self.uasc else "status_after_16"
        return "uasc at school" if self.uasc and self.name == "at school" else self.name


_TOO_YOUNG = (EducationState("NOTREC", False),)
_AT_SCHOOL = (
    EducationState("FTE", True),
    EducationState("FTE", True, True, 0.3),
    EducationState("FTE", False, cost=0.4),
    EducationState("NOTREC", False, cost=0.4),
    EducationState("NOTREC", True, cost=0.6),
)
_AFTER_SCHOOL = (
    EducationState("FTE", True),
    EducationState("FTE", False, cost=0.4),
    EducationState("NEET", False),
    EducationState("NOTREC", False, cost=0.2),
    EducationState("PTEET", True),
    EducationState("OTHER", False, cost=0.8),
)
_ABLE = {"too young": _TOO_YOUNG, "at school": _AT_SCHOOL, "after school": _AFTER_SCHOOL}
_WITHOUT_SCHOOL = ("NEET", "UNEMP")
_USUAL = {
    "too young": {"NOTREC": 1.0},
    "at school": {"FTE": 0.985, "NOTREC": 0.015},
    "uasc at school": {"FTE": 0.75, "NOTREC": 0.25},
}
_STANDS_FOR = {"PTEET": ("PTEET", "FTT"), "OTHER": ("FTEMP", "FTEMPT", "UNEMP")}


class EducationRecord(NamedTuple):
    """An education record; no status where nothing is recorded."""

    start: int
    end: int
    status: str
    part_time: bool
    urn: str | None


class Education:
    """The education records of an edition's lives, and what happens at school."""

    def __init__(self, plan: Plan) -> None:
        """Choose who learns where, who is excluded, and who has a statement and a plan."""
        self._plan = plan
        rng = plan.rng("education")
        self._states = self._choose_states()
        self._choose_needs()
        self._requests = self._choose_requests(rng)
        self._spells: dict[str, list[EducationRecord]] = {}
        for life, period in plan.periods.items():
            self._spells[period.cla_id] = list(self._records(life, period, rng))
        for period in plan.earlier.values():
            school = _School(period, rng)
            self._spells[period.cla_id] = list(_before(period, school, period.end, rng))
        self._plans = self._choose_plans(rng)
        self._exclusions = self._choose_exclusions(rng)

    # -------------------------------------------------------------------------------- statuses

    def _choose_states(self) -> dict[Life, tuple[EducationState | None, ...]]:
        """What each child's record says at each month's end."""
        plan = self._plan
        choice: Choice[Life, tuple[EducationState | None, ...]] = Choice(
            f"education of edition {plan.edition.name}"
        )
        known: dict[Hashable, list[Option[tuple[EducationState | None, ...]]]] = {}
        numbers: Counter[tuple[str, int]] = Counter()
        for life in plan.ever_in_care():
            kinds = tuple(self._kind(life, month) for month in plan.months)
            if kinds not in known:
                known[kinds] = _options(kinds)
            for month, kind in enumerate(kinds):
                if kind is not None:
                    numbers[kind.group, month] += 1
                    numbers["long in care", month] += kind.neet
            choice.add(life, known[kinds], alike=kinds)
        self._require(choice, numbers)
        return {life: option.payload for life, option in choice.solve(plan.rng("statuses"))}

    def _require(
        self,
        choice: Choice[Life, tuple[EducationState | None, ...]],
        numbers: Mapping[tuple[str, int], int],
    ) -> None:
        """Meet the printed figures, and keep each group's statuses near the usual shares."""
        plan = self._plan
        choice.kpi(plan.edition, _NEET)
        choice.kpi(plan.edition, _NO_SCHOOL)
        choice.count(plan.edition, _PART_TIME)
        for month, cohort, target in plan.edition.targets(_PLAN):
            if target.denominator is not None:
                choice.exactly(total(_PLAN, month, cohort, "denominator"), target.denominator)
        for (group, month), number in numbers.items():
            for status, share in _usual(group).items():
                choice.near(f"{group} {status} {month}", share * number)
        printed = Counter[str]()
        for row in shape(plan.edition.name, "education_status"):
            printed[_stands_for(row.value)] += int(row.total)
        for status, number in printed.items():
            choice.near(f"{status} {plan.months[-1]}", number, 3)

    def _kind(self, life: Life, month: int) -> PupilKind | None:
        day = self._plan.edition.months[month].as_at
        if not life.in_care(day):
            return None
        if day < _september(life.born, _SCHOOL_STARTS):
            return PupilKind("too young", life.uasc)
        school = 5 <= life.age(day) <= 17 and not life.uasc
        if life.age(day) < _SCHOOL_ENDS:
            return PupilKind("at school", life.uasc, school=school)
        long_enough = in_care_since(self._plan, life, 12)[month]
        return PupilKind("after school", life.uasc, long_enough, school)

    # ----------------------------------------------------------------------------------- needs

    def _choose_needs(self) -> None:
        """Who has a statement or plan, where that is printed; else as the lives have it."""
        plan = self._plan
        if not any(plan.edition.targets(_STATEMENT)):
            return
        rng = plan.rng("needs")
        members = {
            life: self._printed(_STATEMENT, in_care_since(plan, life, 12)) for life in self._states
        }

        def possible(life: Life) -> list[Flags]:
            own = zip(members[life], self._states[life], strict=True)
            recorded = all(state and state.status != "NOTREC" for member, state in own if member)
            none = (False,) * len(members[life])
            return [none, members[life]] if recorded else [none]

        chosen = choose_flags(
            plan,
            _STATEMENT,
            [life for life in self._states if any(members[life])],
            members=members.__getitem__,
            possible=possible,
        )
        for life, flags in chosen.items():
            person = plan.periods[life].person
            if any(flags):
                person.sen = "EHCP"
            elif person.sen == "EHCP":
                person.sen = rng.choice(("NONE", "SUPPORT"))

    def _printed(self, kpi_id: str, members: Flags) -> Flags:
        """Of the months in which a child counts those with a print; all, where there is none."""
        printed = {month for month, _, _ in self._plan.edition.targets(kpi_id)}
        return tuple(
            member and (month in printed or not printed) for month, member in enumerate(members)
        )

    def _choose_requests(self, rng: Random) -> dict[Life, tuple[int, int | None]]:
        """When plans were asked for in care, and when issued: before a print looks at them."""
        plan, drawn = self._plan, profile()
        printed = [month for month, _, _ in plan.edition.targets(_STATEMENT)]
        months = plan.edition.months
        until = months[min(printed)].as_at if printed else plan.edition.last.as_at + 300
        found: dict[Life, tuple[int, int | None]] = {}
        for life, period in plan.periods.items():
            first = max(life.start, _STATEMENTS_ENDED, birthday(life.born, _SCHOOL_STARTS))
            first = max(first, months[0].as_at - 700)
            last = min(life.end, until, birthday(life.born, 17)) - 240
            if first >= last:
                continue
            day = rng.randrange(first, last)
            in_time = drawn.happens(rng, "ehcp_in_time")
            issued = day + (rng.randrange(90, 141) if in_time else rng.randrange(141, 240))
            if period.person.sen == "EHCP" and rng.random() < 0.5:
                found[life] = (day, issued)
            elif period.person.sen == "SUPPORT" and rng.random() < 0.1:
                found[life] = (day, None)
        return found

    # --------------------------------------------------------------------------------- records

    def _records(self, life: Life, period: Period, rng: Random) -> Iterator[EducationRecord]:
        """The records of a period of care: before the edition's months, and at their ends."""
        plan, school = self._plan, _School(period, rng)
        states = self._states.get(life, (None,) * len(plan.months))
        asked = [
            (month.as_at, state)
            for month, state in zip(plan.edition.months, states, strict=True)
            if state is not None
        ]
        if not asked:
            yield from _before(period, school, period.end, rng)
            return
        day, state = asked[0]
        began = day - (rng.randrange(10, 120) if state.part_time else rng.randrange(40, 500))
        turns = [turn for turn in school.turns if turn <= day]
        began = max([life.start, began, *turns])
        yield from _before(period, school, began, rng)
        for start, end, held in spells(plan.edition, began, life.end, states, rng):
            status = _as_recorded(held.status, rng)
            # Now and then nothing is recorded of a child whose school is not known.
            if held.status == "NOTREC" and not held.school and rng.random() < 0.1:
                status = ""
            for first, last in school.cut(start, end):
                has_school = held.school and status not in _WITHOUT_SCHOOL
                urn = school.urn(first) if has_school else None
                yield EducationRecord(first, last, status, held.part_time, urn)

    # ------------------------------------------------------------------- plans and exclusions

    def _choose_plans(self, rng: Random) -> dict[str, list[int]]:
        """The days of education plans: each term, or where printed none for half a year."""
        plan, months = self._plan, self._plan.edition.months
        looks = {}
        for life, states in self._states.items():
            full = tuple(state is not None and state.status == "FTE" for state in states)
            spans = tuple(
                (month.end(6) + 1, month.as_at) if member else None
                for month, member in zip(months, self._printed(_PLAN, full), strict=True)
            )
            looks[life] = Looks(life.start, spans)
        usually = profile().rates["pep_held"]
        chosen = choose_found(plan, _PLAN, looks, usual=usually, steady=True)
        found = {}
        for life, period in plan.periods.items():
            usual = list(_terms(period, min(period.end, plan.edition.last.as_at + 60), rng))
            if life in chosen:
                usual, _ = looks[life].place(chosen[life], usual, rng)
            found[period.cla_id] = usual
        for period in plan.earlier.values():
            found[period.cla_id] = list(_terms(period, period.end, rng))
        return found

    def _choose_exclusions(self, rng: Random) -> dict[str, list[tuple[int, bool]]]:
        """The days of exclusions, and whether they are permanent."""
        plan, months = self._plan, self._plan.edition.months
        last, looks = plan.edition.last.as_at, {}
        for life, states in self._states.items():
            pupil = all(
                state is None or (state.status == "FTE" and state.school) for state in states
            )
            first = max(life.start, birthday(life.born, 9))
            if pupil and first <= last < birthday(life.born, _SCHOOL_ENDS):
                spans = tuple(
                    (month.school_year_start, month.as_at) if state else None
                    for month, state in zip(months, states, strict=True)
                )
                looks[life] = Looks(first, spans)
        chosen = choose_found(plan, _EXCLUDED, looks, usual=0.005, count=True)
        found = {}
        before = min(month.school_year_start for month in months)
        for period in (*plan.periods.values(), *plan.earlier.values()):
            until = min(period.end, last + 60)
            found[period.cla_id] = list(_exclusions(period, before, until, rng))
        for life, flags in chosen.items():
            if any(flags):
                days, _ = looks[life].place(flags, (), rng)
                found[plan.periods[life].cla_id] += [(day, True) for day in days]
        return found

    # ------------------------------------------------------------------------------ the rows

    def add(self, extract: SyntheticExtract) -> None:
        """Add records, requests for plans, education plans and exclusions."""
        plan = self._plan
        issued = {plan.periods[life].cla_id: issued for life, (_, issued) in self._requests.items()}
        for period in (*plan.periods.values(), *plan.earlier.values()):
            self._add_records(extract, period, issued.get(period.cla_id))
            self._add_events(extract, period)
        for life, (asked, plan_issued) in self._requests.items():
            period = plan.periods[life]
            extract.add(
                "local_ehcp_requests",
                {
                    "ehcp_request_id": f"EH{period.cla_id[3:]}",
                    "person_id": period.person.person_id,
                    "request_date": asked,
                    "plan_issued_date": plan_issued,
                },
                last=plan_issued or asked,
            )

    def _add_records(self, extract: SyntheticExtract, period: Period, issued: int | None) -> None:
        for number, spell in enumerate(_at_issue(self._spells[period.cla_id], issued)):
            if not spell.status:
                continue
            extract.add(
                "local_education",
                {
                    "education_id": f"ED{period.cla_id[3:]}{number:03d}",
                    "person_id": period.person.person_id,
                    "education_status": spell.status,
                    "part_time_timetable": "Y" if spell.part_time else "N",
                    "school_urn": spell.urn,
                    "sen_status": _need(period, spell, issued),
                    "start_date": spell.start,
                    "end_date": spell.end,
                },
                last=spell.end,
            )

    def _add_events(self, extract: SyntheticExtract, period: Period) -> None:
        person = period.person.person_id
        for number, day in enumerate(self._plans[period.cla_id]):
            row_id = f"PE{period.cla_id[3:]}{number:03d}"
            plan: ExtractRow = {"pep_id": row_id, "person_id": person, "pep_date": day}
            extract.add("local_personal_education_plans", plan, last=day)
        for number, (day, permanent) in enumerate(sorted(self._exclusions[period.cla_id])):
            exclusion: ExtractRow = {
                "exclusion_id": f"EX{period.cla_id[3:]}{number:03d}",
                "person_id": person,
                "exclusion_type": "PERMANENT" if permanent else "FIXED",
                "exclusion_date": day,
            }
            extract.add("local_exclusions", exclusion, last=day)


class _School:
    """Where a child goes to school, and when that changes."""

    def __init__(self, period: Period, rng: Random) -> None:
        born = period.person.born
        self.starts = _september(born, _SCHOOL_STARTS)
        self.ends = birthday(born, _SCHOOL_ENDS)
        self.turns = (self.starts, _september(born, _SECONDARY_STARTS), self.ends)
        self._urns = [f"{rng.randrange(118000, 146000)}" for _ in range(len(self.turns) + 1)]

    def urn(self, day: int) -> str:
        """The school's number on a day."""
        return self._urns[sum(turn <= day for turn in self.turns)]

    def cut(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The parts of a span of time spent at one school."""
        yield from pairwise([start, *(day for day in self.turns if start < day < end), end])


def _september(born: int, age: int) -> int:
    """The first of September after a birthday."""
    start = birthday(born, age)
    year = date.fromordinal(start).year
    september = day_of(year, 9, 1)
    return september if september > start else day_of(year + 1, 9, 1)


def _options(
    kinds: tuple[PupilKind | None, ...],
) -> list[Option[tuple[EducationState | None, ...]]]:
    """The ways through the states, with one change at most but where the kind changes too."""
    none: tuple[EducationState | None, ...] = (None,)
    options = []
    for states in product(*(none if kind is None else _ABLE[kind.name] for kind in kinds)):
        own = [state for state in states if state is not None]
        moves = sum(a[:3] != b[:3] for a, b in pairwise(own))
        if moves > 1 and len(set(kinds)) == 1:
            continue
        effects = Effects()
        for month, (kind, state) in enumerate(zip(kinds, states, strict=True)):
            if kind is not None and state is not None:
                _count(effects, month, kind, state)
        cost = 0.3 * moves + sum(state.cost for state in own)
        options.append(Option(states, effects, cost))
    return options


def _count(effects: Effects, month: int, kind: PupilKind, state: EducationState) -> None:
    """What a child's state at a month's end adds to the totals."""
    if kind.neet:
        effects.kpi(_NEET, month, kind.uasc, state.status == "NEET")
        effects.count(f"long in care {state.status} {month}")
    if kind.school:
        effects.kpi(_NO_SCHOOL, month, False, not state.school)
    if state.part_time:
        effects.kpi(_PART_TIME, month, kind.uasc, True)
    if state.status == "FTE":
        effects.kpi(_PLAN, month, kind.uasc, 0)
    effects.count(f"{state.status} {month}")
    effects.count(f"{kind.group} {state.status} {month}")


def _usual(group: str) -> dict[str, float]:
    """The usual share of each status in a group."""
    if group in _USUAL:
        return _USUAL[group]
    group = "status_after_16" if group == "long in care" else group
    shares: dict[str, float] = {}
    for value, share in zip(profile().values(group), profile().shares(group), strict=True):
        name = _stands_for(value)
        shares[name] = shares.get(name, 0) + share
    return shares


def _stands_for(status: str) -> str:
    """The status of a state that stands for a recorded one."""
    return next((name for name, all_of in _STANDS_FOR.items() if status in all_of), status)


def _as_recorded(status: str, rng: Random) -> str:
    """One of the statuses that a state stands for."""
    drawn, group = profile(), "status_after_16"
    shares = dict(zip(drawn.values(group), drawn.shares(group), strict=True))
    able = _STANDS_FOR.get(status, (status,))
    return rng.choices(able, [shares[name] for name in able])[0]


def _at_issue(records: list[EducationRecord], issued: int | None) -> Iterator[EducationRecord]:
    """The records, with one that lasts over the day a plan was issued cut in two."""
    for spell in records:
        if issued is not None and spell.start < issued < spell.end:
            yield spell._replace(end=issued)
            spell = spell._replace(start=issued)
        yield spell


def _need(period: Period, spell: EducationRecord, issued: int | None) -> str:
    """The special need a record shows: a statement was what a plan is now."""
    need = period.person.sen
    if spell.status == "NOTREC":
        return "NONE"
    if need == "EHCP" and issued is not None and spell.start < issued:
        return "SUPPORT"
    return "STATEMENT" if need == "EHCP" and spell.start < _STATEMENTS_ENDED else need


def _before(period: Period, school: _School, until: int, rng: Random) -> Iterator[EducationRecord]:
    """Records up to a day, as they usually are."""
    drawn = profile()
    for start, end in school.cut(period.start, until) if until > period.start else ():
        status = "NOTREC" if start < school.starts else "FTE"
        if start >= school.ends:
            status = drawn.draw(rng, "status_uasc" if period.person.uasc else "status_after_16")
        urn = school.urn(start) if status in ("FTE", "PTEET", "FTT") else None
        yield EducationRecord(start, end, status, False, urn)


def _terms(period: Period, until: int, rng: Random) -> Iterator[int]:
    """A personal education plan each term, from the first weeks in care."""
    day = max(period.start + rng.randrange(10, 60), period.person.birthday(_SCHOOL_STARTS))
    while day < until:
        if profile().happens(rng, "pep_held"):
            yield day
        day += rng.randrange(100, 145)


def _exclusions(period: Period, before: int, until: int, rng: Random) -> Iterator[tuple[int, bool]]:
    """Exclusions as they usually are; permanent ones only before a day."""
    drawn = profile()
    begins = max(period.start, period.person.birthday(9))
    until = min(until, period.person.birthday(_SCHOOL_ENDS))
    often = "exclusions_often" if drawn.happens(rng, "excluded_at_all") else "exclusions_seldom"
    day = begins + int(rng.expovariate(drawn.rates[often]))
    while day < until:
        permanent = drawn.happens(rng, "exclusion_permanent") and day < before
        yield day, permanent
        day += 7 + int(rng.expovariate(drawn.rates[often]))
