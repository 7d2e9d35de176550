"""Collection years: a return covers 1 April to 31 March, and is named by the year that ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cpw.core.errors import InputError
from cpw.core.reporting_month import ReportingMonth


def label(year: int) -> str:
    """The name of a return in results and failures."""
    return f"ssda903_{year}"


def first_day(year: int) -> date:
    """The 1 April on which a collection year starts."""
    return date(year - 1, 4, 1)


def last_day(year: int) -> date:
    """The 31 March on which a collection year ends."""
    return date(year, 3, 31)


def year_of(day: date) -> int:
    """The collection year that contains a day."""
    return day.year + (day > last_day(day.year))


def check_month(month: ReportingMonth, years: Sequence[int]) -> None:
    """Check that a month is in one of the collection years.

    Raises:
        InputError: it is not, or a year between the returns is missing.
    """
    known = sorted(years)
    missing = sorted(set(range(known[0], known[-1] + 1)) - set(known))
    if missing:
        raise InputError(
            f"no return of {', '.join(map(str, missing))} was given, between those of "
            f"{known[0]} and {known[-1]}",
            remedy="Add the missing returns, or use only those of the later years",
        )
    if year_of(month.as_at) not in known:
        raise InputError(
            f"{month} is in the collection year {year_of(month.as_at)}, and that return was not "
            "given",
            remedy=f"Choose a month from {first_day(known[0]):%Y-%m} to {last_day(known[-1]):%Y-%m}"
            ", or add the return of that year",
        )
