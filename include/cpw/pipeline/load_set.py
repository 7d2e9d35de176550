"""Load a set of partitions: feeds and gates in a pool of processes, one build, one publication.

The figures are those of partitions loaded one after the other: the months of an authority are gated
in their order, and a month is compared with those before it in the set as if they were published.
A partition that is stopped leaves the others alone.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cpw.core.database import use_one_thread
from cpw.core.errors import BuildError, GateBlockedError, InputError, WarehouseError, fault_of
from cpw.core.home import Home
from cpw.core.locks import held_by_this_process, hold, work_under
from cpw.core.partition import FEEDS, Partition
from cpw.pipeline import stages
from cpw.pipeline.load import LoadSummary, publish_month, timed
from cpw.warehouse.build import prepare_dbt

MOST_PROCESSES = 8
"""A gate may take one gigabyte of memory, and a process half a gigabyte more."""

State = Literal["published", "unchanged", "stopped"]


@dataclass(frozen=True)
class Taken:
    """What a stage did for a partition; ``stopped`` is the message of the error that ended it."""

    rows_in: int = 0
    rows_refused: int = 0
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: str | None = None


@dataclass
class Loaded:
    """How the load of one partition ended."""

    partition: Partition
    state: State | None = None
    version: int | None = None
    why: str | None = None
    rows_in: int = 0
    rows_refused: int = 0
    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, taken: Taken) -> None:
        """Add what a stage did; an error in it stops the partition."""
        self.rows_in += taken.rows_in
        self.rows_refused += taken.rows_refused
        self.refusals += taken.refusals
        self.notes += taken.notes
        if taken.stopped is not None:
            self.stop(taken.stopped)

    def stop(self, why: str) -> None:
        """Note that the partition is stopped, and why."""
        self.state, self.why = "stopped", why


def check_set(partitions: Sequence[Partition]) -> list[Partition]:
    """The partitions in the order of authority and month.

    Raises:
        InputError: an authority and month is there twice, as with two sources.
    """
    places = [(p.authority, p.month) for p in partitions]
    twice = sorted({f"{a}/{m}" for a, m in places if places.count((a, m)) > 1})
    if twice:
        raise InputError(
            f"{', '.join(twice)} is in the set more than once",
            remedy="Name each authority and month once, with one source",
        )
    return sorted(partitions)


def load_set(home: Home, partitions: Sequence[Partition], console: Console) -> list[Loaded]:
    """Load the partitions into the lake, build their marts in one go, and publish them at once.

    Args:
        home: the data home.
        partitions: authority, month and source of each; those made of returns are in the lake.
        console: the console that shows the progress.

    Returns:
        How the load of each partition ended, in the order of authority and month.

    Raises:
        InputError: an authority and month is there twice.
        LoadInProgressError: another process loads one of them; nothing was changed.
    """
    ordered = check_set(partitions)
    loaded = {partition: Loaded(partition) for partition in ordered}
    summary = LoadSummary()
    with ExitStack() as locks:
        for partition in ordered:
            locks.enter_context(hold(home, f"{partition}/publish"))
            for feed in FEEDS if partition.source == "extract" else ():
                locks.enter_context(hold(home, f"{partition}/{feed}"))
        prepare_dbt()
        with _pool(home, len(ordered)) as pool:
            with timed(summary, "read and gate", console):
                ready = _take_in(home, pool, loaded, console)
            _build_and_publish(home, pool.map, ready, loaded, console, summary)
    return list(loaded.values())


@contextmanager
def _pool(home: Home, partitions: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that have imported what the gates need, and work under this process's locks."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cpw.pipeline.gates"])
    with ProcessPoolExecutor(
        min(os.cpu_count() or 1, MOST_PROCESSES, 3 * partitions),
        mp_context=context,
        initializer=_start_work,
        initargs=(str(home.root), held_by_this_process()),
    ) as pool:
        yield pool


def _start_work(root: str, locks: frozenset[str]) -> None:
    os.environ["WAREHOUSE_HOME"] = root
    use_one_thread()
    work_under(locks)


def _guarded(stage: Callable[[], Taken]) -> Taken:
    """Run a stage; an error becomes a message, so that the other partitions go on."""
    try:
        return stage()
    except WarehouseError as error:
        return Taken(stopped=str(error))
    except Exception as error:
        return Taken(stopped=f"A fault of the warehouse: {fault_of(error)}")


def take_feed(home: Home, partition: Partition, feed: str) -> Taken:
    """Take one feed from the landing zone into the lake."""

    def stage() -> Taken:
        extract = stages.read_extract(home, partition, feed)
        report = stages.gate_extract(home, partition, feed)
        stages.write_lake(home, partition, feed)
        rows = sum(extract.rows.values())
        return Taken(rows, report.rows_refused, report.refusals, tuple(extract.notes))

    return _guarded(stage)


def gate_feeds(home: Home, partition: Partition) -> Taken:
    """Gate the feeds of a partition against each other."""

    def stage() -> Taken:
        report = stages.gate_feeds(home, partition)
        return Taken(rows_refused=report.rows_refused, refusals=report.refusals)

    return _guarded(stage)


def gate_marts(home: Home, partition: Partition) -> Taken:
    """Gate the built marts of a partition."""

    def stage() -> Taken:
        stages.gate_marts(home, partition)
        return Taken()

    return _guarded(stage)


def take_in(home: Home, partitions: Sequence[Partition]) -> list[Loaded]:
    """Take the months of one authority into the lake and gate them, in this process.

    Returns:
        A month with no state is to be built; the others are unchanged, or stopped.
    """
    loaded = [Loaded(partition) for partition in check_set(partitions)]
    to_build: list[Partition] = []
    for one in loaded:
        for feed in FEEDS if one.partition.source == "extract" else ():
            one.add(take_feed(home, one.partition, feed))
        if one.state == "stopped":
            continue
        if _is_to_be_built(home, one.partition, to_build):
            to_build.append(one.partition)
            one.add(gate_feeds(home, one.partition))
        else:
            one.state, one.version = "unchanged", stages.published_version(home, one.partition)
    return loaded


def build_and_publish(
    home: Home, partitions: Sequence[Partition], console: Console
) -> list[Loaded]:
    """Build the partitions that are gated, in one go; publish those whose marts pass their gate."""
    loaded = {partition: Loaded(partition) for partition in check_set(partitions)}
    _build_and_publish(home, map, list(loaded), loaded, console, LoadSummary())
    return list(loaded.values())


def _take_in(
    home: Home, pool: ProcessPoolExecutor, loaded: Mapping[Partition, Loaded], console: Console
) -> list[Partition]:
    """Take all feeds into the lake and gate them together; returns the partitions to be built.

    A feed of a month waits for the same feed of the authority's month before: its gate looks back.
    """
    waiting: dict[Partition, set[str]] = {}
    chains: dict[tuple[str, str], list[Partition]] = {}
    to_build: list[Partition] = []
    running: dict[Future[Taken], tuple[Partition, str | None]] = {}

    def start(authority: str, feed: str) -> None:
        if chain := chains[authority, feed]:
            partition = chain.pop(0)
            running[pool.submit(take_feed, home, partition, feed)] = (partition, feed)

    def gate(partition: Partition) -> None:
        one = loaded[partition]
        if one.state == "stopped":
            return
        if not _is_to_be_built(home, partition, to_build):
            one.state, one.version = "unchanged", stages.published_version(home, partition)
            return
        to_build.append(partition)
        running[pool.submit(gate_feeds, home, partition)] = (partition, None)

    for partition in loaded:
        if partition.source == "extract":
            waiting[partition] = set(FEEDS)
            for feed in FEEDS:
                chains.setdefault((partition.authority, feed), []).append(partition)
    for authority, feed in chains:
        start(authority, feed)
    for partition in loaded:
        if partition.source != "extract":
            gate(partition)
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            partition, taken_feed = running.pop(future)
            loaded[partition].add(future.result())
            if taken_feed is not None:
                start(partition.authority, taken_feed)
                waiting[partition].discard(taken_feed)
                if not waiting[partition]:
                    gate(partition)
            if not waiting.get(partition) and partition not in _partitions(running):
                _show(loaded[partition], console)
    return sorted(p for p in to_build if loaded[p].state is None)


def _partitions(running: Mapping[Future[Taken], tuple[Partition, str | None]]) -> set[Partition]:
    return {partition for partition, _ in running.values()}


def _is_to_be_built(home: Home, partition: Partition, to_build: Sequence[Partition]) -> bool:
    """Whether a partition, or a month before it that it is compared with, is to be built anew."""
    earlier = any(p.authority == partition.authority and p < partition for p in to_build)
    return earlier or not stages.is_published(home, partition)


def _show(one: Loaded, console: Console) -> None:
    """Print a line on what was read of a partition, and what its gates found."""
    end = {"stopped": "[red]stopped[/red]", "unchanged": "unchanged since it was published"}
    counts = f"{one.rows_in:,} rows, {one.rows_refused:,} refused"
    console.print(f"  {one.partition}: {end.get(str(one.state), counts)}", highlight=False)


def _build_and_publish(
    home: Home,
    mapped: Callable[..., Iterable[Taken]],
    ready: list[Partition],
    loaded: Mapping[Partition, Loaded],
    console: Console,
    summary: LoadSummary,
) -> None:
    to_build = ready
    while to_build:
        try:
            with timed(summary, f"build marts of {len(to_build)}", console):
                stages.build_marts(home, *to_build)
        except BuildError as error:
            if len(to_build) == 1:
                loaded[to_build[0]].stop(str(error))
                ready = [p for p in ready if p not in to_build]
                break
            _one_by_one(home, ready, loaded, console)
            return
        with timed(summary, "gate marts", console):
            gated = mapped(gate_marts, [home] * len(to_build), to_build)
            for partition, taken in zip(to_build, gated, strict=True):
                loaded[partition].add(taken)
        stopped = [p for p in to_build if loaded[p].state == "stopped"]
        ready = [p for p in ready if p not in stopped]
        to_build = _compared_with(stopped, ready)
    if ready:
        with timed(summary, "publish", console):
            published = stages.publish(home, *ready)
        for partition, one in published.items():
            loaded[partition].state = "published" if one.changed else "unchanged"
            loaded[partition].version = one.version


def _compared_with(stopped: Sequence[Partition], ready: Sequence[Partition]) -> list[Partition]:
    """What is built again, since a month was stopped that later months were compared with."""
    authorities = {
        p.authority for p in stopped for q in ready if p.authority == q.authority and p < q
    }
    return [p for p in ready if p.authority in authorities]


def _one_by_one(
    home: Home, ready: Sequence[Partition], loaded: Mapping[Partition, Loaded], console: Console
) -> None:
    """Publish each partition by itself: the models fail on one of them, and not on all perhaps."""
    console.print("  dbt could not build them together: each is built by itself")
    for partition in ready:
        alone = LoadSummary()
        try:
            publish_month(home, partition, console, alone)
        except (BuildError, GateBlockedError) as error:
            loaded[partition].stop(str(error))
            continue
        loaded[partition].state = "published" if alone.changed else "unchanged"
        loaded[partition].version = alone.publication_version


def print_set(loaded: Sequence[Loaded], console: Console) -> None:
    """Print what was refused, why a partition was stopped, and a table with how each ended."""
    for one in loaded:
        for note in one.notes:
            console.print(
                f"{one.partition} [dim]note:[/dim] {escape(note)}", highlight=False, soft_wrap=True
            )
        for line in one.refusals:
            console.print(
                f"{one.partition} [yellow]quarantined[/yellow] {escape(line)}",
                highlight=False,
                soft_wrap=True,
            )
    for one in loaded:
        if one.why is not None:
            console.print(
                f"[bold red]{one.partition} is stopped.[/bold red] {escape(one.why)}",
                highlight=False,
                soft_wrap=True,
            )
    table = Table("partition", "state", "version", "rows", "refused", box=None, header_style="dim")
    for one in loaded:
        colour = "red" if one.state == "stopped" else "green"
        version = "" if one.version is None else str(one.version)
        table.add_row(
            str(one.partition),
            f"[{colour}]{one.state}[/{colour}]",
            version,
            f"{one.rows_in:,}",
            f"{one.rows_refused:,}",
        )
    console.print(table)
