"""Read a published month from the marts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from cpw.core.authorities import authorities
from cpw.core.database import has_column
from cpw.core.editions import editions
from cpw.core.errors import InputError
from cpw.core.partition import Partition, Source
from cpw.core.sql import read_sql
from cpw.reports.month.month import (
    NO_FIGURE,
    Audience,
    Figure,
    Group,
    Indicator,
    PrintedResult,
    PublishedMonth,
    QualityEffect,
    QualitySummary,
    TrendPoint,
)
from cpw.reports.month.topics import read_topics

TREND_MONTHS = 60
_SQL = Path(__file__).with_name("sql")
_DIMENSIONS = (
    *("sex", "age_band", "ethnic_group", "uasc", "area", "team"),
    *("placement_group", "legal_status_group"),
)


def load_month(
    connection: duckdb.DuckDBPyConnection, partition: Partition, commentary: Mapping[str, str]
) -> PublishedMonth:
    """Read a month with every number, as the panel reads it.

    Args:
        connection: the published database.
        partition: the authority and month.
        commentary: the leads' Markdown by KPI.

    Raises:
        InputError: the month is not published, or an earlier release published it without the
            columns that the reports need.
    """
    _check(connection, partition)
    heads = _rows(connection, read_sql(_SQL / "head.sql"), partition)
    head = heads[0]
    edition = editions()[head["edition"]]
    source = read_source(connection, partition)
    rows = _rows(connection, read_sql(_SQL / "indicators.sql"), partition)
    trends = _trends(connection, partition)
    groups = _groups(connection, partition)
    return PublishedMonth(
        partition=partition,
        authority_name=authorities()[partition.authority].name,
        as_at=head["as_at"],
        edition=head["edition"],
        frequency=edition.frequency,
        publication_version=head["publication_version"],
        previous_month=max((row["previous_month"] or "" for row in rows), default="") or None,
        audience=Audience.PANEL,
        indicators=tuple(_indicator(row, trends, groups, commentary) for row in rows),
        topics=read_topics(connection, partition, source),
        quality=_quality_summary(connection, partition),
        source=source,
    )


def read_source(connection: duckdb.DuckDBPyConnection, partition: Partition) -> Source:
    """The source of a published month; the first releases had extracts alone."""
    if not has_column(connection, "dim_kpi", "source"):
        return "extract"
    found = _rows(
        connection,
        "select max(source) as source from marts.dim_kpi "
        "where authority = $authority and month = $month",
        partition,
    )
    return "ssda903" if found[0]["source"] == "ssda903" else "extract"


def _check(connection: duckdb.DuckDBPyConnection, partition: Partition) -> None:
    """Check that the month is published, with the columns that are read here."""
    if not has_column(connection, "dim_kpi", "lead_role"):
        raise InputError(
            "an earlier release made the current publication", remedy="Load the month again"
        )
    found = _rows(
        connection,
        "select lead_role from marts.dim_kpi where authority = $authority and month = $month",
        partition,
    )
    if not found:
        raise InputError(f"{partition} is not published", remedy="Load it first")
    if all(row["lead_role"] is None for row in found):
        raise InputError(f"an earlier release published {partition}", remedy="Load it again first")


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, partition: Partition, **more: object
) -> list[dict[str, Any]]:
    """A query's rows as dictionaries by column; decimals are floats."""
    where = {"authority": partition.authority, "month": str(partition.month), **more}
    result = connection.execute(query, {k: v for k, v in where.items() if f"${k}" in query})
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in result.fetchall()]


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "as_tuple") else value


def _trends(
    connection: duckdb.DuckDBPyConnection, partition: Partition
) -> dict[tuple[str, str], tuple[TrendPoint, ...]]:
    """The published months up to this one, by KPI and cohort, the oldest first."""
    trends: dict[tuple[str, str], list[TrendPoint]] = defaultdict(list)
    first = str(partition.month.plus(1 - TREND_MONTHS))
    for row in _rows(connection, read_sql(_SQL / "trend.sql"), partition, first=first):
        figure = Figure(row["numerator"], row["denominator"], row["shown"], row["rag"])
        trends[row["kpi_id"], row["cohort"]].append(TrendPoint(row["month"], figure))
    return {key: tuple(points) for key, points in trends.items()}


def _groups(
    connection: duckdb.DuckDBPyConnection, partition: Partition
) -> dict[str, tuple[Group, ...]]:
    """The breakdown of each KPI, in the order of the dimensions."""
    groups: dict[str, list[Group]] = defaultdict(list)
    for row in _rows(connection, _GROUPS, partition):
        figure = Figure(row["numerator"], row["denominator"], row["shown"])
        groups[row["kpi_id"]].append(Group(row["dimension"], row["dimension_value"], figure))
    return {
        kpi_id: tuple(sorted(found, key=lambda g: (_DIMENSIONS.index(g.dimension), _in_order(g))))
        for kpi_id, found in groups.items()
    }


