"""The days in an edition's months that indicators depend on, as ordinals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from cpw.core.reporting_month import ReportingMonth
from cpw_synthetic.days import working_days_after


@dataclass(frozen=True)
class EditionMonth:
    """A reporting month of an edition.

    Attributes:
        month: the reporting month.
        window_name: `R12M` or `YTD`, the edition's window.
    """

    month: ReportingMonth
    window_name: str

    @cached_property
    def as_at(self) -> int:
        """The month's last day."""
        return self.month.as_at.toordinal()

    @property
    def first(self) -> int:
        """The month's first day."""
        return self.month.first_day.toordinal()

    def end(self, months: int) -> int:
        """The last day of the month that is ``months`` months earlier."""
        if months not in self._ends:
            self._ends[months] = self.month.plus(-months).as_at.toordinal()
        return self._ends[months]

    @cached_property
    def _ends(self) -> dict[int, int]:
        return {}

    @cached_property
    def year_start(self) -> int:
        """The last 1 April on or before the month's end."""
        return self._latest(4)

    @property
    def school_year_start(self) -> int:
        """The last 1 September on or before the month's end."""
        return self._latest(9)

    def _latest(self, month: int) -> int:
        day = self.month.as_at
        return date(day.year if day.month >= month else day.year - 1, month, 1).toordinal()

    @cached_property
    def window_start(self) -> int:
        """The first day of the edition's window."""
        return self.end(12) + 1 if self.window_name == "R12M" else self.year_start

    def in_window(self, day: int | None) -> bool:
        """Whether a day lies in the edition's window."""
        return day is not None and self.window_start <= day <= self.as_at

    def in_year(self, day: int | None) -> bool:
        """Whether a day lies in the financial year to date."""
        return day is not None and self.year_start <= day <= self.as_at

    def due_in_window(self, start: int, working_days: int) -> bool:
        """Whether a due date so many working days after a day is in the edition's window."""
        return self.in_window(working_days_after(start, working_days))
