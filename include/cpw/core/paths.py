"""Where the project's own files are, and how the rows of a seed are read."""

from __future__ import annotations

import csv
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[3]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
EXPECTATIONS = PROJECT_ROOT / "expectations"
SEEDS = PROJECT_ROOT / "seeds"


def seed_rows(seed: Path) -> list[dict[str, str]]:
    """The rows of a seed, by column."""
    with seed.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))
