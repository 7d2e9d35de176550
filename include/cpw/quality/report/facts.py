"""What the quality report shows, from the gates' results, the audit and the publication.

Counts only. Of each gate and feed the newest run of a month counts, whether it let the month
through or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cpw.core import audit
from cpw.core.database import connect, has_mart
from cpw.core.home import Home
from cpw.core.partition import SOURCES, Partition
from cpw.core.sql import read_sql

MONTHS_SHOWN = 12
_GATES = ("gate_return", "gate_extract", "gate_feeds", "gate_marts")
_SQL = Path(__file__).with_name("sql")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Verdict:
    """Whether the month is published, and the results of its newest gate runs."""

    state: str
    sentence: str
    runs: list[dict[str, Any]]


def verdict(home: Home, partition: Partition) -> Verdict:
    """The verdict on the month: stopped, published or not built yet."""
    events = audit.events(home, partition)
    runs = _newest_runs(events)
    stopped = [run for run in runs if run["verdict"] == "blocked"]
    published = next((e for e in reversed(events) if e["event"] == "published"), None)
    if stopped:
        rules = sum(len(run["blocked_by"]) for run in stopped)
        standing = (
            f"Version {published['publication_version']}, is still the published one."
            if published
            else "Nothing is published for this month."
        )
        return Verdict("stopped", f"Stopped by {rules} {_plural('rule', rules)}. {standing}", runs)
    if published and published["at"] >= max((run["at"] for run in runs), default=""):
        version = published["publication_version"]
        return Verdict("published", f"Published, version {version}.", runs)
    if published:
        version = published["publication_version"]
        return Verdict(
            "open", f"Gated again since version {version} was published; not built yet.", runs
        )
    return Verdict("open", "Gated so far as shown; not published yet.", runs)


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"


def _newest_runs(events: list[audit.Event]) -> list[dict[str, Any]]:
    newest = {(e["gate"], e.get("feed")): e for e in events if e["event"] == "gate" and "run" in e}
    since = max((e["at"] for (gate, _), e in newest.items() if gate == "gate_extract"), default="")
    current = [
        event
        for (gate, _), event in newest.items()
        if gate == "gate_extract" or event["at"] >= since or event["verdict"] == "passed"
    ]
    return sorted(current, key=lambda e: (_GATES.index(e["gate"]), e.get("feed") or ""))


@contextmanager
def opened(
    home: Home, partition: Partition, runs: list[dict[str, Any]]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with ``result``: a row a rule and month, the newest of each gate and feed.

    Of the month itself those of the verdict's runs: a gate that stopped the month before its feeds
    were sent again says nothing of what they are now.
    """
    folder = home.authority_rule_results(partition.authority)
    first = partition.month.plus(1 - MONTHS_SHOWN)
    with connect() as connection:
        results = read_sql(_SQL / "results.sql", condition=_of_source(partition))
        connection.execute(
            f"create table result as {results}",
            {
                "files": f"{folder}/*/*.parquet",
                "first_month": str(first),
                "month": str(partition.month),
            },
        )
        connection.execute(f"set variable month = '{partition.month}'")
        gates = [(run["gate"], run.get("feed") or "") for run in runs]
        connection.execute(
            "delete from result where month = getvariable('month') and not list_contains("
            "?, gate || ' ' || coalesce(feed, ''))",
            [[f"{gate} {feed}" for gate, feed in gates]],
        )
        _attach_published(home, connection)
        yield connection


def _of_source(partition: Partition) -> str:
    """The SQL condition that selects the results of the partition's source."""
    if partition.source == "extract":
        others = [source for source in SOURCES if source != "extract"]
        return " and ".join(f"not starts_with(coalesce(feed, ''), '{other}')" for other in others)
    return f"starts_with(feed, '{partition.source}')"


def _attach_published(home: Home, connection: duckdb.DuckDBPyConnection) -> None:
    if home.published_database.exists():
        connection.execute(f"attach '{home.published_database}' as published (read_only)")


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, str] | None = None
) -> Rows:
    found = connection.execute(query, values)
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def totals(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The number of rules by outcome, this month."""
    return _rows(connection, read_sql(_SQL / "totals.sql"))[0]


def failing(connection: duckdb.DuckDBPyConnection) -> Rows:
    """The rules that failed or errored this month and the month before; blocking rules first."""
    return _rows(connection, read_sql(_SQL / "failing.sql"))


def not_run(connection: duckdb.DuckDBPyConnection) -> Rows:
    """The reasons why rules did not run, with the number of rules, by table."""
    return _rows(
        connection,
        """
        select coalesce(reason, 'no reason is known') as reason, table_name, count(*) as rules
        from result where month = getvariable('month') and outcome = 'not_run'
        group by all order by reason, table_name
        """,
    )


def grouped(connection: duckdb.DuckDBPyConnection, by: str) -> Rows:
    """Rules and failures of the month by ``owner``, ``feed``, ``table_name`` or ``dimension``."""
    return _rows(connection, read_sql(_SQL / "grouped.sql", column=by))


def by_month(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Failures by month and severity, and how many rules failed."""
    return _rows(connection, read_sql(_SQL / "by_month.sql"))


def history(connection: duckdb.DuckDBPyConnection) -> dict[str, list[int | None]]:
    """For each rule that failed this month its failing rows by month; None if it did not run."""
    rows = _rows(connection, read_sql(_SQL / "history.sql"))
    return {row["rule_id"]: row["failed"] for row in rows}


def all_rules(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Every rule of the month with its outcome, by table."""
    return _rows(
        connection,
        """
        select * from result where month = getvariable('month')
        order by table_name, array_position(['critical', 'major', 'minor'], severity), rule_id
        """,
    )


def figures(connection: duckdb.DuckDBPyConnection, partition: Partition) -> Rows:
    """The published figures that open failures affect, with the best and the worst case."""
    if not has_mart(connection, "published", "kpi_data_quality"):
        return []
    return _rows(
        connection,
        read_sql(_SQL / "figures.sql"),
        {"authority": partition.authority, "month": str(partition.month)},
    )
