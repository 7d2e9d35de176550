"""A small client of Airflow's REST API: trigger partitions, follow their runs."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cpw.core.errors import WarehouseError
from cpw.core.partition import FEEDS, Partition

ENDED = ("success", "failed")
TASK_ENDED = (*ENDED, "upstream_failed", "skipped")
LOG_TAIL = 20  # lines


class AirflowError(WarehouseError):
    """Airflow rejected a request, or one of its runs failed (exit code 1)."""

    exit_code = 1


@dataclass
class AirflowClient:
    """Airflow at ``url``; a token is fetched when one is needed."""

    url: str
    user: str
    password: str = field(repr=False)
    _token: str | None = field(default=None, repr=False)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the API with a token and return the answer.

        Raises:
            AirflowError: the call was refused; the message is Airflow's.
            OSError: there is no answer.
        """
        if self._token is None:
            login = {"username": self.user, "password": self.password}
            self._token = self._send("POST", "/auth/token", login)["access_token"]
        try:
            return self._send(method, path, body)
        except urllib.error.HTTPError as error:
            if error.code != 401:
                answer = error.read().decode(errors="replace")[:500]
                raise AirflowError(f"{method} {path}: {error.code} {answer}") from None
        self._token = None
        return self.call(method, path, body)

    def health(self) -> dict[str, str | None]:
        """The state of each service, by name; needs no token."""
        answer = self._send("GET", "/api/v2/monitor/health")
        return {name: (state or {}).get("status") for name, state in answer.items()}

    def dag_ids(self) -> set[str]:
        """The DAGs Airflow has read."""
        return {dag["dag_id"] for dag in self.call("GET", "/api/v2/dags?limit=500")["dags"]}

    def import_errors(self) -> list[str]:
        """The DAG files Airflow could not read, each with the last line of the error."""
        errors = self.call("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{e['filename']}: {e['stack_trace'].strip().splitlines()[-1]}" for e in errors]

    def trigger(self, dag_id: str, partition: Partition) -> str:
        """Trigger a run for a partition and return the run's id."""
        body = {"logical_date": None, "partition_key": str(partition)}
        return str(self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """A run."""
        answer: dict[str, Any] = self.call("GET", self._run_path(dag_id, run_id))
        return answer

    def runs(self, dag_id: str, partition: Partition | None = None) -> list[dict[str, Any]]:
        """A DAG's runs, oldest first, of one partition or of all."""
        path = f"/api/v2/dags/{dag_id}/dagRuns?order_by=run_after&limit=500"
        found = self.call("GET", path)["dag_runs"]
        key = str(partition) if partition else None
        return [run for run in found if key is None or run["partition_key"] == key]

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """A run's tasks with their states."""
        answer = self.call("GET", f"{self._run_path(dag_id, run_id)}/taskInstances?limit=100")
        found: list[dict[str, Any]] = answer["task_instances"]
        return found

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """The state of each task of a run."""
        return {task["task_id"]: task["state"] for task in self.tasks(dag_id, run_id)}

    def log(self, dag_id: str, run_id: str, task_id: str, attempt: int = 1) -> list[str]:
        """A task's log, one message per line; for an error its type and message."""
        path = f"{self._run_path(dag_id, run_id)}/taskInstances/{task_id}/logs/{attempt}"
        lines: list[str] = []
        for entry in self.call("GET", path)["content"]:
            lines += str(entry.get("event", "")).splitlines()
            for error in entry.get("error_detail") or []:
                lines += f"{error['exc_type']}: {error['exc_value']}".splitlines()
        return [line for line in lines if not line.startswith(("::group::", "::endgroup::"))]

    def why_failed(self, dag_id: str, run_id: str) -> str:
        """A failed run's failed task, and the end of its log."""
        for task in self.tasks(dag_id, run_id):
            if task["state"] == "failed":
                log = self.log(dag_id, run_id, task["task_id"], task["try_number"])
                tail = "\n".join(f"    {line}" for line in log[-LOG_TAIL:])
                return f"{dag_id}.{task['task_id']} failed\n{tail}"
        return f"{dag_id} failed before a task ran"

    @staticmethod
    def _run_path(dag_id: str, run_id: str) -> str:
        return f"/api/v2/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}"

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._token and not path.startswith("/auth/"):
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        # A proxy for the outside network must not be used for requests to the machine itself.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)


def run_partitions(
    airflow: AirflowClient,
    partitions: Iterable[Partition],
    report: Callable[[str], None],
    *,
    timeout: float = 900,
) -> None:
    """Load partitions through the DAGs, one after the other, each until it is published.

    ``report`` is given a line for each task that ends.

    Raises:
        AirflowError: a task failed (its name and the end of its log), or time ran out.
    """
    for partition in partitions:
        _Follower(airflow, partition, report, time.monotonic() + timeout).follow()


@dataclass
class _Follower:
    """Follows one partition from its three ingests to its publication."""

    airflow: AirflowClient
    partition: Partition
    report: Callable[[str], None]
    deadline: float
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def follow(self) -> None:
        ingests = {f"ingest_{self.partition.authority}_{feed}": "" for feed in FEEDS}
        for dag_id in ingests:
            ingests[dag_id] = self.airflow.trigger(dag_id, self.partition)
        while not self._have_ended(ingests.items()):
            self._pause("the ingests to end")
        loaded = max(self._emitted(dag_id, run_id) for dag_id, run_id in ingests.items())
        while not self._published_since(loaded):
            self._pause("publish to end")

    def _emitted(self, dag_id: str, run_id: str) -> datetime:
        """When the run requested the publication; the earliest time there is if it did not."""
        ends = [
            _moment(task["end_date"])
            for task in self.airflow.tasks(dag_id, run_id)
            if task["task_id"] == "request_publication" and task["state"] == "success"
        ]
        return max(ends, default=datetime.min.replace(tzinfo=UTC))

    def _published_since(self, moment: datetime) -> bool:
        runs = self.airflow.runs("publish", self.partition)
        new = [run for run in runs if _moment(run["run_after"]) >= moment]
        return bool(new) and self._have_ended(("publish", run["dag_run_id"]) for run in new)

    def _have_ended(self, runs: Iterable[tuple[str, str]]) -> bool:
        ended = [self._has_ended(dag_id, run_id) for dag_id, run_id in runs]  # looks at each
        return all(ended)

    def _has_ended(self, dag_id: str, run_id: str) -> bool:
        """Report the tasks that have ended since the last call; returns whether the run has ended.

        Raises:
            AirflowError: the run failed.
        """
        run = self.airflow.run(dag_id, run_id)
        for task in self.airflow.tasks(dag_id, run_id):
            name = (dag_id, run_id, task["task_id"])
            expected = task["state"] == "skipped" and task["task_id"] == "request_publication"
            if task["state"] in TASK_ENDED and not expected and name not in self.seen:
                self.seen.add(name)
                took = f"  {task['duration']:.0f} s" if task["duration"] else ""
                self.report(
                    f"{self.partition}  {dag_id + '.' + task['task_id']:<45}"
                    f"{task['state'].replace('_', ' ')}{took}"
                )
        if run["state"] == "failed":
            raise AirflowError(f"{self.partition}: {self.airflow.why_failed(dag_id, run_id)}")
        return run["state"] in ENDED

    def _pause(self, awaited: str) -> None:
        if time.monotonic() > self.deadline:
            raise AirflowError(f"{self.partition}: gave up waiting for {awaited}")
        time.sleep(0.5)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
