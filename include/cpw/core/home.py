"""The data home: where everything is. Nothing is written outside it.

:class:`Home` has the folders and files that all months share, :class:`MonthPlaces` those of one
authority and month. No other module puts a path of the data home together.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cpw.core.errors import InputError
from cpw.core.partition import Partition
from cpw.core.paths import PROJECT_ROOT

PUBLISHED_DATABASE = "corporate_parenting.duckdb"
RESTRICTED_DATABASE = "restricted.duckdb"
RESTRICTED_REPORTS = "restricted"
CHILD_LEVEL_REPORTS = "child-level"


@dataclass(frozen=True)
class Home:
    """``$WAREHOUSE_HOME`` (default ``var/`` in the checkout) and the folders in it."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """The data home this process works in.

        Raises:
            InputError: its path has a character that means something else in SQL or in a glob.
        """
        root = Path(os.environ.get("WAREHOUSE_HOME") or PROJECT_ROOT / "var").resolve()
        if found := sorted(set("'*?[") & set(str(root))):
            raise InputError(
                f"the data home's path contains {' '.join(found)}, which SQL would misread",
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
    def releases(self) -> Path:
        """The rows that somebody released from the quarantine; restricted, lines are only added."""
        return self.quarantine / "releases.jsonl"

    @property
    def acceptances(self) -> Path:
        """What somebody accepted of the rules' findings; restricted, lines are only added."""
        return self.quarantine / "acceptances.jsonl"

    def corrections(self, authority: str, month: str) -> Path:
        """The lists of rows to correct in the source; `month` may be `all`."""
        return self.quarantine / "corrections" / authority / month

    @property
    def failures(self) -> Path:
        """Every row that breaks a rule, refused or not, by run of a gate; restricted."""
        return self.root / "failures"

    @property
    def published(self) -> Path:
        """Publications: ``versions/<n>/``, ``current`` and the fixed links through it."""
        return self.root / "published"

    @property
    def publications(self) -> Path:
        """The publications that are kept, a folder each, named by its number."""
        return self.published / "versions"

    @property
    def current_publication(self) -> Path:
        """The link to the publication that readers see."""
        return self.published / "current"

    @property
    def published_database(self) -> Path:
        """The marts that readers see, for any number of readers."""
        return self.current_publication / PUBLISHED_DATABASE

    @property
    def restricted_database(self) -> Path:
        """The way back from pseudonyms to ids, and the quarantined rows; mode 0600."""
        return self.current_publication / RESTRICTED_DATABASE

    @property
    def reports(self) -> Path:
        """The reports people read: ``<authority>/<YYYY-MM>/``."""
        return self.root / "reports"

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
    def audit_log(self) -> Path:
        """The audit itself: one JSON object per line."""
        return self.audit / "audit.jsonl"

    def authority_rule_results(self, authority: str) -> Path:
        """The gates' results of all months of an authority, a folder ``month=<YYYY-MM>`` each."""
        return self.audit / "rule_results" / f"authority={authority}"

    def rule_set(self, version: str) -> Path:
        """The rules as they were in one version of the rule set."""
        return self.audit / "rule_sets" / f"{version}.parquet"

    @property
    def keys(self) -> Path:
        """The folder of the pseudonym key."""
        return self.root / "keys"

    @property
    def pseudonym_key(self) -> Path:
        """The pseudonym key, mode 0600."""
        return self.keys / "pseudonym.key"

    @property
    def airflow(self) -> Path:
        """Airflow's own home: metadata database and task logs."""
        return self.root / "airflow"

    @property
    def work(self) -> Path:
        """Scratch: dbt's target, candidates, locks."""
        return self.root / "work"

    @property
    def locks(self) -> Path:
        """The files that loads lock, so that no two do the same at once."""
        return self.work / "locks"

    @property
    def dbt(self) -> Path:
        """What dbt writes beside the marts: a folder per partition, and its logs."""
        return self.work / "dbt"

    def month(self, partition: Partition) -> MonthPlaces:
        """The places of one authority and month."""
        return MonthPlaces(self, partition)

    @property
    def sets(self) -> Path:
        """Where several partitions are built together, a folder for each set."""
        return self.work / "sets"

    def build_of(self, partitions: Sequence[Partition]) -> BuildPlaces:
        """Where the marts of these partitions are built: those of one in its own build folder."""
        keys = [str(partition).replace("/", "-") for partition in partitions]
        if len(partitions) == 1:
            return BuildPlaces(self.month(partitions[0]).build, self.dbt / keys[0])
        name = f"{keys[0]}-and-{hashlib.sha256(' '.join(keys).encode()).hexdigest()[:12]}"
        return BuildPlaces(self.sets / name, self.dbt / name)


