"""Where the project's own files are, and how its seeds and YAML files are read."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import yaml

PROJECT_ROOT = Path(__file__).resolve().parents[3]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
EXPECTATIONS = PROJECT_ROOT / "expectations"
SEEDS = PROJECT_ROOT / "seeds"


def seed_file(name: str, seeds: Path = SEEDS) -> Path:
    """The file of a seed, in whichever folder of the seeds it is.

    Raises:
        FileNotFoundError: there is no such seed.
    """
    found = next(seeds.glob(f"*/{name}.csv"), None)
    if found is None:
        raise FileNotFoundError(f"{seeds} has no seed {name}.csv")
    return found


def seed_rows(name: str, seeds: Path = SEEDS) -> list[dict[str, str]]:
    """The rows of a seed, by column."""
    return csv_rows(seed_file(name, seeds))


def read_yaml(file: Path) -> Any:
    """The content of a YAML file of the project."""
    # the C parser, where PyYAML has it: it is ten times as fast
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(encoding="utf-8"), Loader=loader)


def csv_rows(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file of the project, by column."""
    with file.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))
