"""Adoption: who has a plan, a decision, a match, a placement or a reversal, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from random import Random

from cpw_synthetic.adoption import decision_row, plan_row
from cpw_synthetic.days import add_months
from cpw_synthetic.editions.adoption_paths import (
    OF_STAYERS,
    SIBLINGS,
    AdoptionSteps,
    EditionDays,
    adopted,
    decided_upon,
    moved,
)
from cpw_synthetic.editions.choose import CalibrationError, Choice, Effects, Option, total
from cpw_synthetic.editions.fit import Sum, fit
from cpw_synthetic.editions.life import ADOPTION, Life
from cpw_synthetic.editions.months import EditionMonth
from cpw_synthetic.editions.plan import Flags, Plan, choose_flags
from cpw_synthetic.editions.reviews import Reviews
from cpw_synthetic.editions.search import Search, Wanted
from cpw_synthetic.editions.targets import COHORTS
from cpw_synthetic.extract import SyntheticExtract
from cpw_synthetic.lives import AdoptionPath

MEANS = (
    "adoption_days_care_to_placed",
    "adoption_days_court_to_match",
    "adm_to_placement_order_days",
)
_EVENTS = (
    "siblings_placed_together",
    "adm_to_match_within_6_months",
    "placed_within_12_months_of_adm",
)
_LEFT_SO = "left with a decision in force, not adopted"
_BY_LIVES = "placed_within_12_months_of_adm denominator"
_OF_DECISIONS = ("adm_decision_within_8_weeks", "adoption_plan_by_second_review")
_PERCENTAGES = (
    "adm_to_match_within_6_months",
    "placed_within_12_months_of_adm",
    "care_to_placed_within_14_months",
    "siblings_placed_together",
    "plan_changed_from_adoption",
    "agency_decision_not_placed",
    "awaiting_adoption",
)
_CANDIDATES = 480
_NEAR_BY = 32
_ATTEMPTS = 4


class Adoption:
    """The adoption plans of an edition's lives."""

    def __init__(self, plan: Plan, reviews: Reviews) -> None:
        """Choose a path, or none, for every child who may have one."""
        self._plan, self._reviews = plan, reviews
        self._span = EditionDays(plan.edition.begin, plan.edition.last.as_at)
        rng = plan.rng("adoption")
        things: dict[Life, AdoptionSteps | None] = dict.fromkeys(self._candidates(rng))
        for life in plan.lives:
            if life.kind == "adoption":
                things[life] = self._propose(life, None, rng)
        found = self._find(things, rng)
        self.paths = {life: path.begun_in(life) for life, path in found.items() if path is not None}
        self._fit_means(rng)
        self._choose_beginnings(rng)
        self._choose_parallel(rng)
        for life, path in self.paths.items():
            if path.decided is not None:
                plan.periods[life].adoption = _as_written(path)

    # -------------------------------------------------------------------------------- proposing

    def _candidates(self, rng: Random) -> list[Life]:
        """Young children still in care, long enough for a plan."""
        last = self._plan.edition.last.as_at
        young = [
            life
            for life in self._plan.lives
            if life.in_care(last)
            and not life.uasc
            and life.age(last) <= 10
            and life.age(life.start) < 8
            and last - life.start > 40
        ]
        # Some leave with a guardian though adoption was the plan: before the last year only.
        gone = [
            life
            for life in self._plan.lives
            if life.kind == "sgo"
            and life.age(life.start) < 8
            and life.end < self._plan.edition.last.year_start
            and life.end - life.start > 200
        ]
        return gone + sorted(
            rng.sample(young, min(_CANDIDATES, len(young))), key=lambda x: x.number
        )

    def _propose(self, life: Life, path: AdoptionSteps | None, rng: Random) -> AdoptionSteps | None:
        """Another path for a child: adopted children have one, others perhaps."""
        leaves = life.kind == "adoption"
        share = rng.random()
        if path is not None and share < 0.15:
            siblings, apart = rng.choice(SIBLINGS)
            return replace(path, siblings=siblings, apart=apart)
        if leaves and path is not None and share < 0.25:
            # Some files lack the order, some the match and the placing.
            proposed = adopted(life, self._span, rng)
            lacks_order = rng.choice((True, False))
            if not proposed.in_order(life):
                return path
            if lacks_order:
                return replace(proposed, ordered=None)
            return replace(proposed, matched=None, placed=None)
        if path is not None and share < 0.4:
            return moved(life, path, rng) or path
        if not leaves and rng.random() < 0.35:
            return None
        for _ in range(40):
            make = adopted if leaves else rng.choice(OF_STAYERS)
            make = decided_upon if life.kind == "sgo" else make
            proposed = make(life, self._span, rng)
            if proposed.in_order(life):
                return proposed
        return path

    # --------------------------------------------------------------------------------- counting

    def _effects(self, life: Life, path: AdoptionSteps | None) -> Effects:
        effects = Effects()
        if path is None:
            return effects
        for index, month in enumerate(self._plan.edition.months):
            for kpi_id, value, denominator in self._figures(life, path, month):
                if denominator:
                    effects.kpi(kpi_id, index, life.uasc, value)
                else:
                    effects.count(total(kpi_id, index, "all", "numerator"), float(value))
        if _known(path.placed, self._plan.edition.last) and life.in_care(
            self._plan.edition.last.as_at
        ):
            effects.count("placed for adoption")
        return effects

    def _figures(
        self, life: Life, path: AdoptionSteps, month: EditionMonth
    ) -> Iterator[tuple[str, float, bool]]:
        """KPI, part in the numerator, and whether the subject makes the denominator."""
        day, placed = month.as_at, _known(path.placed, month)
        was_adopted = life.reason in ADOPTION and month.in_window(life.end)
        in_force = self._in_force(life, path, day, day)
        if was_adopted:
            if path.placed is not None:
                yield MEANS[0], path.placed - life.start, True
            if path.ordered is not None and path.matched is not None:
                yield MEANS[1], path.matched - path.ordered, True
            if path.decided is not None:
                soon = path.placed is not None and path.placed <= add_months(path.decided, 12)
                yield "placed_within_12_months_of_adm", soon, True
        if path.decided is not None and month.in_window(path.ordered):
            yield MEANS[2], (path.ordered or 0) - path.decided, True
        if path.decided is not None and month.in_window(path.decided):
            for kpi_id in _OF_DECISIONS:
                yield kpi_id, 0, True
        if path.decided is not None and month.in_window(path.panel):
            soon = (path.panel or 0) <= add_months(path.decided, 6)
            yield "adm_to_match_within_6_months", soon, True
        if path.siblings == "TOGETHER" and month.in_window(path.placed):
            yield "siblings_placed_together", path.apart == 0, True
        if was_adopted or in_force:
            limit = add_months(life.start, 14)
            in_time = placed <= limit if placed is not None else not was_adopted and limit > day
            yield "care_to_placed_within_14_months", in_time, True
        if in_force and placed is None:
            yield "agency_decision_not_placed", 1, False
            yield "awaiting_adoption", 1, False
        if self._in_force(life, path, month.year_start, day) or month.in_year(path.reversed_on):
            yield "plan_changed_from_adoption", month.in_year(path.reversed_on), True

    def _in_force(self, life: Life, path: AdoptionSteps, first: int, last: int) -> bool:
        """Whether the agency's decision is in force on any day of a span."""
        if path.decided is None:
            return False
        ends = life.end if path.reversed_on is None else min(life.end, path.reversed_on)
        return max(path.decided, life.start, first) < min(ends, last + 1)

    # -------------------------------------------------------------------------------- requiring

    def _in_care(self) -> Effects:
        """The denominators that everybody in care is in."""
        everybody = Effects()
        for month in self._plan.months:
            for kpi_id in ("agency_decision_not_placed", "awaiting_adoption"):
                in_care = len(self._plan.in_care(month))
                everybody.count(total(kpi_id, month, "all", "denominator"), in_care)
        return everybody

    def _search(self) -> Search:
        edition = self._plan.edition
        search = Search(f"adoption of edition {edition.name}")
        for kpi_id in _PERCENTAGES:
            search.kpi(edition, kpi_id)
        for kpi_id in _OF_DECISIONS:
            search.kpi(edition, kpi_id, free=True)
        for kpi_id in MEANS:
            for month, cohort, target in edition.targets(kpi_id):
                # Where windows overlap, few days are one month's alone to be moved.
                near = 0.004 if edition.months[month].window_name == "R12M" else 0.015
                search.mean(kpi_id, month, cohort, target, near)
        placed = 0.03 * len(self._plan.in_care(self._plan.months[-1]))
        if edition.target(self._plan.months[-1], "care_to_placed_within_14_months") is None:
            search.wanted.append(Wanted("placed for adoption", exactly=round(placed)))
        return search

    def _find(
        self, things: dict[Life, AdoptionSteps | None], rng: Random
    ) -> dict[Life, AdoptionSteps | None]:
        """First about what is printed, then, for whole numbers near by, exactly."""
        search, beside = self._search(), self._in_care()
        found, values = search.run(things, self._effects, self._propose, rng, beside)
        settled = search.settle(
            values, lambda name: name in beside or _BY_LIVES in name, list(self._balances())
        )
        for attempt in range(_ATTEMPTS):
            found, _ = settled.run(found, self._effects, self._propose, rng, beside, hot=0.4)
            near_by = self._near_by(found, rng)
            try:
                return settled.choose(near_by, beside, rng, explain=attempt == _ATTEMPTS - 1)
            except CalibrationError:
                # Other paths near by may do.
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _balances(self) -> Iterator[dict[str, float]]:
        """How the totals of decisions hang together, over a year and from year to year."""
        edition, last = self._plan.edition, self._plan.months[-1]
        changed, placed = "plan_changed_from_adoption", "care_to_placed_within_14_months"

        def of(kpi_id: str, month: int, part: str = "denominator") -> str:
            return total(kpi_id, month, "all", part)

        for month in self._plan.months:
            yield {
                of(kpi_id, month): sign for kpi_id, sign in zip(_OF_DECISIONS, (1, -1), strict=True)
            }
        if edition.target(last, changed) is None:
            return
        for month, dates in enumerate(edition.months):
            # In force at some time of the year: adopted, in force still, reversed, or left so.
            balance = {of(changed, month): 1.0, of(placed, month): -1.0}
            balance[of(changed, month, "numerator")] = -1.0
            same_year = dates.year_start == edition.last.year_start
            if not same_year:
                balance[_LEFT_SO] = -1.0
            yield balance
            # What was in force when the year began is what all of it began with.
            begun = {of(changed, last): -1.0, of(_OF_DECISIONS[0], last): 1.0}
            if month != last and same_year:
                for kpi_id in _EVENTS:
                    for part in ("numerator", "denominator"):
                        more = f"since month {month}, {part} of {kpi_id}"
                        yield {
                            of(kpi_id, month, part): 1.0,
                            more: 1.0,
                            of(kpi_id, last, part): -1.0,
                        }
                yield {of(changed, month): 1.0, of(_OF_DECISIONS[0], month): -1.0, **begun}
            elif dates.as_at == edition.last.year_start - 1:
                yield {of(placed, month): 1.0, _adopted_by(month): -1.0, **begun}

    def _near_by(
        self, found: dict[Life, AdoptionSteps | None], rng: Random
    ) -> Iterator[tuple[Life, list[Option[AdoptionSteps | None]]]]:
        """What was found for each child, and other paths to choose from."""
        for life, path in found.items():
            options = [Option(path, self._effects(life, path))]
            seen = [options[0].effects]
            for _ in range(60):
                other = self._propose(life, path, rng)
                effects = self._effects(life, other)
                if effects not in seen:
                    seen.append(effects)
                    options.append(Option(other, effects, 1.0))
                if len(options) == _NEAR_BY:
                    break
            yield life, options

    def _fit_means(self, rng: Random) -> None:
        """Move steps by some days, so that the sums of days are the printed ones."""
        sums = []
        for kpi_id in MEANS:
            for month, cohort, target in self._plan.edition.targets(kpi_id):
                number = sum(
                    self._effects(life, path).get(total(kpi_id, month, cohort, "denominator"), 0)
                    for life, path in self.paths.items()
                )
                low, high = target.bounds(number, 1.0)
                if target.numerator is not None:
                    low = high = target.numerator
                sums.append(Sum(total(kpi_id, month, cohort, "numerator"), low, high))
        loose = frozenset(
            total(kpi_id, month, cohort, part)
            for kpi_id in (*MEANS, *_PERCENTAGES)
            for month in self._plan.months
            for cohort in COHORTS
            for part in ("numerator", "denominator")
            if (kpi_id in MEANS and part == "numerator")
            or not any(self._plan.edition.targets(kpi_id))
        )
        self.paths = fit(self.paths, self._effects, moved, sums, rng, loose)

    # ------------------------------------------------------------------------ what beside the days

    def _decisions(self, life: Life) -> tuple[bool, ...]:
        path = self.paths[life]
        return tuple(
            path.decided is not None and month.in_window(path.decided)
            for month in self._plan.edition.months
        )

    def _choose_beginnings(self, rng: Random) -> None:
        """When the plan was made: how long before the decision, and at which review."""
        soon, early = (
            choose_flags(
                self._plan,
                kpi_id,
                [life for life in self.paths if any(self._decisions(life))],
                members=self._decisions,
                possible=partial(self._beginnings, kpi_id),
                steady=True,
                usual=0.75,
            )
            for kpi_id in _OF_DECISIONS
        )
        for life, path in self.paths.items():
            decided = path.decided or 0
            days = rng.randrange(12, 50)
            if life in soon and not any(soon[life]):
                days = rng.randrange(57, min(110, decided - life.start - 6))
            review = rng.choice((1, 2, 2) if any(early.get(life, (True,))) else (3, 3, 4))
            initiated = max(life.start + 6, decided - days)
            self.paths[life] = replace(path, initiated=initiated, agreed_at_review=review)

    def _beginnings(self, kpi_id: str, life: Life) -> list[Flags]:
        members = self._decisions(life)
        no = tuple(False for _ in members)
        decided = self.paths[life].decided or 0
        late_enough = decided - life.start > 70 or kpi_id != _OF_DECISIONS[0]
        return [members, no] if late_enough else [members]

    def _choose_parallel(self, rng: Random) -> None:
        """Children for whom two plans are followed at once."""
        plan, kpi_id = self._plan, "twin_tracking_after_third_review"
        choice: Choice[Life, int | None] = Choice(f"{kpi_id} of edition {plan.edition.name}")
        last = plan.edition.last.as_at
        young = [
            life for life in plan.ever_in_care() if not life.uasc and life.age(life.start) < 11
        ]
        for life in young:
            if life in self.paths:
                continue
            options: list[Option[int | None]] = [Option(None, {})]
            for first in (
                life.start + 10,
                life.start + 60,
                *(m.as_at - 20 for m in plan.edition.months),
            ):
                if life.start + 6 < first < min(last, life.end) and len(options) < 6:
                    options.append(Option(first, self._tracked(life, first), 0.1))
            choice.add(life, options)
        choice.kpi(plan.edition, kpi_id)
        if plan.edition.target(plan.months[-1], kpi_id) is None:
            choice.near(total(kpi_id, plan.months[-1], "all", "denominator"), 40)
        for life, option in choice.solve(rng):
            if option.payload is not None:
                self.paths[life] = AdoptionSteps(option.payload, rng.choice((1, 2)), True)

    def _tracked(self, life: Life, initiated: int) -> Effects:
        effects = Effects()
        for index, month in enumerate(self._plan.edition.months):
            held = self._reviews.held(life, month.as_at)
            if life.in_care(month.as_at) and initiated <= month.as_at and held:
                effects.kpi("twin_tracking_after_third_review", index, life.uasc, held >= 3)
        return effects

    # ---------------------------------------------------------------------------------- writing

    def add(self, extract: SyntheticExtract) -> None:
        """Add plans for adoption, and what the permanence table holds of them."""
        for life, path in self.paths.items():
            period = self._plan.periods[life]
            plan = plan_row(period, path.initiated, path.siblings)
            plan["plan_agreed_at_review_number"] = path.agreed_at_review
            plan["parallel_planning"] = "Y" if path.parallel else "N"
            plan["matching_panel_date"] = path.panel
            extract.add("local_adoption_plans", plan)
            if period.adoption is not None:
                in_group = (1, path.apart) if path.siblings else None
                adopted = life.reason in ADOPTION
                decision = decision_row(period, period.adoption, in_group, "RD1", adopted)
                decision["perm_placed_foster_carer_date"] = path.placed if path.by_carer else None
                extract.add("ssd_permanence", decision)


def _adopted_by(month: int) -> str:
    return total("placed_within_12_months_of_adm", month, "all", "denominator")


def _known(day: int | None, month: EditionMonth) -> int | None:
    return day if day is not None and day <= month.as_at else None


def _as_written(path: AdoptionSteps) -> AdoptionPath:
    return AdoptionPath(
        initiated=path.initiated,
        decided=path.decided or path.initiated,
        ordered=path.ordered,
        matched=path.matched,
        placed=path.placed,
        reversed_on=path.reversed_on,
        by_carer=path.by_carer,
        fostering_for_adoption=False,
    )
