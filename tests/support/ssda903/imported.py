"""A data home that returns are imported into, and what is published of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from typer.testing import CliRunner, Result

from cpw.cli.app import app
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.pipeline.import_returns import import_returns
from cpw.pipeline.load import LoadSummary, publish_month

MARCH = "2018-03"
Figure = tuple[float | None, float | None]


@dataclass(frozen=True)
class ImportHome:
    """A data home under test."""

    home: Home

    @classmethod
    def at(cls, folder: Path) -> ImportHome:
        """An empty home in a folder."""
        return cls(Home(folder))

    def cpw(self, *arguments: str) -> Result:
        """Run a command in this home."""
        env = {"COLUMNS": "500", "WAREHOUSE_HOME": str(self.home.root)}
        return CliRunner().invoke(app, list(arguments), env=env)

    def import_903(self, *paths: Path, years: Sequence[int] = (2018,), month: str = "") -> Result:
        """Run ``cpw import-903``."""
        of_years = [part for year in years for part in ("--year", str(year))]
        of_month = ["--month", month] if month else []
        names = [str(path) for path in paths]
        return self.cpw("import-903", "--authority", "886", *of_years, *of_month, *names)

    def take(self, *paths: Path, year: int = 2018, month: str = "") -> None:
        """Import and publish without the reports; by default the last month of the year."""
        partition = Partition.of("886", month or f"{year}-03", "ssda903")
        import_returns(self.home, partition, paths, [year])
        publish_month(self.home, partition, Console(file=StringIO()), LoadSummary())

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of what is published."""
        database = self.home.root / "published" / "corporate_parenting.duckdb"
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def figures(self, month: str = MARCH) -> dict[tuple[str, str], Figure]:
        """Numerator and denominator of what is computed, by KPI and cohort."""
        rows = self.ask(
            "select kpi_id, cohort, numerator, denominator from marts.kpi_result "
            f"where month = '{month}' and status = 'computed'"
        )
        return {
            (kpi, cohort): (float(top), None if bottom is None else float(bottom))
            for kpi, cohort, top, bottom in rows
        }

    def results(self) -> list[tuple[Any, ...]]:
        """All of the results."""
        return self.ask(
            "select * exclude (publication_version) from marts.kpi_result order by kpi_id, cohort"
        )

    def without_source(self, month: str = MARCH) -> set[tuple[str, str]]:
        """KPIs and cohorts without a source."""
        return set(
            self.ask(
                "select kpi_id, cohort from marts.kpi_result "
                f"where month = '{month}' and status = 'no_source'"
            )
        )

    def outcomes(self, month: str = MARCH) -> dict[str, tuple[str, str | None]]:
        """By rule the outcome of its last run, and the reason why it did not run."""
        folder = self.home.audit / "rule_results" / "authority=886" / f"month={month}"
        rows = duckdb.sql(
            "select rule_id, outcome, reason "
            f"from read_parquet('{folder}/**/*.parquet', union_by_name = true) "
            "qualify row_number() over (partition by rule_id order by run_at desc) = 1"
        ).fetchall()
        return {rule: (outcome, reason) for rule, outcome, reason in rows}

    def quarantined(self) -> set[tuple[str, int, str]]:
        """Table, row and rule of what is in quarantine."""
        if not list(self.home.quarantine.rglob("*.parquet")):
            return set()
        return set(
            duckdb.sql(
                "select table_name, source_row, rule_id "
                f"from read_parquet('{self.home.quarantine}/**/*.parquet')"
            ).fetchall()
        )
