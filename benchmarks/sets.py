"""How long sets of months and authorities take to load, and how much memory: `cpw load`, as it is.

    python benchmarks/sets.py [--authorities 1,5,20,153] [--children 500] [--months 12]

Each case is a load in a process of its own, into a data home of its own. The authorities have the
same synthetic children under the same ids. Writes one JSON object a case to standard output, and
the exponent of the time over the number of authorities at the end.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from cpw.core.authorities import authorities
from cpw.core.partition import Partition
from cpw.core.reporting_month import ReportingMonth
from cpw_synthetic import synthesise

LAST = ReportingMonth(2018, 6)
KENT_CHILDREN = 1600


@dataclass(frozen=True)
class Measured:
    """One load: what was loaded, and what it took of a machine."""

    case: str
    partitions: int
    children: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: int
    published_megabytes: float


def main(counts: list[int], children: int, months: int) -> None:
    """Measure a month of one council, many months of it, and a month of many authorities."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        kent = _landing(root / "kent", KENT_CHILDREN, months)
        _load(root / "parse", _only(kent, LAST), "886", str(LAST))  # dbt has parsed the project
        first = str(LAST.plus(1 - months))
        _show(_measure(root, "one month", _only(kent, LAST), "886", str(LAST), KENT_CHILDREN))
        if months > 1:
            span = f"{first}..{LAST}"
            _show(_measure(root, f"{months} months", kent, "886", span, KENT_CHILDREN))
        small = _landing(root / "small", children, 1)
        by_count = {}
        for count in counts:
            codes = sorted(authorities())[:count]
            landing = _copied(small, root / f"landing-{count}", codes)
            case = f"{count} authorities"
            measured = _measure(root, case, landing, ",".join(codes), str(LAST), children)
            by_count[count] = measured.seconds
            _show(measured)
            shutil.rmtree(landing)
        if len(by_count) > 1:
            low, high = min(by_count), max(by_count)
            grown = math.log(by_count[high] / by_count[low]) / math.log(high / low)
            print(json.dumps({"exponent over authorities": round(grown, 2)}))


def _show(measured: Measured) -> None:
    print(json.dumps(asdict(measured)), flush=True)


def _landing(root: Path, children: int, months: int) -> Path:
    for back in reversed(range(months)):
        partition = Partition.of("886", str(LAST.plus(-back)))
        synthesise(partition, children=children, seed=1, out=root)
    return root


def _only(landing: Path, month: ReportingMonth) -> Path:
    target = landing.with_name(f"{landing.name}-{month}")
    if not target.exists():
        shutil.copytree(landing / "886" / str(month), target / "886" / str(month))
    return target


def _copied(landing: Path, target: Path, codes: list[str]) -> Path:
    for code in codes:
        shutil.copytree(landing / "886", target / code, copy_function=os.link)
    return target


def _measure(
    root: Path, case: str, landing: Path, authority: str, month: str, children: int
) -> Measured:
    home = root / "home"
    seconds, cpu, peak = _load(home, landing, authority, month)
    database = (home / "published" / "corporate_parenting.duckdb").stat().st_size / 1e6
    folders = list(home.glob("published/parquet/kpi_result/*/*"))
    shutil.rmtree(home)
    return Measured(
        case,
        len(folders),
        children * len(folders),
        round(seconds, 1),
        round(cpu, 1),
        peak,
        round(database, 1),
    )


def _load(home: Path, landing: Path, authority: str, month: str) -> tuple[float, float, int]:
    """Load, and return seconds, seconds of CPU and the peak of all processes in megabytes."""
    home.mkdir()
    (home / "landing").symlink_to(landing)
    started = time.perf_counter()
    with (home / "output.txt").open("w") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("cpw")), "load", "-a", authority, "-m", month],
            env={**os.environ, "WAREHOUSE_HOME": str(home)},
            stdout=output,
            stderr=output,
        )
        watched = Watched()
        watcher = threading.Thread(target=watched.watch, args=(process,))
        watcher.start()
        code = process.wait()
        watcher.join()
    if code:
        sys.exit((home / "output.txt").read_text())
    return time.perf_counter() - started, sum(watched.cpu.values()), watched.peak


@dataclass
class Watched:
    """What a load and all its processes take: megabytes at most, seconds of CPU of each process."""

    peak: int = 0
    cpu: dict[tuple[int, float], float] = field(default_factory=dict)

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """Look five times a second until the load has ended."""
        first = psutil.Process(process.pid)
        while process.poll() is None:
            memory = 0
            for one in [first, *first.children(recursive=True)]:
                try:
                    memory += one.memory_full_info().pss
                    times = one.cpu_times()
                    self.cpu[one.pid, one.create_time()] = times.user + times.system
                except psutil.Error:
                    continue
            self.peak = max(self.peak, memory // 1_000_000)
            time.sleep(0.2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--authorities", default="1,5,20,153")
    parser.add_argument("--children", type=int, default=500)
    parser.add_argument("--months", type=int, default=12)
    given = parser.parse_args()
    main([int(n) for n in given.authorities.split(",")], given.children, given.months)
