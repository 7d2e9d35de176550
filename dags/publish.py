"""Publish a month's scorecard.

**What.** Builds the marts of one authority and month from the lake and publishes them:
`gate_feeds >> build_marts >> gate_marts >> publish >> write_reports`. A run's partition key is the
authority, a slash and the month, such as `886/2018-06`.

**When.** As soon as the lake has all three feeds of the month, and again when one of them is sent
again: the feed that completes the month starts the run. To publish any month that is in the lake,
trigger the DAG by hand with its partition key. If nothing changed since the month was published,
the run ends after `gate_feeds` and skips the rest.

**Inputs.** The month's tables in `lake/`, and the published results of earlier months.

**Outputs.** `published/corporate_parenting.duckdb`, `published/parquet/`,
`published/restricted.duckdb`; the gates' results in `audit/` and `data_docs/`; the month's site,
panel paper and workbook in `reports/`, the panel's edition and the quality lead's report in
`restricted/` there, and the work-list in `child-level/` there.

**What to do when it fails.** A run that fails before `publish` publishes nothing: readers keep the
publication before.

- `gate_feeds`: the feeds contradict each other, or the lake lacks one. The last line of the log
  names table and rule; the data-quality report shows the counts. Have the feed corrected and sent
  again: the month then publishes by itself.
- `build_marts`: a dbt model or test failed; the log names it. This is a fault of the warehouse:
  correct the model, then clear the task.
- `gate_marts`: a figure breaks a rule; the log names both. Find out first whether the feed or the
  indicator is wrong. Once it is corrected, clear `gate_feeds` and the tasks after it.
- `write_reports`: the month is published, but its reports are still the old ones. Correct what the
  log names and clear the task, or run `cpw report`.
- `publish`, and any task that Airflow tried again: a fault of the installation (disk, permissions).
  Repair it and clear the task.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, PartitionedAssetTimetable

from cpw.orchestration.tasks import COMPLETE_MONTH, DEFAULT_ARGS, PUBLISHED_MARTS, Tag, stage

with DAG(
    dag_id="publish",
    schedule=PartitionedAssetTimetable(assets=COMPLETE_MONTH),
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