_GROUPS = """
    select kpi_id, dimension, dimension_value, numerator, denominator, shown
    from marts.kpi_breakdown
    where authority = $authority and month = $month and cohort = 'all'
"""


def _in_order(group: Group) -> tuple[int, int, str]:
    """The order within a dimension: ages by their first year, others by name, unknown last."""
    years = group.value.split("-")[0].rstrip("+")
    is_age = group.dimension == "age_band" and years.isdigit()
    return (group.value == "unknown", int(years) if is_age else 0, group.value)


def _indicator(
    row: dict[str, Any],
    trends: Mapping[tuple[str, str], tuple[TrendPoint, ...]],
    groups: Mapping[str, tuple[Group, ...]],
    commentary: Mapping[str, str],
) -> Indicator:
    kpi_id = row["kpi_id"]
    trend = trends.get((kpi_id, "all"), ())
    has_figure = row["shown"] is not None
    return Indicator(
        kpi_id=kpi_id,
        position=row["position"],
        section=row["section"],
        label=row["label"] or row["name"],
        **{name: row[name] for name in _AS_THEY_ARE},
        period=row["printed_period"],
        printed=PrintedResult(row["result"], row["rag"]),
        figure=Figure(row["numerator"], row["denominator"], row["shown"], row["figure_rag"])
        if has_figure
        else NO_FIGURE,
        previous=PrintedResult(row["previous_result"], row["previous_rag"]),
        before=_before(row, trend),
        outturn=PrintedResult(row["outturn_result"], row["outturn_rag"]),
        exc_uasc=Figure(
            row["exc_numerator"], row["exc_denominator"], row["exc_shown"], row["exc_rag"]
        )
        if row["exc_kpi_id"]
        else None,
        trend=trend,
        exc_uasc_trend=trends.get((kpi_id, "exc_uasc"), ()),
        groups=groups.get(kpi_id, ()),
        quality=_quality(row),
        commentary=commentary.get(kpi_id),
        no_source=row.get("no_source_reason"),
        definition_note=row.get("definition_note"),
        reference_note=row.get("reference_note"),
        reference_is_old=bool(row.get("reference_is_old")),
        lacks_exc_uasc=row["status"] == "computed" and row["exc_status"] == "no_source",
    )


def _before(row: dict[str, Any], trend: tuple[TrendPoint, ...]) -> Figure | None:
    """The figure of the previous month, where the scorecard printed that very figure.

    None where the previous month has been published again since, with another figure.
    """
    found = [point.figure for point in trend if point.month == row["previous_month"]]
    printed = (row["previous_result"] or "").rstrip("%").replace(",", "")
    places = 1 if "." in printed else 0
    return next((figure for figure in found if f"{figure.shown:.{places}f}" == printed), None)


_AS_THEY_ARE = (
    *("pid_reference", "lead_role", "unit", "polarity", "subject", "definition", "changed"),
    *("choices", "basis", "counts_when", "counts_not_when", "measure_means", "target", "floor"),
    *("floor_basis", "status", "direction", "national_result", "national_basis", "note"),
)


def _quality(row: dict[str, Any]) -> QualityEffect | None:
    if not row["failures"]:
        return None
    return QualityEffect(
        subjects=row["subjects"],
        with_failures=row["subjects_with_failures"],
        failures=row["failures"],
        rules=row["rules"],
        worst=row["worst"],
        best=row["best"],
        worst_rag=row["worst_rag"],
        best_rag=row["best_rag"],
    )


def _quality_summary(
    connection: duckdb.DuckDBPyConnection, partition: Partition
) -> QualitySummary | None:
    results = _rows(connection, _RULES, partition)
    if not results:
        return None
    outcomes = [row["outcome"] for row in results]
    owners: dict[str, int] = defaultdict(int)
    for row in results:
        if row["outcome"] == "fail":
            owners[row["owner"]] += 1
    return QualitySummary(
        rules=len(results),
        passed=outcomes.count("pass"),
        failed=outcomes.count("fail"),
        errored=outcomes.count("errored"),
        not_run=outcomes.count("not_run"),
        quarantined=int(sum(row["rows_refused"] or 0 for row in results)),
        owners=tuple(sorted(owners.items())),
    )


_RULES = """
    select outcome, owner, rows_refused
    from marts.dq_rule_result
    where authority = $authority and month = $month
"""
