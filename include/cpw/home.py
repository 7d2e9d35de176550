"""The data home: where everything lives. Nothing is written outside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cpw.contract import FEEDS, PROJECT_ROOT, authorities
from cpw.errors import InputError
from cpw.reporting_month import ReportingMonth

Source = Literal["extract", "ssda903"]
SOURCES: tuple[Source, ...] = ("extract", "ssda903")


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


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A file beside the target to write to, which takes its place once it is whole.

    Several processes may write the same target at once: the last one's stays.
    """
    made = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        yield made
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)


def make_private(folder: Path) -> Path:
    """Make a folder that only its owner can enter, for what holds child-level data."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


@dataclass(frozen=True, order=True)
class Partition:
    """One authority and month; ``str()`` of it is the key ``<authority>/<YYYY-MM>``.

    ``source`` says what the month is made of: ``extract``, the three monthly feeds, or ``ssda903``,
    statutory returns. The two lie beside each other in the lake; one of them stands published.
    """

    authority: str
    month: ReportingMonth
    source: Source = "extract"

    @classmethod
    def of(cls, authority: str, month: str, source: Source = "extract") -> Partition:
        """Check an authority's code and a month, and pair them.

        Raises:
            InputError: the authority is not known, or the month is not a month.
        """
        if authority not in authorities():
            raise InputError(
                f"authority '{authority}' is not known",
                remedy="Known are "
                + ", ".join(f"{a.code} {a.name}" for a in authorities().values())
                + "; add others to seeds/authorities.csv",
            )
        return cls(authority, ReportingMonth.parse(month), source)

    @classmethod
    def parse(cls, key: str) -> Partition:
        """Read a partition key ``<authority>/<YYYY-MM>``."""
        authority, _, month = key.partition("/")
        return cls.of(authority, month)

    def __str__(self) -> str:
        """The partition key."""
        return f"{self.authority}/{self.month}"

    def other_month(self, months: int) -> Partition:
        """The partition that many months later, of the same source."""
        return replace(self, month=self.month.plus(months))

    def feed_label(self, feed: str | None) -> str | None:
        """A feed as results and failures name it: those of a return are told from an extract's."""
        if self.source == "extract":
            return feed
        return f"{self.source}_{feed}" if feed else self.source

    @property
    def work_path(self) -> Path:
        """The partition's folder below ``work/``: each source has its own."""
        own = Path() if self.source == "extract" else Path(self.source)
        return own / self.authority / str(self.month)

    @property
    def path(self) -> Path:
        """The partition as hive folders: ``authority=<code>/month=<YYYY-MM>``."""
        return Path(f"authority={self.authority}") / f"month={self.month}"


def check_feed_label(label: str) -> str:
    """A feed as results name it: of extracts, of what was made of returns, or a year's return.

    Raises:
        InputError: there is none of that name.
    """
    if label in FEEDS or re.fullmatch(rf"ssda903_({'|'.join(FEEDS)}|\d{{4}})", label):
        return label
    raise InputError(
        f"'{label}' is not a feed",
        remedy=f"Feeds are {', '.join(FEEDS)}; of returns ssda903_2018 and so on, and with "
        "ssda903_ before a feed what was made of them",
    )


def check_feed(feed: str) -> str:
    """The feed's name, if it is one.

    Raises:
        InputError: it is none.
    """
    if feed not in FEEDS:
        raise InputError(f"'{feed}' is not a feed", remedy=f"Feeds are {', '.join(FEEDS)}")
    return feed
