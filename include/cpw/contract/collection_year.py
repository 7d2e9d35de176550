"""Collection years: a return covers 1 April to 31 March, and is named by the year that ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cpw.core.errors import InputError
from cpw.core.reporting_month import ReportingMonth


def label(year: int) -> str:
    """A return as results and failures name it."""
    return f"ssda903_{year}"


def first_day(year: int) -> date:
    """1 April that a collection year starts on."""
    return date(year - 1, 4, 1)


def last_day(year: int) -> date:
    """31 March that a collection year ends on."""
    return date(year, 3, 31)


def year_of(day: date) -> int:
    """The collection year that a day lies in."""
    return day.year + (day > last_day(day.year))


def check_month(month: ReportingMonth, years: Sequence[int]) -> None:
    """Look whether a month lies in a collection year that is there.

    Raises:
        InputError: it does not, or years between the returns are missing.
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
