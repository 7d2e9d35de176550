"""Complaints, and other authorities' placements in the area: as many as printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months, iso
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.plan import Plan
from cpw_synthetic.extract import SyntheticExtract

_COMPLAINTS, _OTHERS = "complaints_in_month", "ola_cic_placed_in_area"
# Nobody is placed for a childhood and more; in days before the first that is drawn.
_LONGEST_STAY = 4500


@dataclass(frozen=True)
class _Complaint:
    day: int
    life: Life | None


@dataclass(frozen=True)
class _Stay:
    """Another authority's placement in the area."""

    authority: str
    start: int
    end: int


class OtherIncidents:
    """What comes to the authority from outside."""

    def __init__(self, plan: Plan) -> None:
        """Draw who complains when, and other authorities' placements."""
        self._plan = plan
        self._complaints = self._draw_complaints()
        self._stays = self._draw_stays()

    def _draw_complaints(self) -> list[_Complaint]:
        plan, rng = self._plan, self._plan.rng(_COMPLAINTS)
        rate = profile().rates["complaints_per_day"] * 30
        found = []
        first = plan.edition.begin + 1
        while first <= plan.edition.last.as_at + 1:
            following = add_months(first, 1)
            old_enough = [
                life for life in plan.lives if life.in_care(first) and life.age(first) >= 5
            ]
            wanted = max(1, round(rate * len(old_enough) * rng.uniform(0.5, 1.5)))
            for number, month in enumerate(plan.edition.months):
                target = plan.edition.target(number, _COMPLAINTS)
                if month.first == first and target is not None:
                    wanted = round(target.shown)
            for _ in range(wanted):
                life = rng.choice(old_enough)
                day = rng.randrange(first, min(following, life.end))
                named = not profile().happens(rng, "complaint_unnamed")
                found.append(_Complaint(day, life if named else None))
            first = following
        return found

    def _draw_stays(self) -> list[_Stay]:
        """Other authorities' placements: as many in force at each month's end as printed."""
        plan, rng = self._plan, self._plan.rng(_OTHERS)
        ends = [month.as_at for month in plan.edition.months]
        wanted = self._wanted_stays()
        usual = profile().rates["other_authority_days"]
        days = [ends[0] - 1500, *ends, ends[-1] + 30]
        numbers = [wanted[0], *wanted, wanted[-1]]
        now = [
            days[0] - min(_LONGEST_STAY, int(rng.expovariate(1 / usual))) for _ in range(numbers[0])
        ]
        found: list[_Stay] = []

        def end(start: int, low: int, high: int) -> None:
            found.append(
                _Stay(profile().draw(rng, "placing_authority"), start, rng.randrange(low, high))
            )

        for (low, high), number in zip(pairwise(days), numbers[1:], strict=True):
            share = (high - low) / usual
            rng.shuffle(now)
            # Those that begin and end in between, those that end, and those that begin.
            for _ in range(int(number * share * share / 3)):
                start = rng.randrange(low + 1, high - 1)
                end(start, start + 1, high + 1)
            leave = max(len(now) - number, int(len(now) * share / (1 + share)))
            for start in now[:leave]:
                end(start, low + 1, high + 1)
            now = now[leave:]
            now += [rng.randrange(low + 1, high + 1) for _ in range(number - len(now))]
        for start in now:
            end(start, days[-1] + 1, days[-1] + int(2 * usual))
        return found

    def _wanted_stays(self) -> list[int]:
        """How many are in force at each month's end: as printed, or as the month after."""
        wanted: list[int] = []
        following = round(profile().rates["other_authority_per_child"] * len(self._plan.in_care(0)))
        for month in reversed(self._plan.months):
            target = self._plan.edition.target(month, _OTHERS)
            following = round(target.shown) if target else following
            wanted.append(following)
        return wanted[::-1]

    def add(self, extract: SyntheticExtract) -> None:
        """Add complaints and placements."""
        self._add_complaints(extract)
        for number, stay in enumerate(self._stays):
            extract.add(
                "local_ola_placements",
                {
                    "ola_placement_id": f"OL{number:05d}0000",
                    "placing_authority": stay.authority,
                    "start_date": stay.start,
                    "end_date": stay.end,
                },
                last=stay.end,
            )

    def _add_complaints(self, extract: SyntheticExtract) -> None:
        numbers: Counter[str] = Counter()
        for complaint in self._complaints:
            life = complaint.life
            month = iso(complaint.day)[:7].replace("-", "")
            numbers[month] += 1
            extract.add(
                "local_complaints",
                {
                    "complaint_id": f"CO{month}{numbers[month]:03d}",
                    "person_id": self._plan.periods[life].person.person_id if life else None,
                    "received_date": complaint.day,
                },
                last=complaint.day,
            )
