"""The data home: where everything lives. Nothing is written outside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cpw.core.errors import InputError
from cpw.core.partition import Partition
from cpw.core.paths import PROJECT_ROOT


@dataclass(frozen=True)
class Home:
    """``$WAREHOUSE_HOME`` (default ``var/`` in the checkout) and the folders in it."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """The data home this process works in.

        Raises:
            InputError: its path has a sign in it that means something else in SQL or in a glob.
        """
        root = Path(os.environ.get("WAREHOUSE_HOME") or PROJECT_ROOT / "var").resolve()
        if found := sorted(set("'*?[") & set(str(root))):
            raise InputError(
                f"the data home's path has {' '.join(found)} in it, which SQL would read otherwise",
                file=str(root),
                remedy="Set WAREHOUSE_HOME to a folder with another name",
            )
        return cls(root)

    @property
    def landing(self) -> Path:
        """Extracts, ``<authority>/<YYYY-MM>/<feed>/<table>.csv``: others write, we only read."""
        return self.root / "landing"

    @property
    def lake(self) -> Path:
        """Typed Parquet: ``<table>/authority=<code>/month=<YYYY-MM>/``.

        What was made of statutory returns is in ``ssda903/`` there, in the same layout.
        """
        return self.root / "lake"

    @property
    def quarantine(self) -> Path:
        """Refused rows and cells, restricted."""
        return self.root / "quarantine"

    @property
    def failures(self) -> Path:
        """Every row that breaks a rule, refused or not, by run of a gate; restricted."""
        return self.root / "failures"

    @property
    def published(self) -> Path:
        """Publications: ``versions/<n>/``, ``current`` and the fixed links through it."""
        return self.root / "published"

    @property
    def published_database(self) -> Path:
        """The marts that stand published, for any number of readers."""
        return self.published / "current" / "corporate_parenting.duckdb"

    @property
    def reports(self) -> Path:
        """The reports people read: ``<authority>/<YYYY-MM>/``."""
        return self.root / "reports"

    def month_reports(self, partition: Partition) -> Path:
        """The reports of a month that anybody may read, and in ``restricted/`` those not."""
        return self.reports / partition.authority / str(partition.month)

    def restricted_reports(self, partition: Partition) -> Path:
        """The reports of a month that show small numbers or children."""
        return self.month_reports(partition) / "restricted"

    def child_level_reports(self, partition: Partition) -> Path:
        """The month's work-list and the subjects behind its figures: by id, restricted."""
        return self.month_reports(partition) / "child-level"

    @property
    def commentary(self) -> Path:
        """The leads' commentary: ``<authority>/<YYYY-MM>/<kpi_id>.md``; others write it."""
        return self.root / "commentary"

    @property
    def data_docs(self) -> Path:
        """Great Expectations' Data Docs."""
        return self.root / "data_docs"

    @property
    def audit(self) -> Path:
        """The append-only audit and the gates' results."""
        return self.root / "audit"

    @property
    def keys(self) -> Path:
        """The pseudonym key, mode 0600."""
        return self.root / "keys"

    @property
    def airflow(self) -> Path:
        """Airflow's own home: metadata database and task logs."""
        return self.root / "airflow"

    @property
    def work(self) -> Path:
        """Scratch: dbt's target, candidates, locks."""
        return self.root / "work"
