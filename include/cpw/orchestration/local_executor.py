"""The executor of a local Airflow: its workers have imported what the stages need.

A task runs in a process forked from a worker, and the workers are forked from the scheduler.
Importing Great Expectations takes three seconds, so the scheduler imports it once for all tasks.
"""

from __future__ import annotations

from importlib import import_module

from airflow.executors.local_executor import LocalExecutor

IMPORTED = ("great_expectations", "cpw.pipeline.stages", "cpw.reports.write")


class PreparedLocalExecutor(LocalExecutor):  # type: ignore[misc]
    """Airflow's ``LocalExecutor``, with the libraries of the stages imported before it starts."""

    def start(self) -> None:
        """Import the libraries, then start the workers."""
        for name in IMPORTED:
            import_module(name)
        super().start()
