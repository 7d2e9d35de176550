"""The quarantine: refused rows, each with file, row, column, value, rule and reason.

Restricted: it holds child-level values, for those who correct them. Messages and logs get
:func:`describe` instead, which shows the shape of a value and never the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cpw.engine import connect
from cpw.errors import shape_of
from cpw.home import Home, Partition, make_private
from cpw.refusals import Evaluation
from cpw.rules import Rule

COLUMNS = (
    "authority, month, gate, feed, load_version, table_name, file, source_row, column_name, value, "
    "rule_id, reason, remedy, owner, row_content"
)


def quarantine_file(home: Home, partition: Partition, name: str) -> Path:
    """The Parquet file of one gate's refusals for a partition."""
    return home.quarantine / partition.path / f"{name}.parquet"


def collect(
    evaluation: Evaluation,
    partition: Partition,
    *,
    gate: str,
    feed_of: Mapping[str, str],
    load_versions: Mapping[str, int],
    files: Mapping[str, str],
    text: Mapping[str, Path],
) -> pd.DataFrame:
    """The refused rows of an evaluation, one line per row and rule it breaks.

    Args:
        evaluation: the evaluated rules.
        partition: whose extract it is.
        gate: the gate's name.
        feed_of: per table its feed.
        load_versions: per feed the load version.
        files: per table the file's label.
        text: per table the Parquet file that shows the cells.
    """
    parts = []
    for rule in evaluation.rules:
        if rule.refuses and rule.table in text and evaluation.failing_rows(rule):
            parts.append(_of_rule(evaluation, rule, text[rule.table], files[rule.table]))
    if not parts:
        return pd.DataFrame(columns=COLUMNS.split(", "))
    frame = pd.concat(parts, ignore_index=True)
    frame["authority"], frame["month"] = partition.authority, str(partition.month)
    frame["gate"] = gate
    frame["feed"] = frame["table_name"].map(dict(feed_of))
    frame["load_version"] = frame["feed"].map(dict(load_versions))
    return frame[COLUMNS.split(", ")]


def _of_rule(evaluation: Evaluation, rule: Rule, text: Path, file: str) -> pd.DataFrame:
    value = f'cast(t."{rule.column}" as varchar)' if rule.column else "null"
    frame: pd.DataFrame = evaluation.connection.execute(
        f"select ? as table_name, ? as file, t.source_row, ? as column_name, {value} as value, "
        "? as rule_id, ? as reason, ? as remedy, ? as owner, "
        "cast(to_json(t) as varchar) as row_content "
        f"from read_parquet('{text}') as t join outcome.{rule.table} as o using (source_row) "
        f'where not o."{rule.id}" order by t.source_row',
        [rule.table, file, rule.column, rule.id, rule.description, rule.remedy, rule.owner],
    ).df()
    return frame


def store(home: Home, partition: Partition, name: str, refusals: pd.DataFrame) -> None:
    """Write a gate's refusals, replacing those of the same name; none removes the file."""
    target = quarantine_file(home, partition, name)
    target.unlink(missing_ok=True)
    if refusals.empty:
        return
    make_private(home.quarantine)
    target.parent.mkdir(parents=True, exist_ok=True)
    with connect() as connection:
        connection.register("refusals", refusals)
        connection.execute(f"copy refusals to '{target}.new' (format parquet, compression zstd)")
    Path(f"{target}.new").replace(target)


def describe(refusals: pd.DataFrame, limit: int = 20) -> list[str]:
    """One line per refusal, fit for a log: file, row, column, the shape found, what to do."""
    lines = [_describe_one(row) for row in refusals.head(limit).to_dict("records")]
    if len(refusals) > limit:
        lines.append(f"… and {len(refusals) - limit} more in the quarantine")
    return lines


def _describe_one(row: Mapping[Any, Any]) -> str:
    where = f"{row['file']}, row {row['source_row']}"
    found = ""
    if isinstance(row["column_name"], str):
        where += f", column {row['column_name']}"
        value = row["value"]
        found = f" found {shape_of(value)};" if isinstance(value, str) else " found nothing;"
    return f"{where}:{found} expected: {row['reason']}. {row['remedy']} [{row['rule_id']}]"


def rows_refused(refusals: pd.DataFrame) -> dict[str, int]:
    """How many rows of each table were refused."""
    counts: Iterable[tuple[object, int]] = (
        refusals.groupby("table_name")["source_row"].nunique().items()
    )
    return {str(table): int(count) for table, count in counts}
