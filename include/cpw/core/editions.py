"""Scorecard editions: which one is in force for a month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from cpw.core.errors import InputError
from cpw.core.paths import seed_rows
from cpw.core.reporting_month import ReportingMonth


@dataclass(frozen=True)
class Edition:
    """A scorecard edition: in force from a day on, and how often it is printed."""

    name: str
    valid_from: str
    frequency: Literal["monthly", "quarterly"]


@cache
def editions() -> dict[str, Edition]:
    """The editions by name, the earliest first, from ``seeds/editions/editions.csv``."""
    rows = sorted(seed_rows("editions"), key=lambda row: row["valid_from"])
    return {
        row["edition"]: Edition(
            row["edition"],
            row["valid_from"],
            "quarterly" if row["frequency"] == "quarterly" else "monthly",
        )
        for row in rows
    }


def check_edition(month: ReportingMonth) -> str:
    """The scorecard edition in force for a month.

    Raises:
        InputError: none was in force yet.
    """
    known = list(editions().values())
    in_force = [edition for edition in known if edition.valid_from <= month.as_at.isoformat()]
    if not in_force:
        raise InputError(
            f"no scorecard edition is in force for {month}",
            remedy=f"The first edition, {known[0].name}, is in force from {known[0].valid_from}; "
            "add an earlier one to seeds/editions/editions.csv and scorecard_editions.csv",
        )
    return in_force[-1].name
