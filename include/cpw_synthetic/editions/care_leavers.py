"""Care leavers: how each did at every birthday, and where each stands at a month's end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months, day_of
from cpw_synthetic.editions.birthdays import (
    STAYS,
    Birthdays,
    out_of_touch,
    some_activity,
    some_home,
)
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.older_leavers import CURRENT_KPI, Leaver, OlderLeavers
from cpw_synthetic.editions.plan import Flags, Plan, changes
from cpw_synthetic.editions.workers import EstablishedPost, Workers
from cpw_synthetic.extract import SyntheticExtract

_PLAN = "care_leavers_pathway_plan_6m"
# Days since the latest contact at most, of who is in touch.
_LONGEST_APART = 45
# Small beside what is printed: every kind does about as well as all do.
_ALIKE = 0.05
# Kinds of care leavers: of others those who left to stay put, and the rest. Who of a hundred that
# stay put is of which kind.
_LEFT_TO_STAY, _REST, _UASC = range(3)
_STAYING = {_LEFT_TO_STAY: 0.55, _REST: 0.37, _UASC: 0.08}
# Extracts are made some days after a month's end: whose birthdays may be seen by then.
_DAYS_AFTER = 7


@dataclass(frozen=True)
class MonthEndStatus:
    """Where somebody stands at a month's end."""

    in_touch: bool
    planned: bool
    stays: bool


