"""What has arrived, been gated and been published, per feed and month, from the audit."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table

from cpw import audit
from cpw.contract import FEEDS
from cpw.errors import InputError
from cpw.home import Home, Partition
from cpw.landing import feed_folder


@dataclass(frozen=True)
class FeedStatus:
    """One feed of one month: what lies in landing, the last load, the last gate."""

    arrived: str
    load_version: int | None
    gate: str
    in_lake: int | None


def partitions(home: Home) -> list[Partition]:
    """Every authority and month that landed or was ever loaded."""
    found = {f"{e['authority']}/{e['month']}" for e in audit.events(home)}
    if home.landing.is_dir():
        found |= {f"{p.parent.name}/{p.name}" for p in home.landing.glob("[0-9]*/[0-9]*-[0-9]*")}
    known = []
    for key in sorted(found):
        try:
            known.append(Partition.parse(key))
        except InputError:  # a stray folder is no partition
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
        published = audit.latest(home, partition, "published")
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
        table.add_section()
    return table


def _published(event: audit.Event | None) -> str:
    if event is None:
        return "[dim]no[/]"
    return f"version {event['publication_version']}, {event['at'][:16].replace('T', ' ')}"
