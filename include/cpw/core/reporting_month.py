"""The reporting month: a calendar month, and ``as_at``, its last day."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from cpw.core.errors import InputError

_PATTERN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True)
class ReportingMonth:
    """A calendar month, ordered in time, written ``YYYY-MM``."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> ReportingMonth:
        """Read ``YYYY-MM``.

        Raises:
            InputError: the text is not a month.
        """
        match = _PATTERN.fullmatch(text)
        if not match or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1900:
            raise InputError(
                f"'{text}' is not a reporting month", remedy="Write it as YYYY-MM, such as 2018-06"
            )
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """The month as ``YYYY-MM``."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first_day(self) -> date:
        """The month's first day."""
        return date(self.year, self.month, 1)

    @cached_property
    def as_at(self) -> date:
        """The month's last day."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def plus(self, months: int) -> ReportingMonth:
        """The month ``months`` later (earlier when negative)."""
        index = self.year * 12 + self.month - 1 + months
        return ReportingMonth(index // 12, index % 12 + 1)
