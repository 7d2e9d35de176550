"""From the landing zone to the publication through a real Airflow, no part mocked.

Scheduler, API server, DAG processor and triggerer run on SQLite in a data home of their own, two
months of synthetic extracts are triggered through the REST API. One test, because starting Airflow
is what takes the time and each scene goes on from the one before.
"""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pytest

from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition
from cpw.core.reporting_month import ReportingMonth
from cpw.orchestration.client import ENDED, AirflowClient, AirflowError, run_partitions
from cpw.orchestration.local import running_airflow
from cpw_synthetic import synthesise

pytestmark = pytest.mark.airflow

MAY, JUNE = Partition.parse("886/2018-05"), Partition.parse("886/2018-06")
CHILDREN = 60
# What backfill passes on: authorities, keys of partitions, and how each ended.
_NAMES_PARTITIONS = re.compile(r'[\[\], ]*(\\?"(\d{3}|887/2018-\d{2}|[a-z]+)\\?"[\[\], ]*)*')
T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T], within: float = 180) -> T:
    """Look until there is something to see."""
    deadline = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {within} s for {what}"
        time.sleep(0.3)
    return seen


@dataclass
class Warehouse:
    """A data home with an Airflow, and extracts still to be delivered to it."""

    home: Home
    airflow: AirflowClient
    source: Path
    reported: list[str] = field(default_factory=list)

    def folder(self, partition: Partition, feed: str) -> Path:
        return self.home.landing / str(partition) / feed

    def deliver(self, partition: Partition, feed: str) -> None:
        """Move a feed's extract to the landing zone, all files at once."""
        self.folder(partition, feed).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self.source / str(partition) / feed, self.folder(partition, feed))

    def trigger(self, feed: str) -> tuple[str, str]:
        dag_id = f"ingest_886_{feed}"
        return dag_id, self.airflow.trigger(dag_id, JUNE)

    def state(self, run: tuple[str, str]) -> str:
        return str(self.airflow.run(*run)["state"])

    def ended(self, run: tuple[str, str]) -> str:
        return wait_for(
            f"{run} to end", lambda: state if (state := self.state(run)) in ENDED else ""
        )

    def publish_runs(self, partition: Partition = JUNE) -> list[dict[str, Any]]:
        return self.airflow.runs("publish", partition)

    def next_publish_run(self, known: int) -> tuple[str, str]:
        runs = wait_for(
            "the next run of publish", lambda: r if len(r := self.publish_runs()) > known else None
        )
        return "publish", runs[-1]["dag_run_id"]

    def published(self) -> dict[tuple[str, str], int]:
        """Rows per published table and month."""
        counts: dict[tuple[str, str], int] = {}
        with duckdb.connect(
            str(self.home.published / "corporate_parenting.duckdb"), read_only=True
        ) as connection:
            for table in ("scorecard", "kpi_result", "kpi_subject"):
                rows = connection.execute(
                    f"select month, count(*) from marts.{table} where authority = '886' group by 1"
                ).fetchall()
                counts |= {(table, month): count for month, count in rows}
        return counts

    def versions(self) -> dict[str, int]:
        """The publication version of each month."""
        with duckdb.connect(
            str(self.home.published / "corporate_parenting.duckdb"), read_only=True
        ) as connection:
            return dict(
                connection.execute(
                    "select month, max(publication_version) from marts.kpi_result "
                    "where authority = '886' group by 1"
                ).fetchall()
            )

    def months(self, authority: str) -> list[str]:
        """The published months of an authority."""
        with duckdb.connect(
            str(self.home.published / "corporate_parenting.duckdb"), read_only=True
        ) as connection:
            found = connection.execute(
                "select distinct month from marts.kpi_result where authority = ? order by 1",
                [authority],
            ).fetchall()
        return [month for (month,) in found]

    def current(self) -> str:
        """Which publication readers have."""
        return str((self.home.published / "current").readlink())


