"""How long the reports of a published month take, step by step, and how large they are.

    python benchmarks/reports.py [AUTHORITY MONTH]      (default: 886 2018-06)

Reads the month that stands published in the data home, and writes its reports there. The site's
charts are by far the most of it; half the indicators are drawn as well, to show how it grows.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace

from cpw.core.database import connect
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.pipeline import stages
from cpw.reports.month.read import load_month
from cpw.reports.projection.project import Projection
from cpw.reports.site.build import Gallery, SiteContent
from cpw.reports.site.pictures import trend


def main(authority: str = "886", month: str = "2018-06") -> None:
    """Write the reports, then draw the charts of half and of all indicators."""
    home, partition = Home.from_environment(), Partition.of(authority, month)
    started = time.perf_counter()
    written = stages.write_reports(home, partition)
    print(f"{'all reports, imports included':<34}{time.perf_counter() - started:>7.1f} s")
    folder = home.month(partition).reports
    for part in ("panel-paper.pdf", "workbook.xlsx", "child-level/subjects.xlsx"):
        print(f"{part:<34}{(folder / part).stat().st_size / 1e6:>7.2f} MB")
    print(f"{f'{written.files} files':<34}{written.bytes / 1e6:>7.2f} MB")
    with connect(home.published_database, read_only=True) as connection:
        facts = load_month(connection, partition, {})
    for share in (2, 1):
        some = replace(facts, indicators=facts.indicators[::share], topics=())
        began = time.perf_counter()
        with Gallery() as gallery:
            gallery.add(SiteContent(some, Projection(some.as_at)))
            gallery.svg(trend(some.indicators[0], some, 12))
        spent = time.perf_counter() - began
        print(f"{f'charts of {len(some.indicators)} indicators':<34}{spent:>7.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{'peak memory':<34}{peak:>7,} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
