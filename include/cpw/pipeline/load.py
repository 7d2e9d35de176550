"""Load one month in one process: the stages in order, with progress and a summary."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.locks import hold
from cpw.core.partition import FEEDS, Partition, check_feed
from cpw.pipeline import stages
from cpw.warehouse.build import prepare_dbt


@dataclass
class LoadSummary:
    """What a load did: seconds per stage, the lines on refused rows, the publication."""

    seconds: dict[str, float] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    rows_in: int = 0
    rows_refused: int = 0
    publication_version: int | None = None
    changed: bool = False


@contextmanager
def timed(summary: LoadSummary, stage: str, console: Console) -> Iterator[Callable[[str], None]]:
    """Show a stage while it runs, and add its seconds to the summary."""
    started = time.perf_counter()
    with console.status(stage) as status:
        yield lambda step: status.update(f"{stage}: {step}")
    spent = time.perf_counter() - started
    summary.seconds[stage] = summary.seconds.get(stage, 0.0) + spent
    console.print(f"[green]✓[/green] {stage} [dim]{spent:.1f} s[/dim]", highlight=False)


def load_feed(
    home: Home, partition: Partition, feed: str, console: Console, summary: LoadSummary
) -> None:
    """Take one feed from the landing zone into the lake."""
    with hold(home, f"{partition}/{feed}"):
        with timed(summary, f"read {feed}", console) as progress:
            extract = stages.read_extract(home, partition, feed, progress)
        with timed(summary, f"gate {feed}", console):
            report = stages.gate_extract(home, partition, feed)
        with timed(summary, f"lake {feed}", console):
            written = stages.write_lake(home, partition, feed)
    summary.rows_in += report.rows_in
    summary.rows_refused += report.rows_refused
    summary.refusals += report.refusals
    state = f"load version {written.version}" if written.changed else "unchanged since last load"
    console.print(
        f"  {feed}: {sum(extract.rows.values()):,} rows, {report.rows_refused:,} refused, {state}"
        if written.changed
        else f"  {feed}: {state} (version {written.version})",
        highlight=False,
    )
    for note in extract.notes:
        console.print(f"  [dim]note:[/dim] {escape(note)}", highlight=False, soft_wrap=True)


def publish_month(home: Home, partition: Partition, console: Console, summary: LoadSummary) -> None:
    """Gate the feeds together, build the marts, gate the marts, publish."""
    with hold(home, f"{partition}/publish"):
        if stages.is_published(home, partition):
            summary.publication_version = stages.published_version(home, partition)
            return
        with timed(summary, "gate feeds", console):
            report = stages.gate_feeds(home, partition)
        summary.rows_refused += report.rows_refused
        summary.refusals += report.refusals
        with timed(summary, "build marts", console):
            stages.build_marts(home, partition)
        with timed(summary, "gate marts", console):
            stages.gate_marts(home, partition)
        with timed(summary, "publish", console):
            published = stages.publish(home, partition)[partition]
    summary.publication_version, summary.changed = published.version, published.changed


def load(
    home: Home, partition: Partition, console: Console, feed: str | None = None
) -> LoadSummary:
    """Load one month, or one feed of it into the lake.

    Args:
        home: the data home.
        partition: authority, month and source. A return must be in the lake already; the month is
            published from there.
        console: the console that shows the progress.
        feed: load only this feed into the lake, and publish nothing.

    Raises:
        WarehouseError: a stage raised it; the publication of before is unchanged.
    """
    summary = LoadSummary()
    if partition.source != "extract":
        if feed is not None:
            raise InputError(
                "the feeds of a return cannot be loaded one by one",
                remedy="Leave --feed out; cpw import-903 loads a return into the lake",
            )
        publish_month(home, partition, console, summary)
        return summary
    feeds = (check_feed(feed),) if feed is not None else FEEDS
    if feed is None:
        prepare_dbt()
    with ExitStack() as locks:
        for name in feeds:
            locks.enter_context(hold(home, f"{partition}/{name}"))
        for name in feeds:
            load_feed(home, partition, name, console, summary)
        if feed is None:
            publish_month(home, partition, console, summary)
    return summary


def print_summary(summary: LoadSummary, partition: Partition, console: Console) -> None:
    """Print the refused rows, the seconds of each stage and the version that is published."""
    for line in summary.refusals:
        console.print(
            f"[yellow]quarantined[/yellow] {escape(line)}", highlight=False, soft_wrap=True
        )
    table = Table("stage", "seconds", title=None, box=None, header_style="dim")
    for stage, spent in summary.seconds.items():
        table.add_row(stage, f"{spent:.2f}")
    table.add_row("total", f"{sum(summary.seconds.values()):.2f}")
    console.print(table)
    if summary.publication_version is None:
        console.print(f"{partition}: the feed is in the lake. Load the whole month to publish it.")
    elif summary.changed:
        console.print(
            f"[bold green]Published[/bold green] {partition}, version "
            f"{summary.publication_version}; {summary.rows_refused:,} rows quarantined."
        )
    else:
        console.print(
            f"{partition} is already published, as version {summary.publication_version}: "
            "nothing has changed since."
        )
