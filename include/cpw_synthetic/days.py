"""Days as ordinals (1 is 1 January of the year 1): fast to draw, add and compare."""

from __future__ import annotations

from datetime import date
from functools import cache

from cpw.core.paths import seed_rows

YEAR = 365.25


@cache
def iso(day: int) -> str:
    """The day as ``YYYY-MM-DD``."""
    return date.fromordinal(day).isoformat()


def day_of(year: int, month: int, day: int) -> int:
    """The ordinal of a calendar day; 29 February of a common year is 1 March."""
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return date(year, month + 1, 1).toordinal()


@cache
def add_months(day: int, months: int) -> int:
    """The same day of the month, ``months`` months later, or the last day of that month."""
    start = date.fromordinal(day)
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    for last in (start.day, 30, 29, 28):
        if last <= start.day:
            try:
                return date(year, month, last).toordinal()
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")


@cache
def birthday(born: int, age: int) -> int:
    """The day on which somebody born on ``born`` becomes ``age``."""
    start = date.fromordinal(born)
    return day_of(start.year + age, start.month, start.day)


def age_on(born: int, day: int) -> int:
    """The age in completed years on a day."""
    start, then = date.fromordinal(born), date.fromordinal(day)
    age = then.year - start.year
    return age if birthday(born, age) <= day else age - 1


@cache
def _bank_holidays() -> frozenset[int]:
    days = (date.fromisoformat(row["date"]) for row in seed_rows("bank_holidays"))
    return frozenset(day.toordinal() for day in days)


@cache
def working_days_after(day: int, count: int) -> int:
    """The ``count``-th working day strictly after ``day``."""
    holidays = _bank_holidays()
    while count:
        day += 1
        # An ordinal is 1 modulo 7 on a Monday.
        if (day - 1) % 7 < 5 and day not in holidays:
            count -= 1
    return day
