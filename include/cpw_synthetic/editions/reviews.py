"""Reviews: when each falls due, which are late, and who takes part."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months, working_days_after
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.plan import Flags, Plan, choose_flags, in_care_flags
from cpw_synthetic.extract import After, SyntheticExtract

_KPI = "participation_at_reviews"
_EXCLUDED_UNDER = 4


@dataclass(eq=False)
class Review:
    """A review: due and held; ``extra`` where it was called between the regular ones."""

    life: Life
    due: int
    held: int
    code: str | None = None
    cancelled: bool = False
    extra: bool = False


class Reviews:
    """The reviews of an edition's lives."""

    def __init__(self, plan: Plan) -> None:
        """Choose who is reviewed late, and who takes part."""
        self._plan = plan
        self.of = {life: list(_regular(plan, life)) for life in plan.lives}
        self._choose_late()
        self._choose_participation()

    def held(self, life: Life, day: int) -> int:
        """How many reviews were held by a day."""
        return sum(r.held <= day and not r.cancelled for r in self.of[life])

    def _choose_late(self) -> None:
        plan, rng = self._plan, self._plan.rng("late reviews")
        ways: dict[Life, dict[Flags, Review | None]] = {}
        members: dict[Life, tuple[bool, ...]] = {}
        for life in plan.ever_in_care():
            in_care = in_care_flags(plan, life)
            members[life] = tuple(
                cic and any(month.end(12) < r.due <= month.as_at for r in self.of[life])
                for cic, month in zip(in_care, plan.edition.months, strict=True)
            )
            found: dict[Flags, Review | None] = {members[life]: None}
            for review in self.of[life]:
                flags = tuple(
                    member and not month.end(12) < review.due <= month.as_at
                    for member, month in zip(members[life], plan.edition.months, strict=True)
                )
                found.setdefault(flags, review)
            ways[life] = found
        chosen = choose_flags(
            plan,
            "reviews_in_timescale",
            ways,
            members=members.__getitem__,
            possible=lambda life: list(ways[life]),
        )
        for life, flags in chosen.items():
            late = ways[life][flags]
            if late is not None:
                late.held = late.due + rng.randrange(2, 25)

    def _choose_participation(self) -> None:
        plan, rng = self._plan, self._plan.rng(_KPI)
        choice: Choice[Review, str] = Choice(f"{_KPI} of edition {plan.edition.name}")
        for life in plan.lives:
            own = self.of[life]
            for review in own:
                self._add_regular(choice, review, rng)
            for review in list(_between(own)):
                windows = self._windows(review)
                if windows and life.age(review.held) >= _EXCLUDED_UNDER and review.held < life.end:
                    options = [self._option(review, windows, c, 2) for c in ("yes", "no")]
                    choice.add(review, options, may_drop=True)
        choice.kpi(plan.edition, _KPI)
        for review, option in choice.solve(rng):
            if review.extra:
                self.of[review.life].append(review)
            review.cancelled = option.payload == "cancelled"
            review.code = _code(option.payload == "yes", rng.random())
        for life, reviews in self.of.items():
            self.of[life] = sorted(reviews, key=lambda r: r.due)

    def _add_regular(self, choice: Choice[Review, str], review: Review, rng: Random) -> None:
        """Add a regular review to the choice, or give it its code if no figure depends on it."""
        life, windows = review.life, self._windows(review)
        if life.age(review.held) < _EXCLUDED_UNDER:
            review.code = "PN0"
        elif not windows or review.held >= life.end:
            review.code = profile().draw(rng, "participation")
        else:
            options = [self._option(review, windows, code) for code in ("yes", "no")]
            if review.held <= review.due and self._can_be_cancelled(review):
                options.append(Option("cancelled", {}, 3))
            choice.add(review, options)

    def _windows(self, review: Review) -> list[int]:
        return [i for i, m in enumerate(self._plan.edition.months) if m.in_window(review.held)]

    def _option(
        self, review: Review, windows: list[int], payload: str, cost: float = 0
    ) -> Option[str]:
        effects = Effects()
        for month in windows:
            effects.kpi(_KPI, month, review.life.uasc, payload == "yes")
        return Option(payload, effects, cost)

    def _can_be_cancelled(self, review: Review) -> bool:
        """Whether another review on both sides keeps the child among those with one."""
        own = self.of[review.life]
        index = own.index(review)
        return index % 2 == 1 and index + 1 < len(own) and own[index + 1].held < review.life.end

    def add(self, extract: SyntheticExtract) -> dict[Life, list[int]]:
        """Add the reviews; return the days they were held."""
        days: dict[Life, list[int]] = {}
        for life, reviews in self.of.items():
            days[life] = []
            planned = life.start
            for number, review in enumerate(reviews):
                missed = review.held >= life.end
                if not missed and not review.cancelled:
                    days[life].append(review.held)
                self._add(extract, number, review, planned, missed)
                planned = min(review.held, review.due)
        return days

    def _add(
        self, extract: SyntheticExtract, number: int, review: Review, planned: int, missed: bool
    ) -> None:
        period = self._plan.periods[review.life]
        gone = missed or review.cancelled
        on = period.end if missed else review.held
        extract.add(
            "ssd_cla_reviews",
            {
                "clar_cla_review_id": f"RV{period.cla_id[3:]}{number:03d}",
                "clar_cla_id": period.cla_id,
                "clar_cla_review_due_date": review.due,
                "clar_cla_review_date": None if gone else review.held,
                "clar_cla_review_cancelled": After(on, "Y", "N") if gone else "N",
                "clar_cla_review_participation": (
                    None if gone else After(review.held, review.code)
                ),
            },
            known=min(planned, review.due),
            last=on,
        )


def _regular(plan: Plan, life: Life) -> Iterator[Review]:
    """Within 20 working days, after three months, then every six; one more than care lasts."""
    rng = plan.world.rng("reviews", life.number)
    due = working_days_after(life.start, 20)
    before, months = life.start, 3
    while due < min(life.end, plan.edition.last.as_at + 400):
        held = max(before + 1, due - rng.randrange(0, 15))
        yield Review(life, due, held)
        before, due = due, add_months(due, months)
        months = 6


def _between(reviews: list[Review]) -> Iterator[Review]:
    """Reviews that may have been called between two regular ones."""
    for first, second in itertools.pairwise(reviews):
        day = (first.due + second.due) // 2
        if second.due - first.due > 120 and second.held < second.life.end:
            yield Review(first.life, day, day, extra=True)


def _code(takes_part: bool, share: float) -> str | None:
    codes = ("PN1", "PN2", "PN3", "PN5", "PN6") if takes_part else ("PN4", "PN7", "PN7")
    return codes[int(share * len(codes))]
