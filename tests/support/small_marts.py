"""Marts of a few rows, made by hand: figures of June 2018 and before, and the tables of topics."""

from __future__ import annotations

from typing import Any

import duckdb

from cpw.reports.disclosure.public_edition import decide_withheld, public_edition
from cpw.reports.month.month import PublishedMonth

Database = duckdb.DuckDBPyConnection
Result = tuple[str, str, str, str, str | None, float, float | None]


def for_the_public(month: PublishedMonth, connection: Database) -> PublishedMonth:
    """The public edition of a month."""
    return public_edition(month, decide_withheld(month, connection))


def database(*results: Result) -> Database:
    """The marts' figures: month, indicator, cohort, unit, subject, numerator, denominator."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute(
        "create table marts.kpi_result (authority varchar, month varchar, kpi_id varchar, "
        "cohort varchar, status varchar, numerator decimal(18, 4), denominator decimal(18, 4))"
    )
    connection.execute(
        "create table marts.dim_kpi "
        "(authority varchar, month varchar, kpi_id varchar, unit varchar, subject varchar)"
    )
    connection.execute(
        "create table marts.scorecard (authority varchar, month varchar, kpi_id varchar)"
    )
    connection.execute(
        "create table marts.kpi_breakdown (authority varchar, month varchar, kpi_id varchar, "
        "cohort varchar, dimension varchar, dimension_value varchar, "
        "numerator decimal(18, 4), denominator decimal(18, 4))"
    )
    for when, kpi_id, cohort, unit, subject, numerator, denominator in results:
        connection.execute(
            "insert into marts.kpi_result values ('886', ?, ?, ?, 'computed', ?, ?)",
            [when, kpi_id, cohort, numerator, denominator],
        )
        if cohort == "all":
            connection.execute(
                "insert into marts.dim_kpi values ('886', ?, ?, ?, ?)",
                [when, kpi_id, unit, subject],
            )
            connection.execute("insert into marts.scorecard values ('886', ?, ?)", [when, kpi_id])
    return connection


def of_children(kpi_id: str, numerator: int, denominator: int, when: str = "2018-06") -> Result:
    return (when, kpi_id, "all", "percent", "child", numerator, denominator)


def counted(kpi_id: str, number: int, when: str = "2018-06", subject: str = "child") -> Result:
    return (when, kpi_id, "all", "count", subject, number, None)


def fill(connection: Database, mart: str, *rows: dict[str, Any], month: str = "2018-06") -> None:
    """Add rows of a month to a mart, which has the columns of the first that it is given."""
    for row in rows:
        of_kent = {"authority": "886", "month": month, **row}
        columns = ", ".join(
            f"{name} {'varchar' if isinstance(value, str) else 'double'}"
            for name, value in of_kent.items()
        )
        connection.execute(f"create table if not exists marts.{mart} ({columns})")
        connection.execute(
            f"insert into marts.{mart} ({', '.join(of_kent)}) "
            f"values ({', '.join('?' for _ in of_kent)})",
            list(of_kent.values()),
        )
