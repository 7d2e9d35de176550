"""The ingest and publish DAGs without their work: all feeds of a month end at the same moment."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from airflow.sdk import DAG, PartitionedAssetTimetable, get_current_context, task

from cpw.core import audit
from cpw.core.home import Home
from cpw.core.partition import FEEDS
from cpw.orchestration.tasks import (
    COMPLETE_MONTH,
    FEED_IN_LAKE,
    partition_of,
    request_publication,
)
from cpw.orchestration.timetable import MonthlyPartitionTimetable
from cpw.pipeline.stages import month_is_complete

HOME = Home.from_environment()


def ingest(feed: str) -> DAG:
    """A feed's DAG; its task puts the feed into the lake, and ends with those of the others."""
    with DAG(
        dag_id=f"ingest_886_{feed}",
        schedule=MonthlyPartitionTimetable(
            "0 6 5 * *", timezone="UTC", run_offset=-1, key_format="886/%Y-%m"
        ),
        start_date=datetime(2018, 1, 1),
        catchup=False,
        max_active_runs=50,
    ) as dag:

        @task(outlets=[FEED_IN_LAKE[feed]])
        def write_lake() -> bool:
            partition = partition_of(get_current_context())
            audit.record(HOME, "feed_accepted", partition, feed=feed, load_version=1)
            together = HOME.work / str(partition.month)
            together.mkdir(parents=True, exist_ok=True)
            (together / feed).touch()
            deadline = time.monotonic() + 60
            while len(list(together.iterdir())) < len(FEEDS) and time.monotonic() < deadline:
                time.sleep(0.005)
            return month_is_complete(HOME, partition)

        request_publication(wanted=write_lake())
    return dag


for _feed in FEEDS:
    ingest(_feed)

with DAG(
    dag_id="publish",
    schedule=PartitionedAssetTimetable(assets=COMPLETE_MONTH),
    start_date=datetime(2018, 1, 1),
    catchup=False,
):

    @task
    def publish() -> None:
        """Note that the month was published."""
        partition = partition_of(get_current_context())
        done = Path(HOME.published)
        done.mkdir(parents=True, exist_ok=True)
        (done / str(partition.month)).touch()

    publish()
