"""Publish a month's scorecard.

**What.** Builds the marts of one authority and month from the lake and publishes them:
`gate_feeds >> build_marts >> gate_marts >> publish >> write_reports`. A run's partition key is
`<authority>_<YYYY-MM>`.

**When.** As soon as the lake has all three feeds of the month, and again when one of them is sent
anew. Any month that is in the lake can be triggered by hand with its partition key. Where nothing
changed since the month was published, the run ends after `gate_feeds` and skips the rest.

**Inputs.** The month's tables in `lake/`; the earlier months' published results.

**Outputs.** `published/corporate_parenting.duckdb`, `published/parquet/`,
`published/restricted.duckdb`; the gates' results in `audit/` and `data_docs/`; in `reports/` the
month's site, panel paper and workbook, in its `restricted/` the panel's edition and the quality
lead's report, in its `child-level/` the work-list.

**What to do when it fails.** A red run publishes nothing: readers keep the publication before.

- `gate_feeds`: the feeds contradict each other, or one is not in the lake. The log's last line
  names table and rule, the data-quality report shows the counts. Have the feed corrected and sent
  again: the month then publishes by itself.
- `build_marts`: a dbt model or test failed; the log names it. This is a fault of the warehouse:
  correct the model, then clear the task.
- `gate_marts`: a figure breaks a rule, named in the log. Find out whether the feed or the
  indicator is wrong before anything else; clear `gate_feeds` and what follows it when it is mended.
- `write_reports`: the month is published, its reports are those of before. Mend what the log names
  and clear the task, or run `cpw report`.
- `publish` and anything that was retried: a fault of the installation (disk, permissions). Put it
  right and clear the task.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, AssetAll, PartitionedAssetTimetable

from cpw.orchestration.tasks import (
    DEFAULT_ARGS,
    FEED_IN_LAKE,
    MONTH_TO_REPUBLISH,
    PUBLISHED_MARTS,
    Tag,
    stage,
)

ALL_FEEDS = AssetAll(*FEED_IN_LAKE.values())

with DAG(
    dag_id="publish",
    schedule=PartitionedAssetTimetable(assets=ALL_FEEDS | MONTH_TO_REPUBLISH),
    start_date=datetime(2018, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=[Tag.PUBLISH.value, Tag.IMPACT_HIGH.value],
    doc_md=__doc__,
):
    gate_feeds = stage("gate_feeds")
    build_marts = stage("build_marts")
    gate_marts = stage("gate_marts")
    publish = stage("publish", outlets=[PUBLISHED_MARTS])

    write_reports = stage("write_reports")

    gate_feeds >> build_marts >> gate_marts >> publish >> write_reports
