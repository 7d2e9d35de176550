"""The quarantine: refused rows, each with file, row, column, value, rule and reason.

Restricted: it has child-level values, for those who correct them. Messages and logs use
:func:`describe` instead, which shows the shape of a value and never the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cpw.core.database import connect
from cpw.core.errors import shape_of
from cpw.core.files import make_private, written_whole
from cpw.core.home import Home
from cpw.core.partition import Partition

TYPES = {
    "authority": "varchar",
    "month": "varchar",
    "gate": "varchar",
    "feed": "varchar",
    "load_version": "integer",
    "table_name": "varchar",
    "file": "varchar",
    "source_row": "integer",
    "column_name": "varchar",
    "value": "varchar",
    "rule_id": "varchar",
    "reason": "varchar",
    "remedy": "varchar",
    "owner": "varchar",
    "row_content": "varchar",
    "fingerprint": "varchar",
}
COLUMNS = ", ".join(TYPES)
_BETWEEN_FEEDS = "between_feeds"


def between_feeds(partition: Partition) -> str:
    """The name of the file with the refusals of ``gate_feeds``."""
    label = partition.feed_label(None)
    return f"{_BETWEEN_FEEDS}-{label}" if label else _BETWEEN_FEEDS


def _file(folder: Path, name: str) -> Path:
    """The Parquet file of one gate's refusals."""
    return folder / f"{name}.parquet"


def standing_files(home: Home, partition: Partition, accepted: Mapping[str, int]) -> list[Path]:
    """The files with the rows that were refused before the lake accepted these load versions."""
    names = [f"{partition.feed_label(feed)}-v{version}" for feed, version in accepted.items()]
    folder = home.month(partition).quarantine
    files = [_file(folder, name) for name in (*names, between_feeds(partition))]
    if partition.source != "extract":  # the rows of the return itself, a file a year
        for version in sorted(set(accepted.values())):
            files += sorted(folder.glob(f"{partition.source}_[0-9]*-v{version}.parquet"))
    return [path for path in files if path.exists()]


def store(
    home: Home, partition: Partition, name: str, refusals: pd.DataFrame, *, stopped: bool = False
) -> None:
    """Write a gate's refusals to the file of that name; without refusals the file is removed.

    A stopped run writes a file of its own, so that the refusals of the lake's version remain.
    """
    folder = home.month(partition).quarantine
    beside = _file(folder, f"{name}-stopped")
    beside.unlink(missing_ok=True)
    target = beside if stopped else _file(folder, name)
    target.unlink(missing_ok=True)
    if refusals.empty:
        return
    make_private(home.quarantine)
    target.parent.mkdir(parents=True, exist_ok=True)
    with connect() as connection:
        connection.register("refusals", refusals)
        with written_whole(target) as made:
            connection.execute(
                f"copy (select {COLUMNS} from refusals) to '{made}' "
                "(format parquet, compression zstd)"
            )
            made.chmod(0o600)


def describe(refusals: pd.DataFrame, limit: int = 20) -> list[str]:
    """One line per refusal, safe for a log: file, row, column, shape of the value, what to do."""
    lines = [_describe_one(row) for row in refusals.head(limit).to_dict("records")]
    if len(refusals) > limit:
        lines.append(f"… and {len(refusals) - limit} more; cpw quarantine export lists them")
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