def test_months_publish_through_airflow(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for partition in (MAY, JUNE):
        synthesise(partition, children=CHILDREN, seed=5, out=tmp_path / "source")
    person_ids = _person_ids(tmp_path / "source")
    shutil.copytree(tmp_path / "source" / str(MAY), home.landing / "887" / str(MAY.month))
    with running_airflow(home) as airflow:
        warehouse = Warehouse(home, airflow, tmp_path / "source")
        _a_month_publishes(warehouse)
        _publish_waits_for_a_late_feed(warehouse)
        _a_run_again_changes_nothing(warehouse)
        _a_feed_sent_again_publishes_by_itself(warehouse)
        by_hand = "publish", airflow.trigger("publish", MAY)
        months = _backfill_is_triggered(warehouse)
        _a_bad_feed_stops_at_its_gate(warehouse)
        assert warehouse.ended(by_hand) == "success"
        _backfill_published_what_it_could(warehouse, months)
        _keys_that_name_no_partition_are_refused(warehouse)
        _no_person_is_in_logs_or_metadata(home, person_ids)


def _a_month_publishes(warehouse: Warehouse) -> None:
    for feed in FEEDS:
        warehouse.deliver(MAY, feed)
    run_partitions(warehouse.airflow, [MAY], warehouse.reported.append)
    assert any("publish.publish" in line and "success" in line for line in warehouse.reported)
    assert warehouse.versions() == {"2018-05": 1}
    assert any("publish.write_reports" in line and "success" in line for line in warehouse.reported)
    reports = warehouse.home.month(MAY).reports
    assert "Public edition" in (reports / "index.html").read_text(encoding="utf-8")
    assert (reports / "panel-paper.pdf").read_bytes().startswith(b"%PDF")
    # a second run, of feeds that end together, publishes nothing
    assert {run["state"] for run in warehouse.publish_runs(MAY)} == {"success"}


def _publish_waits_for_a_late_feed(warehouse: Warehouse) -> None:
    late, *others = FEEDS
    for feed in others:
        warehouse.deliver(JUNE, feed)
    runs = {feed: warehouse.trigger(feed) for feed in FEEDS}
    for feed in others:
        assert warehouse.ended(runs[feed]) == "success"
    wait_for(
        "the late feed's sensor to defer",
        lambda: warehouse.airflow.task_states(*runs[late])["wait_for_extract"] == "deferred",
    )
    assert warehouse.publish_runs() == []
    _the_schedule_waits_for_last_month(warehouse, late)

    warehouse.deliver(JUNE, late)
    assert warehouse.ended(runs[late]) == "success"
    assert warehouse.ended(warehouse.next_publish_run(0)) == "success"
    assert warehouse.versions() == {"2018-05": 1, "2018-06": 1}
    published = warehouse.published()
    for table in ("scorecard", "kpi_result", "kpi_subject"):
        assert published[table, "2018-05"] > 0
        assert published[table, "2018-06"] > 0


def _the_schedule_waits_for_last_month(warehouse: Warehouse, feed: str) -> None:
    today = date.today()
    back = -1 if today.day > 5 else -2
    if today.day == 5:
        return  # 06:00 in London may pass while this runs
    month = ReportingMonth(today.year, today.month).plus(back)
    dag_id = f"ingest_886_{feed}"
    scheduled = [r for r in warehouse.airflow.runs(dag_id) if r["run_type"] == "scheduled"]
    assert [run["partition_key"] for run in scheduled] == [f"886/{month}"]
    wait_for(
        "the scheduled run's sensor to defer",
        lambda: (
            warehouse.airflow.task_states(dag_id, scheduled[0]["dag_run_id"])["wait_for_extract"]
            == "deferred"
        ),
    )


def _a_run_again_changes_nothing(warehouse: Warehouse) -> None:
    before, known = warehouse.current(), len(warehouse.publish_runs())
    assert warehouse.ended(warehouse.trigger("health")) == "success"
    again = warehouse.next_publish_run(known)
    assert warehouse.ended(again) == "success"
    assert warehouse.airflow.task_states(*again) == {
        "gate_feeds": "success",
        "build_marts": "skipped",
        "gate_marts": "skipped",
        "publish": "skipped",
        "write_reports": "skipped",
    }
    assert warehouse.current() == before
    assert warehouse.versions() == {"2018-05": 1, "2018-06": 1}


def _a_feed_sent_again_publishes_by_itself(warehouse: Warehouse) -> None:
    before, known = warehouse.current(), len(warehouse.publish_runs())
    folder = warehouse.folder(JUNE, "health")
    (folder / "manifest.csv").unlink()  # by hand, an extract needs none
    histories = (folder / "local_health_histories.csv").read_text(encoding="utf-8").splitlines(True)
    (folder / "local_health_histories.csv").write_text("".join(histories[:-1]), encoding="utf-8")
    assert warehouse.ended(warehouse.trigger("health")) == "success"
    assert warehouse.ended(warehouse.next_publish_run(known)) == "success"
    assert warehouse.current() != before
    assert warehouse.versions() == {"2018-05": 1, "2018-06": 2}


def _a_bad_feed_stops_at_its_gate(warehouse: Warehouse) -> None:
    before, known = warehouse.current(), len(warehouse.publish_runs())
    checks = warehouse.folder(JUNE, "health") / "ssd_cla_health.csv"
    with checks.open(newline="", encoding="utf-8") as handle:
        header, *rows = csv.reader(handle)
    person = header.index("clah_person_id")
    with checks.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([header, *([*r[:person], "", *r[person + 1 :]] for r in rows)])

    run = warehouse.trigger("health")
    assert warehouse.ended(run) == "failed"
    assert "ingest_886_health.gate_extract failed" in warehouse.airflow.why_failed(*run)
    tasks = {task["task_id"]: task for task in warehouse.airflow.tasks(*run)}
    assert tasks["gate_extract"]["state"] == "failed"
    assert tasks["gate_extract"]["try_number"] == 1, "a gate's verdict is not tried again"
    assert tasks["write_lake"]["state"] == "upstream_failed"
    assert len(warehouse.publish_runs()) == known
    assert warehouse.current() == before
    assert warehouse.versions() == {"2018-05": 1, "2018-06": 2}


def _backfill_is_triggered(warehouse: Warehouse) -> tuple[str, str]:
    """Two months of another authority, which has the same children and no extract of June."""
    body = {"logical_date": None, "conf": {"authorities": "887", "months": "2018-05..2018-06"}}
    answer = warehouse.airflow.call("POST", "/api/v2/dags/backfill/dagRuns", body)
    return "backfill", str(answer["dag_run_id"])


def _backfill_published_what_it_could(warehouse: Warehouse, run: tuple[str, str]) -> None:
    assert warehouse.ended(run) == "failed", "June is stopped"
    tasks = warehouse.airflow.tasks(*run)
    assert {t["task_id"] for t in tasks if t["state"] == "failed"} == {"name_stopped"}
    assert len([t for t in tasks if t["task_id"] == "write_reports"]) == 1
    assert "1 of the months are stopped: 887/2018-06" in warehouse.airflow.why_failed(*run)
    assert warehouse.months("887") == ["2018-05"]
    assert (warehouse.home.reports / "887" / "2018-05" / "index.html").exists()


def _keys_that_name_no_partition_are_refused(warehouse: Warehouse) -> None:
    def trigger(dag_id: str, key: str) -> str:
        body = {"logical_date": None, "partition_key": key}
        answer = warehouse.airflow.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)
        return str(answer["dag_run_id"])

    with pytest.raises(AirflowError, match="does not match the timetable's key_format"):
        trigger("ingest_886_health", "887/2018-06")
    run = "publish", trigger("publish", "999/2018-06")
    assert warehouse.ended(run) == "failed"
    assert "authority '999' is not known" in "\n".join(warehouse.airflow.log(*run, "gate_feeds"))


def _person_ids(folder: Path) -> list[bytes]:
    found: set[str] = set()
    for path in folder.rglob("ssd_person.csv"):
        with path.open(newline="", encoding="utf-8") as handle:
            found |= {row["pers_person_id"] for row in csv.DictReader(handle)}
    assert len(found) >= CHILDREN
    return [person_id.encode() for person_id in found]


def _no_person_is_in_logs_or_metadata(home: Home, person_ids: list[bytes]) -> None:
    logs = [path for path in (home.airflow / "logs").rglob("*") if path.is_file()]
    assert len(logs) > 20
    for log in logs:
        text = log.read_bytes()
        assert not [None for person_id in person_ids if person_id in text], log
    with sqlite3.connect(home.airflow / "airflow.db") as connection:
        values = connection.execute("select key, value from xcom").fetchall()
        assert {key for key, _ in values} == {"return_value"}
        seen = {str(value).strip('"') for _, value in values}
        assert all(_NAMES_PARTITIONS.fullmatch(value) for value in seen - {"true", "false"}), seen
        dump = "\n".join(connection.iterdump()).encode()
    assert not [None for person_id in person_ids if person_id in dump]