class CareLeavers:
    """The care leavers of an edition."""

    def __init__(self, plan: Plan) -> None:
        """Make the older care leavers; choose how all of them do."""
        self._plan = plan
        until = plan.edition.last.as_at + _DAYS_AFTER
        known = [
            Leaver(period, period.person.birthday(21) + period.slot % 300)
            for period in plan.periods.values()
            if period.makes_care_leaver and period.end <= until
        ]
        self.older = OlderLeavers(plan, known)
        self.leavers = [*known, *self.older.leavers]
        self.birthdays = Birthdays(plan, self.leavers, until)
        self.standings = self._choose_standings()
        self._keep_homes()

    # -------------------------------------------------------------------------------- standings

    def members(self, leaver: Leaver) -> Flags:
        """In which months a care leaver is one of the service's."""
        return tuple(leaver.current(month.as_at) for month in self._plan.edition.months)

    def _choose_standings(self) -> dict[Leaver, tuple[MonthEndStatus, ...]]:
        plan, rng = self._plan, self._plan.rng("standing of care leavers")
        choice: Choice[Leaver, tuple[MonthEndStatus, ...]] = Choice(
            f"current care leavers of edition {plan.edition.name}"
        )
        printed = list(plan.edition.targets(CURRENT_KPI))
        found: dict[Leaver, tuple[MonthEndStatus, ...]] = {}
        known: dict[Hashable, list[Option[tuple[MonthEndStatus, ...]]]] = {}
        in_touch: Counter[tuple[int, int]] = Counter()
        helped: Counter[int] = Counter()
        for leaver in self.leavers:
            members = self.members(leaver)
            if not any(members):
                continue
            usual = self._usually_in_touch(leaver, rng)
            can_stay = self._can_stay(leaver, usual)
            if not printed:
                found[leaver] = self._naturally(leaver, usual, can_stay, rng)
                continue
            kind = _kind(leaver)
            alike = (kind, members, usual, can_stay)
            if alike not in known:
                known[alike] = list(_standings(kind, members, usual, can_stay))
            choice.add(leaver, known[alike], alike=alike)
            now = [month for month in plan.months if members[month]]
            helped.update(now)
            in_touch.update((kind, month) for month in now if usual[month])
        if printed:
            for kpi_id in (CURRENT_KPI, _PLAN):
                choice.kpi(plan.edition, kpi_id)
            for (kind, month), number in in_touch.items():
                choice.near(_planned(kind, month), self._share(_PLAN) * number, _ALIKE)
                staying = self._share(CURRENT_KPI) * helped[month] * _STAYING[kind]
                choice.near(_staying(kind, month), staying, _ALIKE)
            found = {leaver: option.payload for leaver, option in choice.solve(rng)}
        return found

    def _usually_in_touch(self, leaver: Leaver, rng: Random) -> Flags:
        natural = rng.random() < 0.95
        latest = [self.birthdays.latest(leaver, month) for month in self._plan.months]
        return tuple(own.outcome.in_touch if own else natural for own in latest)

    def _can_stay(self, leaver: Leaver, in_touch: Flags) -> Flags:
        """When somebody may live with former foster carers: at 18 to 20, where that is suitable."""
        found = []
        for number, month in enumerate(self._plan.edition.months):
            own = self.birthdays.latest(leaver, number)
            grown = 18 <= leaver.period.person.age(month.as_at) <= 20
            found.append(grown and in_touch[number] and (own is None or own.outcome.suitable))
        return tuple(found)

    def _naturally(
        self, leaver: Leaver, usual: Flags, can_stay: Flags, rng: Random
    ) -> tuple[MonthEndStatus, ...]:
        drawn = profile()
        stays = leaver.period.reason == "E17" and drawn.happens(rng, "stays_put")
        return tuple(
            MonthEndStatus(
                touch, touch and not drawn.happens(rng, "pathway_plan_late"), stays and can
            )
            for touch, can in zip(usual, can_stay, strict=True)
        )

    def _share(self, kpi_id: str) -> float:
        target = self._plan.edition.target(self._plan.months[-1], kpi_id)
        return target.shown / 100 if target else 0.0

    def _keep_homes(self) -> None:
        """Who stays put at a month's end did at the birthday before."""
        for leaver, standings in self.standings.items():
            for month, standing in enumerate(standings):
                latest = self.birthdays.latest(leaver, month)
                if standing.stays and latest is not None and latest.outcome.suitable:
                    latest.home = STAYS

    # ------------------------------------------------------------------------------------- rows

    def add(self, extract: SyntheticExtract, month: int, workers: Workers) -> None:
        """Add the older care leavers, all outcomes at birthdays, and who stands where."""
        self.older.add(extract)
        posts = workers.lasting("CARE_LEAVERS")
        self.birthdays.add(extract)
        for leaver in self.leavers:
            if leaver.current(self._plan.edition.months[month].as_at):
                self._add_standing(extract, leaver, month, posts)

    def _add_standing(
        self, extract: SyntheticExtract, leaver: Leaver, month: int, posts: list[EstablishedPost]
    ) -> None:
        person, standing = leaver.period.person, self.standings[leaver][month]
        as_at = self._plan.edition.months[month].as_at
        rng = self._plan.world.rng("care leaver's standing", leaver.period.cla_id)
        post = rng.choice([p for p in posts if p.area == person.area] or posts)
        latest = self.birthdays.latest(leaver, month)
        touch, activity = "YES", some_activity(leaver.uasc, person.age(as_at), True, rng)
        home = some_home(leaver.uasc, True, rng)
        gone = out_of_touch(person.age(as_at), rng)
        suitable: str | None = "1"
        if latest is not None and latest.outcome.in_touch:
            activity = latest.activity
            home = latest.home if latest.home != STAYS else home
            suitable = "1" if latest.outcome.suitable else "2"
        elif latest is not None:
            gone = latest.touch
        if standing.stays:
            home, suitable = STAYS, "1"
        if not standing.in_touch:
            touch, home, suitable, activity = gone, "R" if gone == "NO" else "0", None, "0"
        extract.add(
            "ssd_care_leavers",
            {
                "clea_table_id": f"CL{person.person_id[3:]}",
                "clea_person_id": person.person_id,
                "clea_care_leaver_eligibility": (
                    "Relevant" if person.age(as_at) < 18 else "Former Relevant"
                ),
                "clea_care_leaver_in_touch": touch,
                "clea_care_leaver_latest_contact": self._contact(leaver, month),
                "clea_care_leaver_accommodation": home,
                "clea_care_leaver_accom_suitable": suitable,
                "clea_care_leaver_activity": activity,
                "clea_pathway_plan_review_date": self._plan_date(leaver, month),
                "clea_care_leaver_personal_advisor": post.holder,
                "clea_care_leaver_allocated_team": post.team,
                "clea_care_leaver_worker_id": post.holder,
            },
        )

    def _contact(self, leaver: Leaver, month: int) -> int | None:
        """The latest contact: about every month while in touch."""
        as_at, begins = self._plan.edition.months[month].as_at, leaver.period.end
        rng = self._plan.world.rng("care leaver's contacts", leaver.period.cla_id)
        if not self.standings[leaver][month].in_touch:
            day = self._plan.edition.months[0].as_at - rng.randrange(120, 300)
            return day if day >= begins else None
        last = date.fromordinal(as_at)
        for back in range(6):
            first = add_months(day_of(last.year, last.month, 1), -back)
            own = self._plan.world.rng("care leaver's contact", leaver.period.cla_id, first)
            day = first + own.randrange(28)
            if begins <= day <= as_at and not profile().happens(own, "month_without_contact"):
                return day
        return max(begins, as_at - _LONGEST_APART)

    def _plan_date(self, leaver: Leaver, month: int) -> int:
        """The latest review of the pathway plan: within six months where it is to be."""
        months, day = self._plan.edition.months, 0
        rng = self._plan.world.rng("care leaver's plan", leaver.period.cla_id)
        for number, standing in enumerate(self.standings[leaver][: month + 1]):
            # What a later month calls long ago is no later than that.
            following = zip(months[number:], self.standings[leaver][number:], strict=True)
            too_old = [later.end(6) for later, then in following if not then.planned]
            high = min([months[number].as_at, *too_old])
            low = months[number].end(6) + 1 if standing.planned else high - 120
            if not low <= day <= high or rng.random() < 0.2:
                day = rng.randrange(max(low, day), high + 1)
        return max(day, leaver.period.person.birthday(16))


