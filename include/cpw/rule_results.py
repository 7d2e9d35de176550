"""Store what the gates said, as tables: one Parquet file per run of a gate."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from cpw import audit
from cpw.engine import connect
from cpw.home import Home, Partition
from cpw.rules import rule_book
from cpw.validation import Validation


def store(
    home: Home,
    partition: Partition,
    gate: str,
    validation: Validation,
    *,
    feed: str | None = None,
    load_versions: dict[str, int],
) -> None:
    """Append a gate's results to ``audit/rule_results`` and its verdict to the audit.

    The Parquet has a row per rule: authority, month, gate, feed, run_at, rules_version, and the
    fields of :class:`cpw.validation.RuleResult`. Counts only.
    """
    run_at = datetime.now(UTC)
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
    folder = home.audit / "rule_results" / partition.path
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join(part for part in (f"{run_at:%Y%m%dT%H%M%S%f}", gate, feed) if part)
    with connect() as connection:
        connection.register("results", frame)
        connection.execute(f"copy results to '{folder / name}.parquet' (format parquet)")
    outcomes = frame["outcome"].value_counts()
    audit.record(
        home,
        "gate",
        partition,
        gate=gate,
        feed=feed,
        verdict="blocked" if validation.blocking else "passed",
        rules={str(outcome): int(count) for outcome, count in outcomes.items()},
        blocked_by=[result.rule_id for result in validation.blocking],
        rules_version=rule_book().version,
        load_versions=load_versions,
    )
