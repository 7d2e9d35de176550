"""How long all gates on one month's extracts take, and how much memory, as the extract grows.

    python benchmarks/gates.py [copies ...]      (default: 1 10 50)

Two months of 1,600 synthetic children are read once, and repeated as often as asked for, each copy
under ids of its own. The gates of the second month then run in a process of their own, against the
first as the month before; the time that importing Great Expectations takes stands beside theirs.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from cpw.contract.tables import Table, contract
from cpw.core.database import connect
from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition
from cpw.ingest.extract import Extract
from cpw.pipeline import stages
from cpw.warehouse import lake
from cpw_synthetic import synthesise

CHILDREN = 1600
MONTHS = (Partition.of("886", "2018-05"), Partition.of("886", "2018-06"))
_OTHER_IDS = {"clae_cla_id", "prof_social_worker_registration_no"}


def main(copies: list[int]) -> None:
    """Measure the gates on so many copies of the extract, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        read = _read(Path(folder) / "read")
        print(f"{'children':>9} {'rows':>11} {'import GX':>10} {'all gates':>10} {'peak MB':>8}")
        for number in copies:
            home = Path(folder) / f"copies-{number}"
            rows = _repeat(read, home, number)
            ended = subprocess.run(
                [sys.executable, __file__, "--measure"],
                env={**os.environ, "WAREHOUSE_HOME": str(home)},
                check=True,
                capture_output=True,
                text=True,
            )
            said = json.loads(ended.stdout.splitlines()[-1])
            print(
                f"{CHILDREN * number:>9,} {rows:>11,} {said['import']:>9.1f}s "
                f"{said['gates']:>9.1f}s {said['peak']:>8,}"
            )
            shutil.rmtree(home)


def _read(home: Path) -> Home:
    """Extracts as the gates find them: read and cast."""
    os.environ["WAREHOUSE_HOME"] = str(home)
    made = Home.from_environment()
    for partition in MONTHS:
        synthesise(partition, children=CHILDREN, seed=1, out=made.landing)
        for feed in FEEDS:
            stages.read_extract(made, partition, feed)
    return made


def _repeat(read: Home, root: Path, copies: int) -> int:
    """Write the extracts so many times over; returns the rows of the second month."""
    os.environ["WAREHOUSE_HOME"] = str(root)
    home, rows = Home.from_environment(), 0
    shutil.copytree(read.audit, home.audit)
    for partition in MONTHS:
        rows = 0
        for feed in FEEDS:
            source = read.month(partition).feed_work(feed)
            target = home.month(partition).feed_work(feed)
            for table in contract().feed_tables(feed):
                for kind in ("text", "typed"):
                    file = f"{kind}/{table.name}.parquet"
                    (target / kind).mkdir(parents=True, exist_ok=True)
                    _repeat_table(table, source / file, target / file, copies)
            extract = Extract.load(source)
            times = {name: number * copies for name, number in extract.rows.items()}
            replace(extract, rows=times).save(target)
            rows += sum(times.values())
    return rows


def _repeat_table(table: Table, source: Path, target: Path, copies: int) -> None:
    ids = [c.name for c in table.columns if c.is_key or c.references or c.name in _OTHER_IDS]
    own = ", ".join(f'"{name}" || \'-\' || copy as "{name}"' for name in ids)
    with connect() as connection:
        connection.execute(
            "copy (select cast(row_number() over () + 1 as integer) as source_row, * from ("
            f"select * exclude (source_row, copy) replace ({own}) "
            f"from read_parquet('{source}'), range({copies}) as copies (copy) "
            f"order by copy, source_row)) to '{target}' (format parquet, compression zstd)"
        )


def measure() -> None:
    """Run every gate of the second month, and print seconds and peak memory as JSON."""
    started = time.perf_counter()
    import great_expectations

    assert great_expectations.__version__
    imported = time.perf_counter() - started
    home, gates = Home.from_environment(), 0.0
    for partition in MONTHS:
        gates = 0.0
        for feed in FEEDS:
            started = time.perf_counter()
            stages.gate_extract(home, partition, feed)
            gates += time.perf_counter() - started
            lake.write_lake(home, partition, feed)
        started = time.perf_counter()
        from cpw.pipeline.gates import gate_feeds

        gate_feeds(home, partition)
        gates += time.perf_counter() - started
        lake.forget_build(home, partition)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"import": imported, "gates": gates, "peak": peak}))


if __name__ == "__main__":
    if sys.argv[1:] == ["--measure"]:
        measure()
    else:
        main([int(copies) for copies in sys.argv[1:]] or [1, 10, 50])
