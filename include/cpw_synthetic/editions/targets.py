"""What an edition's papers printed: the targets of its calibrated extracts, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil

from cpw.core.errors import InputError
from cpw.core.paths import csv_rows, seed_rows
from cpw.core.reporting_month import ReportingMonth
from cpw_synthetic.editions.months import EditionMonth
from cpw_synthetic.folders import PROFILE

AUTHORITY = "886"  # whose papers the editions are
COHORTS = ("all", "exc_uasc")


@dataclass(frozen=True)
class Target:
    """A printed figure: numerator and denominator where printed, else the shown result.

    Attributes:
        numerator: of a count, the count.
        denominator: none for a count.
        shown: the result as printed, one decimal; what the other two give, where they are known.
        decimals: of the shown result.
        tolerance: how far from the print the result may lie: more than nothing only where the
            print cannot be met by one set of histories (see `docs/editions.md`).
    """

    numerator: float | None
    denominator: float | None
    shown: float
    decimals: int
    tolerance: float = 0.0

    def bounds(self, denominator: float, scale: float) -> tuple[float, float]:
        """The numerators that show as printed over a denominator: from, and up to but without."""
        half = 0.5 * 10**-self.decimals + self.tolerance
        return (
            (self.shown - half) * denominator / scale,
            (self.shown + half) * denominator / scale,
        )

    def can_show(self, denominator: int) -> bool:
        """Whether some numerator over a denominator shows as printed, of a percentage."""
        low, high = self.bounds(denominator, 100)
        return ceil(low - 1e-9) < high


@dataclass(frozen=True)
class PrintedEdition:
    """An edition's months in order of time, the printed one last, and what was printed."""

    name: str
    months: tuple[EditionMonth, ...]
    figures: Mapping[tuple[int, str, str], Target]
    populations: tuple[float, ...]
    health_minimum_months: int
    in_touch_only: bool

    def target(self, month: int, kpi_id: str, cohort: str = "all") -> Target | None:
        """The printed figure of the ``month``-th month, if there is one."""
        return self.figures.get((month, kpi_id, cohort))

    def targets(self, kpi_id: str) -> Iterator[tuple[int, str, Target]]:
        """All printed figures of a KPI: month, cohort and figure."""
        for month in range(len(self.months)):
            for cohort in COHORTS:
                found = self.target(month, kpi_id, cohort)
                if found is not None:
                    yield month, cohort, found

    @property
    def last(self) -> EditionMonth:
        """The printed month."""
        return self.months[-1]

    @property
    def begin(self) -> int:
        """The day before the first window begins."""
        return min(month.window_start for month in self.months) - 1


def _number(text: str) -> float | None:
    return float(text) if text else None


def edition_names() -> tuple[str, ...]:
    """The editions with printed figures."""
    return tuple(dict.fromkeys(row["edition"] for row in csv_rows(PROFILE / "edition_targets.csv")))


@cache
def printed_edition(name: str) -> PrintedEdition:
    """An edition's months and printed figures.

    Raises:
        InputError: there is none of that name.
    """
    if name not in edition_names():
        raise InputError(
            f"there are no printed figures of an edition '{name}'",
            remedy=f"Known are {', '.join(edition_names())} ({PROFILE / 'edition_targets.csv'})",
        )
    mine = [row for row in csv_rows(PROFILE / "edition_targets.csv") if row["edition"] == name]
    settings = next(row for row in seed_rows("editions") if row["edition"] == name)
    names = sorted({row["month"] for row in mine})
    months = tuple(EditionMonth(ReportingMonth.parse(m), settings["window_name"]) for m in names)
    figures = {
        (names.index(row["month"]), row["kpi_id"], row["cohort"]): Target(
            _number(row["numerator"]),
            _number(row["denominator"]),
            float(row["shown"]),
            len(row["shown"].partition(".")[2]),
            float(row["tolerance"] or 0),
        )
        for row in mine
    }
    return PrintedEdition(
        name,
        months,
        figures,
        tuple(_population(month) for month in months),
        int(settings["health_minimum_months"]),
        settings["care_leavers_in_touch_only"] == "yes",
    )


def _population(month: EditionMonth) -> float:
    """The authority's population under 18 in force."""
    known = [
        row
        for row in seed_rows("populations")
        if row["authority"] == AUTHORITY and row["valid_from"] <= month.month.as_at.isoformat()
    ]
    return float(max(known, key=lambda row: row["valid_from"])["population"])
