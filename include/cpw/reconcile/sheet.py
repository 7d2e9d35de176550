"""The differences child by child, as CSV, for the people who correct the records.

Restricted: it has the ids of children, and values of their records.
"""

from __future__ import annotations

import csv
import os
from dataclasses import asdict
from pathlib import Path

from cpw.core.files import make_private, written_whole
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.reconcile.causes import CAUSES
from cpw.reconcile.compare import Comparison, Difference

COLUMNS = (
    *("authority", "month", "kpi_id", "cohort", "subject_type", "person_id", "in_source"),
    *("extract_answer", "return_answer", "cause", "cause_means", "rule_id", "table", "column"),
    *("extract_value", "return_value", "further"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def children_file(home: Home, partition: Partition) -> Path:
    """Where the month's list of children is."""
    return home.month(partition).child_level_reports / "reconciliation.csv"


def write(home: Home, comparison: Comparison) -> Path:
    """Write the differences, a line for each subject and cohort; only its owner can read it."""
    target = children_file(home, comparison.partition)
    make_private(target.parent)
    with written_whole(target) as made:
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as handle:
            lines = csv.DictWriter(handle, COLUMNS)
            lines.writeheader()
            lines.writerows(_line(comparison.partition, d) for d in comparison.differences)
    return target


def _line(partition: Partition, difference: Difference) -> dict[str, object]:
    """A line of the list; a spreadsheet reads none of its cells as a formula."""
    cells = {
        "authority": partition.authority,
        "month": str(partition.month),
        "cause_means": CAUSES[difference.cause],
        **asdict(difference),
    }
    return {
        name: f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
        for name, cell in cells.items()
    }
