"""Months whose three feeds end at the same moment are published, with Airflow on PostgreSQL.

On PostgreSQL, a schedule that waits for one event of each of three assets lost half of such months.
The test starts a server of its own (Debian's ``postgresql``), and runs with ``make postgres``.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition
from cpw.orchestration.local import running_airflow

pytestmark = pytest.mark.postgres

MONTHS = [f"2018-{month:02}" for month in range(1, 9)]
DAGS = Path(__file__).with_name("dags_that_end_together")
WITHIN = 240.0  # seconds


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    assert found, "Install Debian's PostgreSQL: apt-get install postgresql"
    return found[-1]


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """A server with a database ``airflow``; yields what SQLAlchemy connects to."""
    data, binaries = folder / "postgres", _binaries()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.chmod(0o711)
    data.mkdir()
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    if os.getuid():
        as_user = []
    else:
        shutil.chown(data, "postgres", "postgres")

    def run(*command: str) -> None:
        subprocess.run(
            [*as_user, str(binaries / command[0]), *command[1:]],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
        )

    run("initdb", "-D", str(data), "-A", "trust", "-U", "airflow")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {data}"
    run("pg_ctl", "-D", str(data), "-l", str(data / "log"), "-w", "-o", options, "start")
    try:
        run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "airflow", "airflow")
        yield f"postgresql+psycopg2://airflow@127.0.0.1:{port}/airflow"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def test_months_whose_feeds_end_together_are_published() -> None:
    folder = Path("/tmp") / f"cpw-postgres-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        _publish_all(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _publish_all(folder: Path) -> None:
    home = Home(folder / "home")
    with running_postgres(folder) as database:
        settings = {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__PARALLELISM": str(2 * len(FEEDS)),
        }
        with running_airflow(home, own_settings=settings) as airflow:
            deadline = time.monotonic() + WITHIN
            for month in MONTHS:
                for feed in FEEDS:
                    airflow.trigger(f"ingest_886_{feed}", Partition.of("886", month))
                # the three tasks of a month wait for one another, so that no other has their places
                while len(list((home.work / month).glob("*"))) < len(FEEDS):
                    assert time.monotonic() < deadline, f"the feeds of {month} did not run"
                    time.sleep(0.2)
            while (left := _unpublished(home)) and time.monotonic() < deadline:
                time.sleep(0.5)
            assert left == []


def _unpublished(home: Home) -> list[str]:
    return [month for month in MONTHS if not (home.published / month).exists()]
