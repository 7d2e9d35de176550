"""The status of each feed and month: what arrived, how its gate ended, what is published."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rich.table import Table

from cpw.core import audit
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import FEEDS, SOURCES, Partition
from cpw.ingest.landing import feed_folder


@dataclass(frozen=True)
class FeedStatus:
    """One feed of one month: the files in the landing zone, the last load, the last gate."""

    arrived: str
    load_version: int | None
    gate: str
    in_lake: int | None


def partitions(home: Home) -> list[Partition]:
    """Every authority and month that is in the landing zone or in the audit."""
    found = {f"{e['authority']}/{e['month']}" for e in audit.events(home)}
    if home.landing.is_dir():
        found |= {f"{p.parent.name}/{p.name}" for p in home.landing.glob("[0-9]*/[0-9]*-[0-9]*")}
    known = []
    for key in sorted(found):
        try:
            known.append(Partition.parse(key))
        except InputError:  # a stray folder is not a partition
            continue
    return known


def feed_status(home: Home, partition: Partition, feed: str) -> FeedStatus:
    """The state of one feed of one month."""
    folder = feed_folder(home, partition, feed)
    files = [p for p in folder.iterdir() if p.name != "manifest.csv"] if folder.is_dir() else []
    registered = audit.latest(home, partition, "extract_registered", feed=feed)
    accepted = audit.latest(home, partition, "feed_accepted", feed=feed)
    return FeedStatus(
        arrived=f"{len(files)} files" if files else "nothing",
        load_version=registered["load_version"] if registered else None,
        gate=_gate(home, partition, feed),
        in_lake=accepted["load_version"] if accepted else None,
    )


def _gate(home: Home, partition: Partition, feed: str) -> str:
    last = [
        e
        for e in audit.events(home, partition, feed=feed)
        if e["event"] in ("gate", "extract_unusable")
    ]
    if not last:
        return "not gated"
    event = last[-1]
    if event["event"] == "extract_unusable":
        return "unusable"
    return str(event["verdict"])


def status_table(home: Home, only: Partition | None = None) -> Table:
    """The status of every month as a table for the terminal."""
    table = Table("partition", "feed", "landed", "load", "gate", "in lake", "published")
    colours = {"passed": "green", "blocked": "red", "unusable": "red", "not gated": "dim"}
    for partition in [only] if only else partitions(home):
        published = _newest_published(home, partition)
        for feed in FEEDS:
            state = feed_status(home, partition, feed)
            table.add_row(
                str(partition) if feed == FEEDS[0] else "",
                feed,
                state.arrived,
                f"v{state.load_version}" if state.load_version else "-",
                f"[{colours[state.gate]}]{state.gate}[/]",
                f"v{state.in_lake}" if state.in_lake else "-",
                _published(published) if feed == FEEDS[0] else "",
            )
        _add_returns(table, home, replace(partition, source="ssda903"), colours)
        table.add_section()
    return table


def _newest_published(home: Home, partition: Partition) -> audit.Event | None:
    found = [
        event
        for source in SOURCES
        if (event := audit.latest(home, replace(partition, source=source), "published"))
    ]
    return max(found, key=lambda event: str(event["at"]), default=None)


def _add_returns(table: Table, home: Home, partition: Partition, colours: dict[str, str]) -> None:
    """A row for the statutory returns of a month, if any were imported."""
    registered = audit.latest(home, partition, "extract_registered", feed=FEEDS[0])
    if registered is None:
        return
    gates = audit.events(home, partition, event="gate", gate="gate_return")
    verdict = str(gates[-1]["verdict"]) if gates else "not gated"
    taken = audit.latest(home, partition, "return_imported")
    table.add_row(
        "",
        partition.source,
        ", ".join(sorted({file["table"].rpartition("_")[2] for file in registered["files"]})),
        f"v{registered['load_version']}",
        f"[{colours[verdict]}]{verdict}[/]",
        f"v{taken['load_version']}" if taken else "-",
        "",
    )


def _published(event: audit.Event | None) -> str:
    if event is None:
        return "[dim]no[/]"
    source = "" if event["source"] == "extract" else f" from {event['source']}"
    return f"version {event['publication_version']}{source}, {event['at'][:16].replace('T', ' ')}"