@dataclass(frozen=True)
class MonthPlaces:
    """Where everything of one authority and month is."""

    home: Home
    partition: Partition

    @property
    def _in_folders(self) -> Path:
        """The partition as people look for it: ``<authority>/<YYYY-MM>``."""
        return Path(self.partition.authority) / str(self.partition.month)

    def landing(self, feed: str) -> Path:
        """Where a feed's extract arrives."""
        return self.home.landing / self._in_folders / feed

    def lake_table(self, table: str) -> Path:
        """The folder of a table's files in the lake."""
        of_return = self.partition.source != "extract"
        lake = self.home.lake / self.partition.source if of_return else self.home.lake
        return lake / table / self.partition.path

    def lake_file(self, table: str, load_version: int) -> Path:
        """A table's file in the lake, as one load wrote it."""
        return self.lake_table(table) / f"{table}-v{load_version}.parquet"

    @property
    def quarantine(self) -> Path:
        """The refused rows of the month; restricted."""
        return self.home.quarantine / self.partition.path

    @property
    def failures(self) -> Path:
        """A file for each run of a gate, with every row that breaks a rule; restricted."""
        return self.home.failures / self.partition.path

    @property
    def rule_results(self) -> Path:
        """A file for each run of a gate, with the outcome of each rule; counts only."""
        authority = self.home.authority_rule_results(self.partition.authority)
        return authority / f"month={self.partition.month}"

    @property
    def data_docs(self) -> Path:
        """The pages of the month's gates."""
        return self.home.data_docs / self._in_folders

    @property
    def commentary(self) -> Path:
        """The leads' commentary on the month, a file for each indicator."""
        return self.home.commentary / self._in_folders

    @property
    def reports(self) -> Path:
        """The reports of the month that anybody may read."""
        return self.home.reports / self._in_folders

    @property
    def restricted_reports(self) -> Path:
        """The reports of the month that show small numbers."""
        return self.reports / RESTRICTED_REPORTS

    @property
    def child_level_reports(self) -> Path:
        """The month's work-list and the subjects behind its figures: by id, restricted."""
        return self.reports / CHILD_LEVEL_REPORTS

    @property
    def quality_report(self) -> Path:
        """The data-quality report; a month made of returns has one of its own."""
        of_return = self.partition.source != "extract"
        own = f"-{self.partition.source}" if of_return else ""
        return self.restricted_reports / f"quality-report{own}.html"

    @property
    def work(self) -> Path:
        """The files that one stage of the month leaves for the next; each source has its own."""
        of_return = self.partition.source != "extract"
        work = self.home.work / self.partition.source if of_return else self.home.work
        return work / self._in_folders

    def feed_work(self, feed: str) -> Path:
        """The files that one stage of a feed leaves for the next, until the feed is in the lake."""
        return self.work / feed

    @property
    def returns_work(self) -> Path:
        """Where returns are read and turned into tables."""
        return self.work / "returns"

    @property
    def reconcile_work(self) -> Path:
        """Where both sides of a comparison with a return are built."""
        return self.home.work / "reconcile" / self._in_folders

    @property
    def build(self) -> Path:
        """The folder in which the marts are built; it has child-level data."""
        return self.work / "build"

    @property
    def build_inputs(self) -> Path:
        """What dbt reads: a Parquet file per table, and what earlier publications showed.

        The folder's name is the partition's key, so that one build can read those of several.
        """
        key = quote(str(self.partition), safe="")
        return self.build / "inputs" / f"partition_key={key}"

    @property
    def build_basis(self) -> Path:
        """A file with what the build's inputs depend on: load versions, a hash of definitions."""
        return self.build / "basis.json"

    @property
    def built_marts(self) -> Path:
        """The database that dbt builds the marts into."""
        return self.build / "candidate.duckdb"


@dataclass(frozen=True)
class BuildPlaces:
    """Where dbt builds the marts of one partition, or of several in one go: child-level data."""

    folder: Path
    dbt_target: Path

    @property
    def inputs(self) -> Path:
        """A folder for each partition, with what dbt reads of it."""
        return self.folder / "inputs"

    @property
    def spill(self) -> Path:
        """Where a build puts what does not fit into its memory."""
        return self.folder / "spill"

    @property
    def marts(self) -> Path:
        """The database that dbt builds the marts into."""
        return self.folder / "candidate.duckdb"
