"""A data home under test, and ways to spoil what landed in it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from typer.testing import CliRunner, Result

from cpw.cli.app import app
from cpw.contract.tables import contract
from cpw.core.home import Home
from cpw.core.partition import Partition

JUNE = Partition.of("886", "2018-06")
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Warehouse:
    """A data home under test."""

    home: Home

    def file(self, table: str, partition: Partition = JUNE) -> Path:
        feed = contract().table(table).feed
        landing = self.home.landing / partition.authority / str(partition.month)
        return landing / feed / f"{table}.csv"

    def rows(self, table: str) -> Rows:
        with self.file(table).open(newline="", encoding="utf-8") as handle:
            return list(csv.DictReader(handle))

    def write(self, table: str, rows: Rows) -> None:
        columns = list(rows[0]) if rows else list(contract().table(table).column_names)
        returns = any("\r" in str(cell) for row in rows for cell in row.values())
        quoting = csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL  # it takes \r for a plain sign
        with self.file(table).open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n", quoting=quoting)
            writer.writeheader()
            writer.writerows(rows)

    def change(self, table: str, change: Callable[[Rows], object]) -> None:
        rows = self.rows(table)
        change(rows)
        self.write(table, rows)

    def cpw(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "500"})

    def load(self, feed: str | None = None, month: str = "2018-06") -> Result:
        only = ["--feed", feed] if feed else []
        return self.cpw("load", "--authority", "886", "--month", month, *only)

    def lake(self, table: str, partition: Partition = JUNE) -> list[tuple[object, ...]]:
        folder = self.home.lake / table / partition.path
        if not folder.exists():
            return []
        return duckdb.sql(f"from read_parquet('{folder}/*.parquet') order by source_row").fetchall()

    def quarantined(self) -> list[tuple[str, int, str | None, str | None, str]]:
        """table, row, column, value, rule of every refusal."""
        if not list(self.home.quarantine.rglob("*.parquet")):
            return []
        return duckdb.sql(
            "select table_name, source_row, column_name, value, rule_id "
            f"from read_parquet('{self.home.quarantine}/**/*.parquet') order by all"
        ).fetchall()

    def to_correct(self) -> list[tuple[str, int, str | None, str | None, str]]:
        """table, row, column, value, rule of every row that was kept although it breaks a rule."""
        if not list(self.home.failures.rglob("*.parquet")):
            return []
        return duckdb.sql(
            "select table_name, source_row, column_name, value, rule_id "
            f"from read_parquet('{self.home.failures}/**/*.parquet') where not is_refused "
            "order by all"
        ).fetchall()

    def everything_written(self) -> str:
        """All text outside landing and the restricted places, for privacy checks."""
        folders = [self.home.audit, self.home.data_docs]
        files = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
        return "\n".join(p.read_text(encoding="utf-8", errors="ignore") for p in files)
