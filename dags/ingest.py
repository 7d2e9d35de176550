"""Ingest one feed of one authority into the lake.

**What.** Waits for a month's extract, reads it, checks it against the contract and writes it to the
lake. Each feed of each authority has a DAG, `ingest_<authority>_<feed>`. A run is for one month:
its partition key is the authority, a slash and the month, such as `886/2018-06`.

**When.** On the 5th of each month at 06:00 in London, for the month before. A run waits up to
twenty days for a late feed. To load any other month, trigger the DAG by hand with its partition
key.

**Inputs.** `landing/<authority>/<YYYY-MM>/<feed>/`. A scheduled run waits for the `manifest.csv`
there; a run by hand takes the files that are there.

**Outputs.** The feed's tables in `lake/`, refused rows in `quarantine/`, every row to correct in
`failures/`, the gate's results in `audit/` and `data_docs/`, and the month's data-quality report in
`reports/`. The task `request_publication` starts the DAG `publish` if the lake has all three feeds
of the month, and is skipped otherwise. A feed that is sent again starts it again.

**What to do when it fails.**

- `wait_for_extract`: no manifest came within twenty days. Ask the people who send the feed. Once it
  is there, clear the task, or trigger the month by hand.
- `read_extract`, `gate_extract`: the last line of the log names file, row, column and rule; the
  data-quality report names who corrects it; `cpw quarantine export` writes the correction lists.
  Have the extract corrected, then trigger the month again. Nothing was loaded, and what was
  published before is still published.
- `write_lake`, and any task that Airflow tried again: a fault of the installation (disk,
  permissions). Repair it and clear the task.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG

from cpw.core.partition import FEEDS
from cpw.orchestration.tasks import (
    DEFAULT_ARGS,
    FEED_IN_LAKE,
    ExtractSensor,
    Tag,
    request_publication,
    scheduled_authorities,
    stage,
)
from cpw.orchestration.timetable import MonthlyPartitionTimetable

LATE_AFTER = timedelta(days=20)


def ingest(authority: str, feed: str) -> DAG:
    """Define the DAG of one feed of one authority."""
    with DAG(
        dag_id=f"ingest_{authority}_{feed}",
        schedule=MonthlyPartitionTimetable(
            "0 6 5 * *",
            timezone="Europe/London",
            run_offset=-1,
            key_format=f"{authority}/%Y-%m",
        ),
        start_date=datetime(2018, 1, 1),
        catchup=False,
        default_args=DEFAULT_ARGS,
        tags=[Tag.INGEST.value, Tag.IMPACT_HIGH.value],
        doc_md=__doc__,
    ) as dag:
        wait_for_extract = ExtractSensor(
            task_id="wait_for_extract", feed=feed, poke_interval=10, timeout=LATE_AFTER
        )
        read_extract = stage("read_extract", feed)
        gate_extract = stage("gate_extract", feed)
        write_lake = stage("write_lake", feed, outlets=[FEED_IN_LAKE[feed]])
        requested = request_publication(wanted=write_lake)

        wait_for_extract >> read_extract >> gate_extract >> write_lake >> requested
    return dag


for _authority in scheduled_authorities():
    for _feed in FEEDS:
        ingest(_authority, _feed)
