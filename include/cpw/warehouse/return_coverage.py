"""What the returns in the lake cover: which years, and which modules of them."""

from __future__ import annotations

from collections.abc import Mapping

from cpw.core import audit
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition
from cpw.warehouse.kpi_sources import ReturnCoverage

IMPORTED = "return_imported"


def coverage(
    home: Home, partition: Partition, accepted: Mapping[str, int]
) -> ReturnCoverage | None:
    """What the returns in the lake cover; None for a month of extracts.

    Raises:
        InputError: the audit has no record of what the returns cover.
    """
    if partition.source != "ssda903":
        return None
    event = audit.latest(home, partition, IMPORTED, load_version=accepted[FEEDS[0]])
    if event is None:
        raise InputError(
            f"it is not known which years and modules the returns of {partition} cover",
            remedy="Import the return again: cpw import-903",
        )
    return ReturnCoverage(_by_year(event["modules"]), _by_year(event.get("unreadable", {})))


def _by_year(names: Mapping[str, list[str]]) -> dict[int, frozenset[str]]:
    return {int(year): frozenset(of_year) for year, of_year in names.items()}
