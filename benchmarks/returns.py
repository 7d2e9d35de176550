"""How long it takes to import an SSDA903 return, step by step, and the memory it needs.

    python benchmarks/returns.py [YEAR PATH [PATH ...]]    (default: 2018 tests/samples/ssda903)

Works in a data home of its own that is thrown away, so that nothing is unchanged since before.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.pipeline.import_returns import import_returns

SAMPLE = Path(__file__).resolve().parents[1] / "tests" / "samples" / "ssda903"


class Steps:
    """Prints each step with what it took, once the next begins."""

    def __init__(self) -> None:
        """Start the clock."""
        self._step, self._since = "starting", time.perf_counter()

    def __call__(self, step: str) -> None:
        """End the step before, and begin this one."""
        now = time.perf_counter()
        print(f"{self._step:<40}{now - self._since:>7.1f} s")
        self._step, self._since = step, now


def main(year: str = "2018", *paths: str) -> None:
    """Import the returns into a new data home, up to the lake."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WAREHOUSE_HOME"] = folder
        partition = Partition.of("886", f"{year}-03", "ssda903")
        began, steps = time.perf_counter(), Steps()
        given = [Path(path) for path in paths] or [SAMPLE]
        imported = import_returns(Home(Path(folder)), partition, given, [int(year)], steps)
        steps("done")
        spent = time.perf_counter() - began
    print(f"{f'{imported.rows_in:,} rows into the lake':<40}{spent:>7.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{'peak memory':<40}{peak:>7,} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
