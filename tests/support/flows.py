"""Movements of children in care and open cases of care leavers, made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cpw.core.reporting_month import ReportingMonth
from cpw.reports.projection.project import CHILDREN, LEAVERS, Flow

AS_AT = date(2018, 6, 30)
JUNE = ReportingMonth(2018, 6)

Stay = tuple[int, int, int]
"""Stock, entries and exits of each month."""


def months(count: int, end: ReportingMonth = JUNE) -> list[str]:
    return [str(end.plus(back)) for back in range(1 - count, 1)]


def steady(groups: Mapping[tuple[int, bool], Stay], count: int = 36) -> list[Flow]:
    """Children of single ages, UASC or not, alike in every month."""
    return [
        Flow(CHILDREN, month, age, is_uasc, stock, entries, exits, stock)
        for month in months(count)
        for (age, is_uasc), (stock, entries, exits) in groups.items()
    ]


def cases(stock: Mapping[tuple[int, bool], int], month: str = "2018-06") -> list[Flow]:
    """Open cases of care leavers by age at a month's end."""
    return [
        Flow(LEAVERS, month, age, is_uasc, None, None, None, number)
        for (age, is_uasc), number in stock.items()
    ]


BUSY = steady({(5, False): (130, 10, 10), (17, False): (60, 6, 8), (16, True): (40, 4, 4)})
