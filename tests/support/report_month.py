"""Months and indicators of the reports, made by hand: sensible defaults, overridden by keyword."""

from __future__ import annotations

from datetime import date
from typing import Any

from cpw.core.partition import Partition
from cpw.reports.month.month import (
    NO_FIGURE,
    Audience,
    Figure,
    Indicator,
    PrintedResult,
    PublishedMonth,
)


def indicator(kpi_id: str = "reviews_in_timescale", **overrides: Any) -> Indicator:
    """A percentage of children, the higher the better: 90 of 100, and 88 of 100 before."""
    values: dict[str, Any] = {
        "kpi_id": kpi_id,
        "position": 1,
        "section": "Children",
        "label": "% of reviews held in time",
        "pid_reference": None,
        "lead_role": "Head of Children in Care Teams",
        "unit": "percent",
        "polarity": "H",
        "period": "SS",
        "subject": "child",
        "definition": "Of the children in care, those whose review was held in time.",
        "changed": None,
        "choices": None,
        "basis": "paper",
        "counts_when": "every review was held in time",
        "counts_not_when": "a review was held late or not at all",
        "measure_means": None,
        "target": 95.0,
        "floor": 85.0,
        "floor_basis": "assumed",
        "status": "computed",
        "printed": PrintedResult("90.0%", "A"),
        "figure": Figure(90, 100, 90.0, "A"),
        "previous": PrintedResult("88.0%", "A"),
        "before": Figure(88, 100, 88.0, "A"),
        "outturn": PrintedResult(None, None),
        "direction": "improved",
        "national_result": None,
        "national_basis": None,
        "note": None,
        "exc_uasc": None,
        "trend": (),
        "exc_uasc_trend": (),
        "groups": (),
        "quality": None,
        "commentary": None,
    }
    return Indicator(**{**values, **overrides})


def without_previous(**overrides: Any) -> Indicator:
    """An indicator of a first month: nothing stands before it."""
    nothing = {"previous": PrintedResult(None, None), "before": None, "direction": None}
    return indicator(**{**nothing, **overrides})


def without_figure(**overrides: Any) -> Indicator:
    """An indicator of which there is nothing to show."""
    nothing = {"printed": PrintedResult(None, None), "figure": NO_FIGURE}
    return without_previous(**{**nothing, **overrides})


def month(*indicators: Indicator, **overrides: Any) -> PublishedMonth:
    """June 2018 of Kent after May, the panel's edition, of the indicators given (or one)."""
    values: dict[str, Any] = {
        "partition": Partition.of("886", "2018-06"),
        "authority_name": "Kent",
        "as_at": date(2018, 6, 30),
        "edition": "2018-06",
        "frequency": "monthly",
        "publication_version": 1,
        "previous_month": "2018-05",
        "audience": Audience.PANEL,
        "indicators": indicators or (indicator(),),
        "topics": (),
        "quality": None,
    }
    return PublishedMonth(**{**values, **overrides})
