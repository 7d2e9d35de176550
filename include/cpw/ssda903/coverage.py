"""What the returns in the lake cover: which years, and which modules of them."""

from __future__ import annotations

from cpw import audit, lake
from cpw.contract import FEEDS
from cpw.errors import InputError
from cpw.home import Home, Partition
from cpw.kpi_sources import ReturnCoverage
from cpw.ssda903.years import years_needed

IMPORTED = "return_imported"


def coverage(home: Home, partition: Partition) -> ReturnCoverage | None:
    """What the returns in the lake cover: none for a month of extracts, or without any.

    A module counts where every return of the twelve months up to the month-end has it.
    """
    if partition.source != "ssda903":
        return None
    accepted = lake.accepted_feeds(home, partition)
    event = audit.latest(home, partition, IMPORTED, load_version=accepted[FEEDS[0]])
    if event is None:
        raise InputError(
            f"what the returns of {partition} cover is not known",
            remedy="Take the return again: cpw import-903",
        )
    needed = years_needed(partition.month, event["years"])
    by_year = {int(year): frozenset(names) for year, names in event["modules"].items()}
    held = frozenset.intersection(*(by_year[year] for year in needed))
    modules = frozenset(name for name in held if "." not in name)
    return ReturnCoverage(modules, tuple(event["years"]), by_year)
