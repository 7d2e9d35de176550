"""``make demo``: run the months of the 2018 scorecard through Airflow, and print the scorecard."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from cpw.cli.scorecard import print_scorecard
from cpw.core.errors import WarehouseError
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.orchestration.client import AirflowClient, AirflowError, run_partitions
from cpw.orchestration.local import client, running_airflow
from cpw_synthetic import COMMENTARY
from cpw_synthetic.editions import synthesise_edition

EDITION = "2018-06"
MONTHS = tuple(Partition.of("886", month) for month in ("2018-03", "2018-05", "2018-06"))

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Write the extracts, run the DAGs, print the scorecard; same exit codes as ``cpw load``."""
    home = Home.from_environment()
    started = time.perf_counter()
    console.print(f"The data home is {home.root}")
    try:
        _land(home)
        with _airflow(home) as airflow:
            console.print(f"Airflow is at {airflow.url}")
            run_partitions(airflow, MONTHS, console.print)
    except WarehouseError as error:
        console.print(f"[bold red]Stopped.[/] {str(error).replace('[', chr(92) + '[')}")
        return error.exit_code
    print_scorecard(home, MONTHS[-1], console)
    _say_where(home, time.perf_counter() - started)
    return 0


def _land(home: Home) -> None:
    with console.status("choosing lives") as status:
        written = synthesise_edition(
            EDITION, out=home.landing, progress=lambda text: status.update(f"choosing: {text}")
        )
    for month, files in written.items():
        folder = home.landing / "886" / str(month)
        console.print(f"886/{month}  {len(files)} files of synthetic children in {folder}")
    if not home.commentary.exists():
        shutil.copytree(COMMENTARY, home.commentary)


@contextmanager
def _airflow(home: Home) -> Iterator[AirflowClient]:
    """The Airflow that already runs in this data home, or one that runs only for the demo."""
    try:
        running = client(home)
        running.health()
    except (AirflowError, OSError):
        console.print("starting Airflow: API server, DAG processor, triggerer, scheduler")
        with running_airflow(home) as started:
            yield started
    else:
        yield running


def _say_where(home: Home, seconds: float) -> None:
    published = _relative(home.published / "corporate_parenting.duckdb")
    console.print(f"\nPublished in {seconds:.0f} s. What to look at:")
    console.print(f"  {published}  schema marts: scorecard, kpi_result, kpi_breakdown, kpi_subject")
    reports = home.month(MONTHS[-1]).reports
    console.print(f"  {_relative(reports)}/index.html  the site, the panel's paper beside it")
    restricted = _relative(home.month(MONTHS[-1]).restricted_reports)
    children = _relative(home.month(MONTHS[-1]).child_level_reports)
    console.print(f"  {restricted}/index.html  the panel's edition, with small numbers")
    console.print(f"  {children}/subjects.xlsx  the work-list, and the children behind each figure")
    report = _relative(home.month(MONTHS[-1]).quality_report)
    console.print(f"  {report}  which rules ran and failed, and who corrects the rows")
    console.print(f"  {_relative(home.data_docs)}/  the rules and results of each gate")
    console.print("  .venv/bin/cpw status   what arrived, passed its gate and is published")
    console.print("  make up                Airflow with its UI")


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    raise SystemExit(main())
