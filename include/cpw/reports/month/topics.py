"""Read the tables of the topic pages from the marts, as ``topics.yml`` declares them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from cpw.core.partition import Partition, Source
from cpw.reports.month.month import Topic, TopicColumn, TopicRow, TopicTable

_TOPICS = Path(__file__).with_name("topics.yml")


def read_topics(
    connection: duckdb.DuckDBPyConnection, partition: Partition, source: Source = "extract"
) -> tuple[Topic, ...]:
    """The topics of a published month, without the tables that have no rows.

    In a month made of statutory returns such tables have no source, and ``lacking`` names them.
    """
    return tuple(_topic(connection, partition, source, declared) for declared in _declared())


def read_tables(
    connection: duckdb.DuckDBPyConnection, partition: Partition, table_ids: Collection[str]
) -> tuple[TopicTable, ...]:
    """Some tables of a published month, by their ids, without those that have no rows."""
    every = (table for page in _declared() for table in page["tables"])
    return _tables(connection, partition, [one for one in every if one["id"] in table_ids])


@cache
def _declared() -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = yaml.safe_load(_TOPICS.read_text(encoding="utf-8"))
    return pages


def _topic(
    connection: duckdb.DuckDBPyConnection,
    partition: Partition,
    source: Source,
    declared: dict[str, Any],
) -> Topic:
    tables = _tables(connection, partition, declared["tables"])
    shown = {table.table_id for table in tables}
    lacking = (one["title"] for one in declared["tables"] if one["id"] not in shown)
    return Topic(
        topic_id=declared["id"],
        title=declared["title"],
        introduction=declared["introduction"],
        tables=tables,
        kpi_ids=_indicators(connection, partition, declared),
        lacking=tuple(lacking) if source == "ssda903" else (),
    )


def _tables(
    connection: duckdb.DuckDBPyConnection,
    partition: Partition,
    declared: Iterable[dict[str, Any]],
) -> tuple[TopicTable, ...]:
    tables = (_table(connection, partition, one) for one in declared)
    return tuple(table for table in tables if table.rows)


def _table(
    connection: duckdb.DuckDBPyConnection, partition: Partition, declared: dict[str, Any]
) -> TopicTable:
    columns = tuple(TopicColumn(**column) for column in declared["columns"])
    rows = _rows(connection, partition, declared["query"])
    label = declared.get("total")
    return TopicTable(
        table_id=declared["id"],
        columns=columns,
        rows=rows,
        total=TopicRow(label, _sums(rows, len(columns))) if label else None,
        adds_up=declared.get("adds_up", False),
        **{name: declared[name] for name in declared if name not in _READ_ABOVE},
    )


_READ_ABOVE = ("id", "columns", "query", "total", "adds_up")


def _rows(
    connection: duckdb.DuckDBPyConnection, partition: Partition, query: str
) -> tuple[TopicRow, ...]:
    here = f"(authority = '{partition.authority}' and month = '{partition.month}')"
    found = connection.execute(query.replace("$here", here)).fetchall()
    return tuple(
        TopicRow(str(label), tuple(_value(value) for value in values), group)
        for label, group, *values in found
    )


def _sums(rows: tuple[TopicRow, ...], columns: int) -> tuple[float, ...]:
    """The sum of each column; a value that is not a number counts as 0."""
    numbers = [[v if isinstance(v, float) else 0.0 for v in row.values] for row in rows]
    return tuple(sum(row[column] for row in numbers) for column in range(columns))


def _value(value: Any) -> float | str | None:
    return value if value is None or isinstance(value, str) else float(value)


def _indicators(
    connection: duckdb.DuckDBPyConnection, partition: Partition, declared: dict[str, Any]
) -> tuple[str, ...]:
    """The topic's KPIs: those of its sections in the scorecard's order, then those it names."""
    found = connection.execute(
        "select k.kpi_id from marts.dim_kpi as k "
        "left join marts.scorecard as s using (authority, month, kpi_id) "
        "where k.authority = ? and k.month = ? "
        "and list_contains(?, coalesce(s.section, k.section)) "
        "order by s.position nulls last, k.kpi_id",
        [partition.authority, str(partition.month), declared["sections"]],
    ).fetchall()
    return (*(kpi_id for (kpi_id,) in found), *declared.get("indicators", ()))
