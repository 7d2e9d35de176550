"""The ingest DAGs' timetable: monthly partitions whose keys contain a slash.

Airflow puts the key of a scheduled run into the run's id. An id may not contain a slash, but our
keys ``<authority>/<YYYY-MM>`` do. This timetable writes a dash into the id; the key is unchanged.

Registered with Airflow as a plugin by the entry point in ``pyproject.toml``.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.trigger import CronPartitionTimetable


class MonthlyPartitionTimetable(CronPartitionTimetable):  # type: ignore[misc]
    """``CronPartitionTimetable`` with run ids that fit a URL."""

    def generate_run_id(self, *, partition_key: str | None = None, **facts: Any) -> str:
        """The run's id, with the key's slash as a dash."""
        key = partition_key.replace("/", "-") if partition_key else None
        run_id: str = super().generate_run_id(partition_key=key, **facts)
        return run_id


class WarehousePlugin(AirflowPlugin):  # type: ignore[misc]
    """Registers the timetable with scheduler, DAG processor and API server."""

    name = "corporate_parenting_warehouse"
    timetables = (MonthlyPartitionTimetable,)
