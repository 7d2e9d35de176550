"""Load many months, of one authority or several, in one run.

**What.** Takes the months into the lake, builds their marts in one go and publishes them at once:
much quicker than a run of `ingest` and `publish` for each month, with the same figures. A month
that is stopped leaves the others alone.

**When.** By hand: for a year's history, for an authority that is new, or after a rule or a model
was changed. Trigger it, and enter authorities and months in the form. A second run does only what
is left. Its months are partitions such as `886/2018-06`.

**Inputs.** `landing/<authority>/<YYYY-MM>/<feed>/` for every month; manifests are not waited for.

**Outputs.** Those of `ingest` and `publish` for every month: lake, quarantine, failures, audit,
`published/`, and the reports of the months that were published.

**What to do when it fails.**

- `named_authorities`: an authority or a month is none; the log names it. Trigger the DAG again.
- `ingest`: one task for each authority. Its log names the months that are stopped, and why; the
  task itself fails only if the installation has a fault (disk, permissions): repair it, clear it.
- `publish_together`: the log names the months that the gate of the marts stopped. If a model
  failed, correct it and clear this task.
- `published_keys` only lists the months that were published.
- `write_reports`: one task for each month. The month is published, its reports are the old ones:
  correct what the log names and clear the task, or run `cpw report`.
- `name_stopped`: fails if a month is stopped, and names the months. Have their extracts corrected,
  then trigger the DAG again.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, task
from airflow.task.trigger_rule import TriggerRule

from cpw.orchestration import backfill
from cpw.orchestration.tasks import DEFAULT_ARGS, PUBLISHED_MARTS, Tag

with DAG(
    dag_id="backfill",
    schedule=None,
    start_date=datetime(2018, 1, 1),
    catchup=False,
    max_active_runs=1,
    params=backfill.PARAMS,
    default_args=DEFAULT_ARGS,
    tags=[Tag.PUBLISH.value, Tag.IMPACT_LOW.value],
    doc_md=__doc__,
):
    authorities = task(backfill.named_authorities)()
    ingested = task(task_id="ingest")(backfill.ingest_months).expand(authority=authorities)
    published = task(outlets=[PUBLISHED_MARTS])(backfill.publish_together)(ingested)
    keys = task(backfill.published_keys)(published)
    reports = task(task_id="write_reports")(backfill.write_reports_of).expand(key=keys)
    stopped = task(trigger_rule=TriggerRule.ALL_DONE)(backfill.name_stopped)(ingested, published)
    reports >> stopped
