"""Store the gates' results as tables: one Parquet file per run of a gate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from cpw.core import audit
from cpw.core.database import connect
from cpw.core.files import written_whole
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.quality.lineage import protected_by
from cpw.quality.rule_book import rule_book
from cpw.quality.validation import Validation


def standing_runs(home: Home, partition: Partition, accepted: Mapping[str, int]) -> list[str]:
    """The runs in which the lake's versions passed: the newest of each feed, and of ``gate_feeds``.

    Args:
        home: the data home.
        partition: the authority and month.
        accepted: the load version of each feed that counts.
    """
    found = []
    for feed, version in accepted.items():
        label = partition.feed_label(feed)
        found += _newest(home, partition, gate="gate_extract", feed=label, versions={feed: version})
    together = partition.feed_label(None)
    found += _newest(home, partition, gate="gate_feeds", feed=together, versions=accepted)
    return [*_of_returns(home, partition, accepted), *found]


def _of_returns(home: Home, partition: Partition, accepted: Mapping[str, int]) -> list[str]:
    """The gate runs of the returns from which the lake's tables were made, one for each year."""
    gated = audit.events(home, partition, event="gate", gate="gate_return", verdict="passed")
    newest = {
        event["feed"]: event["run"]
        for event in gated
        if event["load_versions"][event["feed"]] in accepted.values()
    }
    return list(newest.values())


def _newest(
    home: Home, partition: Partition, gate: str, feed: str | None, versions: Mapping[str, int]
) -> list[str]:
    ended = audit.events(home, partition, event="gate", gate=gate, feed=feed)
    let_through = [
        event["run"]
        for event in ended
        # an earlier release did not name its runs
        if event["verdict"] == "passed"
        and event["load_versions"] == dict(versions)
        and "run" in event
    ]
    return let_through[-1:]


def store(
    home: Home,
    partition: Partition,
    gate: str,
    validation: Validation,
    *,
    run: str,
    run_at: datetime,
    feed: str | None = None,
    load_versions: dict[str, int],
) -> None:
    """Append a gate's results to ``audit/rule_results`` and its verdict to the audit.

    The Parquet has a row per rule: authority, month, gate, feed, run_at, rules_version, and the
    fields of :class:`cpw.quality.validation.RuleResult`. Counts only.
    """
    frame = pd.DataFrame([result.as_dict() for result in validation.results])
    facts = {
        "authority": partition.authority,
        "month": str(partition.month),
        "gate": gate,
        "feed": feed,
        "run_at": run_at,
        "rules_version": rule_book().version,
        "load_versions": ", ".join(f"{f} {v}" for f, v in sorted(load_versions.items())),
    }
    for position, (name, value) in enumerate(facts.items()):
        frame.insert(position, name, value)
    target = home.month(partition).rule_results
    target.mkdir(parents=True, exist_ok=True)
    with connect() as connection:
        connection.register("results", frame)
        with written_whole(target / f"{run}.parquet") as made:
            connection.execute(f"copy results to '{made}' (format parquet)")
    _keep_rule_set(home)
    outcomes = frame["outcome"].value_counts()
    audit.record(
        home,
        "gate",
        partition,
        gate=gate,
        feed=feed,
        run=run,
        verdict="blocked" if validation.blocking else "passed",
        rules={str(outcome): int(count) for outcome, count in outcomes.items()},
        blocked_by=[result.rule_id for result in validation.blocking],
        rules_version=rule_book().version,
        load_versions=load_versions,
    )


def _keep_rule_set(home: Home) -> None:
    """Store the rules of this version, so that results can still be understood years later."""
    target = home.rule_set(rule_book().version)
    if target.exists():
        return
    frame = pd.DataFrame(
        [
            {
                "rule_id": rule.id,
                "table_name": rule.table,
                "column_name": rule.column,
                "description": rule.description,
                "dimension": rule.dimension,
                "severity": rule.severity,
                "owner": rule.owner,
                "remedy": rule.remedy,
                "tolerated_rows": rule.tolerance.rows,
                "tolerated_share": rule.tolerance.share,
                "thresholds": json.dumps(rule.thresholds),
                "asks": rule.sql or f"references {'.'.join(rule.reference or ())}",
                "refuses": rule.refuses,
                "protects": ", ".join(protected_by(rule)),
            }
            for rule in rule_book().rules
        ]
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with connect() as connection:
        connection.register("rule_set", frame)
        with written_whole(target) as made:
            connection.execute(f"copy rule_set to '{made}' (format parquet)")
