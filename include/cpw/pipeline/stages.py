"""The stages from the landing zone to a publication, and the stage that writes the reports.

``cpw load`` runs them one after the other; the Airflow DAGs run each as a task. Each stage passes
its results to the next one as files in the data home, so each may run in a process of its own. A
stage that fails raises a :class:`cpw.core.errors.WarehouseError` whose message is safe for a log,
and can be run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from cpw.core import audit
from cpw.core.editions import check_edition
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.locks import hold
from cpw.core.partition import FEEDS, Partition, Source, check_feed
from cpw.core.reporting_month import ReportingMonth
from cpw.ingest import extract
from cpw.ingest.extract import Extract
from cpw.ingest.postcodes import check_ons_code
from cpw.warehouse import build, build_inputs, lake, publication, quality_inputs
from cpw.warehouse.lake import LakeWrite
from cpw.warehouse.publication import Publication

if TYPE_CHECKING:
    from types import ModuleType

    from cpw.pipeline.gates import GateReport
    from cpw.reports.write import WrittenReports


def _gates() -> ModuleType:
    """The module of the gates, imported late: its own imports take seconds."""
    from cpw.pipeline import gates

    return gates


def _feed_lock(partition: Partition, feed: str) -> str:
    return f"{partition}/{check_feed(feed)}"


def read_extract(
    home: Home, partition: Partition, feed: str, progress: Callable[[str], None] = lambda _: None
) -> Extract:
    """Find, register, read and cast one feed's extract."""
    check_ons_code(partition.authority)
    with hold(home, _feed_lock(partition, feed)):
        return extract.read_extract(home, partition, feed, progress)


def gate_extract(home: Home, partition: Partition, feed: str) -> GateReport:
    """Run the feed's own gate, and quarantine the rows that are not valid."""
    with hold(home, _feed_lock(partition, feed)):
        report: GateReport = _gates().gate_extract(home, partition, feed)
        return report


def write_lake(home: Home, partition: Partition, feed: str) -> LakeWrite:
    """Put the gated feed into the lake."""
    with hold(home, _feed_lock(partition, feed)):
        return lake.write_lake(home, partition, feed)


def source_of(home: Home, authority: str, month: str) -> Source:
    """The default source of a month: its extracts if it has any, else the return."""
    extracts = Partition.of(authority, month)
    landed = home.landing / authority / str(extracts.month)
    if any(landed.glob("*/*")) or lake.accepted_versions(home, extracts):
        return "extract"
    taken = lake.accepted_versions(home, replace(extracts, source="ssda903"))
    return "ssda903" if taken else "extract"


def authorities_of(home: Home, months: Sequence[ReportingMonth]) -> list[str]:
    """The authorities that have extracts in the landing zone, or a return, for one of the months.

    Raises:
        InputError: no authority has.
    """
    landed = {p.parent.name for month in months for p in home.landing.glob(f"*/{month}")}
    taken = {
        str(event["authority"])
        for event in audit.events(home, event="feed_accepted", source="ssda903")
        if event["month"] in {str(month) for month in months}
    }
    found = sorted(landed | taken)
    if not found:
        raise InputError(
            "no authority has extracts or returns for these months",
            file=str(home.landing),
            remedy="Put extracts there as <authority>/<YYYY-MM>/<feed>/<table>.csv",
        )
    return found


def month_is_complete(home: Home, partition: Partition) -> bool:
    """Whether the lake has all three feeds of the month."""
    return len(lake.accepted_versions(home, partition)) == len(FEEDS)


def gate_feeds(home: Home, partition: Partition) -> GateReport:
    """Gate the feeds against each other, and write the build's inputs."""
    check_edition(partition.month)
    with ExitStack() as locks:
        locks.enter_context(hold(home, f"{partition}/publish"))
        for feed in FEEDS:  # no feed may change in the lake while the three are read
            locks.enter_context(hold(home, _feed_lock(partition, feed), wait=True))
        accepted = lake.accepted_feeds(home, partition)
        report: GateReport = _gates().gate_feeds(home, partition, accepted)
        inputs = home.month(partition).build_inputs
        publication.note_basis(home, partition, accepted)
        quality_inputs.write(home, partition, inputs, accepted)
        build_inputs.add(home, partition, accepted, inputs, keys=home)
        return report


def is_published(home: Home, partition: Partition) -> bool:
    """Whether the month is published from the lake's feeds with the present rules and models."""
    accepted = lake.accepted_feeds(home, partition)
    current = publication.fingerprint(home, partition, accepted)
    return publication.is_published(home, partition, current)


def published_version(home: Home, partition: Partition) -> int:
    """The published version of the partition; 0 if there is none."""
    return publication.next_version(home, partition) - 1


def forget_build(home: Home, partition: Partition) -> None:
    """Remove the inputs of a build that is not needed."""
    with hold(home, f"{partition}/publish"):
        lake.forget_build(home, partition)


def build_marts(home: Home, *partitions: Partition) -> None:
    """Build the partitions' marts from their inputs, all in one go."""
    with ExitStack() as locks:
        for partition in partitions:
            locks.enter_context(hold(home, f"{partition}/publish"))
        build.run_dbt(home, {p: publication.next_version(home, p) for p in partitions})


def gate_marts(home: Home, partition: Partition) -> GateReport:
    """Gate the built marts."""
    with hold(home, f"{partition}/publish"):
        if not home.month(partition).built_marts.exists():
            raise InputError(f"the marts of {partition} are not built", remedy="Build them first")
        built_from = publication.basis(home, partition)["load_versions"]
        report: GateReport = _gates().gate_marts(home, partition, built_from)
        return report


def publish(home: Home, *partitions: Partition) -> dict[Partition, Publication]:
    """Publish the gated marts of the partitions, all at once."""
    from cpw.quality import report as quality_report

    with ExitStack() as locks:
        for partition in partitions:
            locks.enter_context(hold(home, f"{partition}/publish"))
        published = publication.publish(home, partitions)
        for partition in partitions:
            quality_report.write(home, partition)
        return published


def write_reports(home: Home, partition: Partition) -> WrittenReports:
    """Write the site, the panel's paper and the workbooks of a published month."""
    from cpw.reports.write import write_reports as write_all

    with hold(home, f"{partition}/reports"):
        return write_all(home, partition)
