"""What the DAG files share: tags, owner, assets, and how a stage runs as a task.

With the DAG files the only code that knows Airflow. The stages are imported when a task runs, so
that reading a DAG file stays fast.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from glob import escape
from typing import Any

from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.sdk import Asset, Context, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from cpw.core.errors import InputError, LoadInProgressError, WarehouseError, fault_of
from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition

log = logging.getLogger(__name__)


class Tag(StrEnum):
    """All tags: what a DAG does, and how much its failure matters."""

    INGEST = "ingest"
    PUBLISH = "publish"
    IMPACT_HIGH = "impact: the scorecard is late"
    IMPACT_LOW = "impact: history is late"


OWNER = "data-engineering"

# Faults of the installation are tried again; what a gate or the input is to blame for is not.
DEFAULT_ARGS = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(minutes=5),
    "execution_timeout": timedelta(hours=1),
}

# One asset per feed for all authorities: the partition key is authority and month. Nothing here is
# scheduled on them; they show other DAGs what the lake has.
FEED_IN_LAKE = {feed: Asset(f"lake_{feed}", uri=f"x-cpw://lake/{feed}") for feed in FEEDS}
COMPLETE_MONTH = Asset("complete_month", uri="x-cpw://lake/complete-month")
PUBLISHED_MARTS = Asset("published_marts", uri="x-cpw://published/marts")


def scheduled_authorities() -> tuple[str, ...]:
    """The authorities to schedule: ``CPW_AUTHORITIES``, comma separated; 886 by default."""
    codes = [code.strip() for code in os.environ.get("CPW_AUTHORITIES", "886").split(",")]
    return tuple(Partition.of(code, "2000-01").authority for code in codes if code)


class ExtractSensor(FileSensor):  # type: ignore[misc]
    """Waits for a feed's ``manifest.csv``, which is written last, without occupying a worker.

    A run that was triggered by hand accepts the files that are there, with or without a manifest.
    """

    def __init__(self, *, feed: str, **arguments: Any) -> None:
        """Wait in the landing folder of the run's partition."""
        landing = escape(str(Home.from_environment().landing))
        path = f"{landing}/{{{{ dag_run.partition_key }}}}/{feed}/manifest.csv"
        super().__init__(filepath=path, deferrable=True, **arguments)
        self.feed = feed

    def poke(self, context: Context) -> bool:
        """Return whether the extract is there."""
        partition = partition_of(context)  # a key that names none fails here, at once
        if super().poke(context):
            return True
        folder = Home.from_environment().landing / str(partition) / self.feed
        by_hand = context["dag_run"].run_type == "manual"
        return by_hand and folder.is_dir() and any(path.is_file() for path in folder.iterdir())


def partition_of(context: Context) -> Partition:
    """The partition a run is for.

    Raises:
        AirflowFailException: the run has no partition key, or one that names no partition.
    """
    with failures_fit_for_a_log():
        key = context["dag_run"].partition_key
        if not key:
            raise InputError(
                "the run has no partition key",
                remedy="Trigger the DAG with one, such as 886/2018-06",
            )
        return Partition.parse(key)


def stage(name: str, *feed: str, outlets: Iterable[Asset] = ()) -> Any:
    """A task that runs a stage of :mod:`cpw.pipeline.stages` for the run's partition."""
    return task(task_id=name, outlets=list(outlets))(run_stage)(name, *feed)


def request_publication(wanted: Any) -> Any:
    """A task that starts ``publish`` once the lake has all three feeds of the month.

    The feed that completes a month looks into the lake itself. A schedule that waits for one event
    of each feed may lose a month on PostgreSQL: two events within 100 milliseconds become two runs
    that wait for ever (apache/airflow #71070), and a feed that is sent again starts no run.
    """
    return task(task_id="request_publication", outlets=[COMPLETE_MONTH])(skip_unless)(wanted)


def run_stage(name: str, *feed: str) -> bool | None:
    """Run a stage; for ``write_lake``, return whether the lake has all feeds of the month.

    Raises:
        AirflowSkipException: the same marts are already published.
    """
    home, partition = Home.from_environment(), partition_of(get_current_context())
    with failures_fit_for_a_log():
        from cpw.pipeline import stages  # only a task that runs needs it, not the DAG processor

        if name == "build_marts" and stages.is_published(home, partition):
            stages.forget_build(home, partition)
            raise AirflowSkipException(f"{partition} is already published: nothing changed since")
        result = getattr(stages, name)(home, partition, *feed)
        _log_result(partition, result[partition] if name == "publish" else result)
        if name != "write_lake":
            return None
        return stages.month_is_complete(home, partition)


def _log_result(partition: Partition, result: Any) -> None:
    """Log the results of a stage: its notes, a line for each refused row, its counts."""
    for note in getattr(result, "notes", ()):
        log.info("note: %s", note)
    for line in getattr(result, "refusals", ()):
        log.warning("quarantined %s", line)
    if result is not None:
        log.info("%s: %s", partition, result)


def skip_unless(wanted: bool) -> None:
    """Skip the task unless it is wanted.

    Raises:
        AirflowSkipException: it is not.
    """
    if not wanted:
        raise AirflowSkipException("the lake does not have all three feeds of the month yet")


@contextmanager
def failures_fit_for_a_log() -> Iterator[None]:
    """Keep the content of rows out of the log, and do not retry errors that a retry cannot cure.

    The message of a warehouse error is safe for a log and explains what to do. Any other error may
    quote a cell, so only its type and the places in the code are logged.
    """
    try:
        yield
    except LoadInProgressError as error:
        raise AirflowException(str(error)) from None
    except WarehouseError as error:
        raise AirflowFailException(str(error)) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise AirflowException(f"{place}{error.strerror or type(error).__name__}") from None
    except AirflowException:
        raise
    except Exception as error:
        raise AirflowException(fault_of(error)) from None
