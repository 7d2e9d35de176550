"""What the quality report shows, from the gates' results, the audit and the publication.

Counts only. Of each gate and feed the newest run of a month counts, whether it let the month
through or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from cpw.core import audit
from cpw.core.database import connect, has_mart
from cpw.core.home import Home
from cpw.core.partition import SOURCES, Partition

MONTHS_SHOWN = 12
_GATES = ("gate_return", "gate_extract", "gate_feeds", "gate_marts")
_IN_ORDER = "array_position(['critical', 'major', 'minor'], severity)"
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
        connection.execute(
            f"""
            create table result as
            select * rename ("table" as table_name, "column" as column_name)
            from read_parquet(
                '{folder}/*/*.parquet', union_by_name = true, hive_partitioning = false
            )
            where month between '{first}' and '{partition.month}' and {_of_source(partition)}
            qualify rank() over (
                partition by month, gate, feed order by run_at desc
            ) = 1
            """
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


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    found = connection.execute(query)
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def totals(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The number of rules by outcome, this month."""
    return _rows(
        connection,
        """
        select
            count(*) as rules,
            count(*) filter (where outcome = 'pass') as passed,
            count(*) filter (where outcome = 'fail') as failed,
            count(*) filter (where outcome = 'not_run') as not_run,
            count(*) filter (where outcome = 'errored') as errored,
            coalesce(sum(rows_refused), 0) as refused,
            coalesce(sum(rows_failed - rows_refused), 0) as kept,
            max(rules_version) as rules_version
        from result where month = getvariable('month')
        """,
    )[0]


def failing(connection: duckdb.DuckDBPyConnection) -> Rows:
    """The rules that failed or errored this month and the month before; blocking rules first."""
    return _rows(
        connection,
        f"""
        with before as (
            select rule_id, arg_max(rows_failed, month) as rows_failed
            from result where month < getvariable('month') and outcome in ('pass', 'fail')
            group by rule_id
        )
        select r.*, before.rows_failed as failed_before
        from result as r left join before using (rule_id)
        where r.month = getvariable('month') and r.outcome in ('fail', 'errored')
        order by not r.blocks, {_IN_ORDER}, r.rows_failed desc, r.rule_id
        """,
    )


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
    return _rows(
        connection,
        f"""
        select
            coalesce({by}, 'all feeds together') as name,
            count(*) as rules,
            count(*) filter (where outcome = 'fail') as failed,
            count(*) filter (where outcome = 'errored') as errored,
            count(*) filter (where blocks) as blocking,
            coalesce(sum(rows_refused), 0) as refused,
            coalesce(sum(rows_failed - rows_refused), 0) as kept
        from result where month = getvariable('month')
        group by name order by blocking desc, refused + kept desc, name
        """,
    )


def by_month(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Failures by month and severity, and how many rules failed."""
    return _rows(
        connection,
        """
        select
            month,
            count(*) filter (where outcome = 'fail') as rules,
            coalesce(sum(rows_failed) filter (where severity = 'critical'), 0) as critical,
            coalesce(sum(rows_failed) filter (where severity = 'major'), 0) as major,
            coalesce(sum(rows_failed) filter (where severity = 'minor'), 0) as minor,
            coalesce(sum(rows_refused), 0) as refused,
            bool_or(blocks) as stopped
        from result group by month order by month
        """,
    )


def history(connection: duckdb.DuckDBPyConnection) -> dict[str, list[int | None]]:
    """For each rule that failed this month its failing rows by month; None if it did not run."""
    rows = _rows(
        connection,
        """
        with months as (select distinct month from result),
        rules as (
            select distinct rule_id from result
            where month = getvariable('month') and outcome in ('fail', 'errored')
        )
        select
            rules.rule_id,
            list(case when outcome in ('pass', 'fail') then rows_failed end order by months.month)
                as failed
        from rules cross join months left join result
            on rules.rule_id = result.rule_id and months.month = result.month
        group by rules.rule_id
        """,
    )
    return {row["rule_id"]: row["failed"] for row in rows}


def all_rules(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Every rule of the month with its outcome, by table."""
    return _rows(
        connection,
        f"""
        select * from result where month = getvariable('month')
        order by table_name, {_IN_ORDER}, rule_id
        """,
    )


def figures(connection: duckdb.DuckDBPyConnection, partition: Partition) -> Rows:
    """The published figures that open failures affect, with the best and the worst case."""
    if not has_mart(connection, "published", "kpi_data_quality"):
        return []
    return _rows(
        connection,
        f"""
        select q.*, r.rag, k.name, k.section, k.unit, k.polarity
        from published.marts.kpi_data_quality as q
        inner join published.marts.kpi_result as r using (authority, month, kpi_id, cohort)
        inner join published.marts.dim_kpi as k using (authority, month, kpi_id)
        where
            authority = '{partition.authority}' and month = '{partition.month}'
            and q.failures > 0 and q.cohort = 'all'
        order by
            coalesce(q.best_rag <> q.worst_rag, false) desc,
            coalesce(abs(q.best - q.worst), 0) desc, q.kpi_id
        """,
    )