def _kind(leaver: Leaver) -> int:
    if leaver.uasc:
        return _UASC
    return _LEFT_TO_STAY if leaver.period.reason == "E17" else _REST


def _planned(kind: int, month: int) -> str:
    """The name of how many of a kind have a plan that is up to date."""
    return f"planned {kind} {month}"


def _staying(kind: int, month: int) -> str:
    """The name of how many of a kind stay put."""
    return f"staying {kind} {month}"


def _standings(
    kind: int, members: Flags, usual: Flags, can_stay: Flags
) -> Iterator[Option[tuple[MonthEndStatus, ...]]]:
    """The ways to stand: plan or not, in touch as usual or as not, staying put up to some month."""
    months = [month for month, member in enumerate(members) if member]
    for planned in product(*((True, False) if m else (True,) for m in members)):
        for turned, until in product((False, True), range(len(members) + 1)):
            touch = tuple(u != turned for u in usual)
            stays = tuple(
                m < until and member and can
                for m, (member, can) in enumerate(zip(members, can_stay, strict=True))
            )
            missing = any(not p and not t for p, t in zip(planned, touch, strict=True))
            if missing or (until and not stays[until - 1]) or (turned and any(stays)):
                continue
            effects = Effects()
            for month in months:
                effects.kpi(CURRENT_KPI, month, kind == _UASC, stays[month])
                effects.count(_staying(kind, month), stays[month])
                if touch[month]:
                    effects.kpi(_PLAN, month, kind == _UASC, planned[month])
                    effects.count(_planned(kind, month), planned[month])
            way = tuple(MonthEndStatus(*now) for now in zip(touch, planned, stays, strict=True))
            odd = turned + 0.2 * changes(stays, members) + 0.1 * changes(planned, members)
            yield Option(way, effects, odd)
