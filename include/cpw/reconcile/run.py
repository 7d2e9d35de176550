"""Compare a month's two sources from the data home, and write what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.reconcile import page, sheet
from cpw.reconcile.compare import Comparison, check_ids, compare
from cpw.reconcile.sides import build_both, laid_out
from cpw.warehouse import lake
from cpw.warehouse.no_source import no_source, source_of


@dataclass(frozen=True)
class Reconciled:
    """What was found, the page of it and the list of children."""

    comparison: Comparison
    page: Path
    children: Path


def run(home: Home, partition: Partition, progress: Callable[[str], None]) -> Reconciled:
    """Compare the two sources of a month; the month's publication does not change.

    Args:
        home: the data home.
        partition: authority and month.
        progress: is told what is being done.

    Raises:
        InputError: a source of the month is not in the lake, or no child's id is in both.
        BuildError: dbt could not build one of them.
    """
    progress("laying out both sources")
    with laid_out(home, partition) as (extract, returned):
        check_ids(partition, extract, returned)
        progress("building both")
        build_both(home, partition)
        progress("comparing")
        of_return = replace(partition, source="ssda903")
        source = source_of(home, of_return, lake.accepted_feeds(home, of_return))
        since = source.coverage.known_since(partition.month) if source.coverage else None
        comparison = compare(
            partition,
            extract,
            returned,
            since.first_day if since else None,
            no_source(source),
        )
    return Reconciled(comparison, page.write(home, comparison), sheet.write(home, comparison))
