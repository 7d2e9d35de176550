"""The printed scorecard of June 2018 as a month of the reports, made of its golden cells."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Literal

from cpw.core.paths import seed_rows
from cpw.reports.month.month import (
    Figure,
    Indicator,
    PrintedResult,
    PublishedMonth,
    Topic,
    TopicColumn,
    TopicRow,
    TopicTable,
)
from support.folders import GOLDEN
from support.report_month import indicator, month

_ROLE = "Head of Children in Care Teams"
# May's numerator and denominator, which no scorecard of June prints: three as the paper's text has
# them (297 children at 20 miles or more, a difference of one child, 91.1 FTE), the others any that
# give May's printed result.
BEFORE: dict[str, tuple[float, float]] = {
    "within_20_miles_exc_uasc": (1017, 1314),
    "in_house_foster_exc_uasc": (928, 1101),
    "posts_filled_permanent_qsw": (91.1, 114.9),
    "same_social_worker_12m": (490, 1065),
    "three_or_more_placements_12m": (181, 1614),
    "same_placement_2y": (392, 567),
    "return_interviews_within_3_working_days": (884, 1197),
    "iha_referral_within_5_working_days": (391, 466),
    "iha_within_20_working_days": (364, 468),
    "health_history_at_18": (46, 49),
    "average_caseload_social_worker": (1615, 95),
}


def june_2018(**overrides: Any) -> PublishedMonth:
    """June 2018 as printed, with May's printed results before it."""
    return month(*(_indicator(row) for row in _rows(GOLDEN / "scorecard_2018_06.csv")), **overrides)


def demographics() -> Topic:
    """The printed demographic page."""
    rows = _rows(GOLDEN / "demographics_2018_06.csv")
    dimensions = dict.fromkeys(row["dimension"] for row in rows)
    return Topic("demographics", "Demographics", "", tuple(_table(rows, d) for d in dimensions), ())


def _table(rows: list[dict[str, str]], dimension: str) -> TopicTable:
    return TopicTable(
        dimension,
        dimension.capitalize(),
        "children_in_care",
        dimension,
        dimension != "disability",
        tuple(TopicColumn(name, "count") for name in ("Female", "Male", "All")),
        tuple(
            TopicRow(
                row["value"], tuple(_number(row[name]) for name in ("female", "male", "total"))
            )
            for row in rows
            if row["dimension"] == dimension
        ),
        total=TopicRow("All children", (631.0, 974.0, 1605.0)),
    )


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _seed(name: str) -> dict[str, dict[str, str]]:
    rows = seed_rows(name)
    return {row["kpi_id"]: row for row in rows if row.get("edition", "2018-06") == "2018-06"}


_CATALOGUE, _EDITION = _seed("kpi_catalogue"), _seed("scorecard_editions")


def _indicator(row: dict[str, str]) -> Indicator:
    kpi_id = row["kpi_id"]
    kpi, printed = _CATALOGUE[kpi_id], _EDITION[kpi_id]
    shown = _number(row["result"])
    numerator = shown if kpi["unit"] == "count" else _number(row["numerator"])
    before = BEFORE.get(kpi_id)
    previous = _number(row["previous_result"])
    return indicator(
        kpi_id,
        position=int(row["position"]),
        section=row["section"],
        label=row["label"],
        lead_role=_ROLE,
        unit=kpi["unit"],
        subject=kpi["subject"] or None,
        polarity=row["polarity"] or None,
        period=row["period"],
        target=_number(row["target"]),
        floor=_number(printed["floor"]),
        printed=PrintedResult(_text(row["result"], kpi["unit"]), row["rag"] or None),
        figure=Figure(numerator, _number(row["denominator"]), shown, row["rag"] or None),
        previous=PrintedResult(
            _text(row["previous_result"], kpi["unit"]), row["previous_rag"] or None
        ),
        before=Figure(*before, previous) if before else None,
        outturn=PrintedResult(
            _text(row["outturn_result"], kpi["unit"]), row["outturn_rag"] or None
        ),
        direction=_direction(row["polarity"], shown, previous),
        national_result=row["national_result"].rstrip("%") or None,
        national_basis=row["national_basis"] or None,
        note=printed["note"] or None,
    )


def _number(text: str) -> float | None:
    return float(text.replace("%", "").replace(",", "")) if text else None


def _text(text: str, unit: str) -> str | None:
    return f"{int(text):,}" if unit == "count" and text else text or None


def _direction(
    polarity: str, now: float | None, then: float | None
) -> Literal["improved", "worsened", "same"] | None:
    if now is None or then is None or polarity not in ("H", "L"):
        return None
    if now == then:
        return "same"
    return "improved" if (now > then) == (polarity == "H") else "worsened"
