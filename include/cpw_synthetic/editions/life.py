"""A child in a period of care, and lives drawn by chance: more than an edition needs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.days import add_months, age_on, birthday, working_days_after
from cpw_synthetic.editions.shapes import shape
from cpw_synthetic.editions.targets import PrintedEdition

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


def pool(edition: PrintedEdition, rng: Random) -> Iterator[Life]:
    """Lives to choose from: several times as many as an edition needs."""
    months = (edition.last.as_at - edition.begin) / 30.4
    for uasc in (False, True):
        cohort = "exc_uasc"
        left = leavers(edition, cohort)
        cic = _children_in_care(edition, cohort)
        if uasc:
            left = leavers(edition, "all") - left
            cic = _children_in_care(edition, "all") - cic
        for _ in range(int(cic * _SPARE)):
            yield _staying(edition, uasc, rng)
        for _ in range(int(left / 12 * months * _SPARE)):
            life = _leaving(edition, uasc, rng)
            if life is not None:
                yield life


def _children_in_care(edition: PrintedEdition, cohort: str) -> float:
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


def who(uasc: bool, rng: Random) -> tuple[str, str, str, bool]:
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


def _life(kind: str, born: int, start: int, end: int, reason: str, rng: Random) -> Life:
    uasc = kind == "uasc"
    sex, ethnicity, nationality, disabled = who(uasc, rng)
    return Life(kind, uasc, sex, born, start, end, reason, ethnicity, nationality, disabled)


def _staying(edition: PrintedEdition, uasc: bool, rng: Random) -> Life:
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
    return _life("uasc" if uasc else "long", born, start, adult, reason, rng)


def _arrival(edition: PrintedEdition, latest: int, rng: Random) -> int:
    """A day an unaccompanied child arrived: in the years before, or when so many did."""
    arrivals = shape(edition.name, "uasc_arrivals")
    if arrivals and rng.random() < 0.65:
        month = rng.choices(arrivals, [row.total for row in arrivals])[0].value
        day = date.fromisoformat(f"{month}-01").toordinal() + rng.randrange(28)
        if day <= latest:
            return day
    return latest - int(rng.random() ** 1.3 * 1500)


def _some_time_ago(edition: PrintedEdition, born: int, rng: Random) -> int:
    """A day care began: of each span of time that a definition looks back on, enough."""
    today, last = edition.last.as_at, edition.last
    bounds = [born, last.end(30), last.end(18), last.end(12), last.end(3), today + 1]
    spans = [(a, b) for a, b in itertools.pairwise(bounds) if max(a, born) < b]
    weights = [4, 2, 1.5, 2, 1.5][-len(spans) :]
    low, high = rng.choices(spans, weights)[0]
    return rng.randrange(max(low, born), high)


def _leaving(edition: PrintedEdition, uasc: bool, rng: Random) -> Life | None:
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
        life = _life("uasc" if uasc else "long", born, start, end, reason, rng)
    elif kind == "adoption":
        usual = _days_to_placing(edition)
        # Most are placed soon; a few wait long, and make the mean.
        times = rng.uniform(0.45, 0.82) if rng.random() < 0.65 else rng.uniform(0.9, 2.6)
        start = end - int(usual * times) - rng.randrange(120, 260)
        years = rng.choice((0, 0, 0, 0, 1, 1, 2, 3, 4, 5)) + rng.random() * (rng.random() < 0.9)
        life = _life(kind, start - int(years * YEAR), start, end, "E12", rng)
    elif kind == "sgo":
        start = end - rng.randrange(150, 900)
        born = start - int(rng.random() ** 1.4 * 13 * YEAR)
        if uasc:
            start = end - rng.randrange(60, 500)
            born = start - int(rng.uniform(13, 16) * YEAR)
        reason = drawn.draw(rng, "end_sgo")
        reason = reason if reason in GUARDIANSHIP else "E47"
        life = _life("uasc" if uasc else kind, born, start, end, reason, rng)
    else:
        low, high = (1, 7) if kind == "soon" else (32, 700)
        start = end - rng.randrange(low, high)
        if uasc and kind != "soon":
            start = min(start, _arrival(edition, end - low, rng))
        years = rng.uniform(14, 17.2) if uasc else rng.random() * 17.2
        born = start - int(years * YEAR)
        reason = drawn.draw(rng, "end_early_uasc" if uasc else "end_short")
        life = _life("uasc" if uasc else "short", born, start, end, reason, rng)
    return life if _is_plain(edition, life) else None


def _born_on_day_of_turning_18(day: int) -> int:
    born = add_months(day, -18 * 12)
    return born if birthday(born, 18) == day else born + 1


def _days_to_placing(edition: PrintedEdition) -> float:
    target = edition.target(len(edition.months) - 1, "adoption_days_care_to_placed")
    return target.shown if target else 400.0


def _is_plain(edition: PrintedEdition, life: Life) -> bool:
    """Whether no date lies where the day itself would decide a figure twice."""
    if life.start >= life.end or life.start < life.born or birthday(life.born, 18) < life.end:
        return False
    if life.reason in ADOPTION and any(life.end == m.year_start for m in edition.months):
        return False
    if working_days_after(life.start, 20) < life.end:
        return True
    short = working_days_after(life.start, 5) >= life.end
    return short and not any(life.in_care(month.as_at) for month in edition.months)


def leavers(edition: PrintedEdition, cohort: str) -> float:
    """How many left care in the printed month's window."""
    suffix = "" if cohort == "all" else "_exc_uasc"
    target = edition.target(len(edition.months) - 1, f"left_care_sgo{suffix}")
    if target is None or target.denominator is None:
        raise AssertionError("every edition prints who left care")
    return target.denominator
