"""The DAGs as Airflow reads them: which there are, what they say, how their tasks run."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pendulum
import pytest
import yaml

from cpw.core.errors import GateBlockedError, InputError, LoadInProgressError
from cpw.core.partition import FEEDS
from cpw.core.paths import PROJECT_ROOT
from cpw.orchestration.local import settings

pytestmark = pytest.mark.xdist_group("dags")

DAGS = PROJECT_ROOT / "dags"
INGESTS = [f"ingest_886_{feed}" for feed in FEEDS]
QUESTIONS = [
    "**What.**",
    "**When.**",
    "**Inputs.**",
    "**Outputs.**",
    "**What to do when it fails.**",
]


@pytest.fixture(scope="module", autouse=True)
def _airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow's settings, in a home of its own, before Airflow is imported."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
            patch.delenv(name)
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        patch.setenv("WAREHOUSE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("CPW_AUTHORITIES", raising=False)
        for name, value in settings().items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def tasks(_airflow: None) -> ModuleType:
    from cpw.orchestration import tasks

    return tasks


def read(folder: Path) -> Any:
    """The DAGs of a folder, as Airflow's DAG processor collects them."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(folder)


def faults(folder: Path) -> list[str]:
    """What keeps the DAGs of a folder from being what this project promises."""
    from cpw.orchestration.tasks import Tag

    bag = read(folder)
    found = [f"{Path(file).name}: {error}" for file, error in bag.import_errors.items()]
    if set(bag.dags) != {*INGESTS, "publish", "backfill"}:
        found.append(f"the DAGs are {sorted(bag.dags)}")
    for dag_id, dag in bag.dags.items():
        if not dag.tags or not dag.tags <= {tag.value for tag in Tag}:
            found.append(f"{dag_id}: tags {sorted(dag.tags)}")
        if dag.catchup:
            found.append(f"{dag_id}: catches up")
        found += [f"{dag_id}: does not say {q}" for q in QUESTIONS if q not in (dag.doc_md or "")]
        for task in dag.tasks:
            if task.owner != "data-engineering":
                found.append(f"{dag_id}.{task.task_id}: owner {task.owner}")
            if task.retries != 2 or task.retry_delay != timedelta(minutes=5):
                found.append(f"{dag_id}.{task.task_id}: retries")
            if task.execution_timeout is None:
                found.append(f"{dag_id}.{task.task_id}: no timeout")
            if f"`{task.task_id}`" not in (dag.doc_md or ""):
                found.append(f"{dag_id}.{task.task_id}: not in the text")
    return found


def order(dag: Any) -> list[str]:
    """The tasks of a DAG that is a chain, from first to last."""
    names, following = [], [task for task in dag.tasks if not task.upstream_task_ids]
    while following:
        assert len(following) == 1
        names.append(following[0].task_id)
        following = [dag.get_task(name) for name in following[0].downstream_task_ids]
    return names


@pytest.fixture(scope="module")
def dags(_airflow: None) -> dict[str, Any]:
    found: dict[str, Any] = read(DAGS).dags
    return found


def test_the_dags_are_read_and_keep_the_rules() -> None:
    assert faults(DAGS) == []


@pytest.mark.parametrize(
    ("broken", "old", "new", "said"),
    [
        (
            "ingest.py",
            "import FEEDS",
            "import FEED",
            "FEED",
        ),
        ("publish.py", 'dag_id="publish"', 'dag_id="publish_all"', "publish_all"),
        ("publish.py", "**When.**", "", "does not say **When.**"),
        ("publish.py", "Tag.PUBLISH.value", '"misc"', "tags"),
        ("ingest.py", "default_args=DEFAULT_ARGS", "default_args={}", "owner"),
    ],
)
def test_a_broken_dag_file_is_found(
    tmp_path: Path, broken: str, old: str, new: str, said: str
) -> None:
    shutil.copytree(DAGS, tmp_path / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "dags" / broken
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert any(said in fault for fault in faults(tmp_path / "dags"))


@pytest.mark.parametrize("dag_id", INGESTS)
def test_ingest_runs_its_stages_in_order(dags: dict[str, Any], dag_id: str) -> None:
    assert order(dags[dag_id]) == [
        "wait_for_extract",
        "read_extract",
        "gate_extract",
        "write_lake",
        "request_publication",
    ]


def test_publish_runs_its_stages_in_order_one_run_at_a_time(dags: dict[str, Any]) -> None:
    assert order(dags["publish"]) == [
        *("gate_feeds", "build_marts", "gate_marts", "publish", "write_reports"),
    ]
    assert dags["publish"].max_active_runs == 1


@pytest.mark.parametrize("dag_id", INGESTS)
def test_the_schedule_asks_for_the_month_before(dags: dict[str, Any], dag_id: str) -> None:
    from airflow.configuration import conf
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable
    from airflow.timetables.base import TimeRestriction
    from airflow.utils.types import DagRunType

    timetable = decode_timetable(encode_timetable(dags[dag_id].timetable))
    ticks = timetable.iter_partition_dagrun_infos(
        earliest=datetime(2018, 4, 1, tzinfo=UTC), latest=datetime(2018, 6, 30, tzinfo=UTC)
    )
    assert [tick.partition_key for tick in ticks] == ["886/2018-04", "886/2018-05", "886/2018-06"]
    from_10_june = TimeRestriction(
        earliest=pendulum.datetime(2018, 6, 10), latest=None, catchup=True
    )
    scheduled = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=from_10_june)
    assert scheduled.partition_key == "886/2018-06"
    assert scheduled.run_after == pendulum.datetime(2018, 7, 5, 5), "06:00 in London, in summer"
    run_id = timetable.generate_run_id(
        run_type=DagRunType.SCHEDULED,
        run_after=scheduled.run_after,
        data_interval=None,
        partition_key=scheduled.partition_key,
    )
    assert re.match(conf.get("scheduler", "allowed_run_id_pattern"), run_id)
    assert "/" not in run_id


def test_the_feed_that_completes_a_month_starts_publish(dags: dict[str, Any]) -> None:
    """Publish waits for one event, of one asset: Airflow may lose one of several at once."""
    assert dags["publish"].timetable.asset_condition.name == "complete_month"
    for dag_id in INGESTS:
        (requested,) = dags[dag_id].get_task("request_publication").outlets
        assert requested.name == "complete_month"


def test_each_feed_is_an_asset_of_its_own(dags: dict[str, Any]) -> None:
    written = {
        outlet.uri for dag_id in INGESTS for outlet in dags[dag_id].get_task("write_lake").outlets
    }
    assert len(written) == 3


@pytest.mark.parametrize("file", sorted(DAGS.glob("*.py")), ids=lambda file: file.name)
def test_a_dag_file_is_short_and_only_defines(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 100
    calls = [
        call.func.id
        for statement in ast.parse(text).body
        if isinstance(statement, ast.Expr) and isinstance(call := statement.value, ast.Call)
        if isinstance(call.func, ast.Name)
    ]
    assert calls == []


def test_reading_the_dags_runs_no_stage_and_writes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    script = (
        "import sys\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag({str(DAGS)!r})\n"
        "assert len(bag.dags) == 5, bag.import_errors\n"
        "heavy = {'cpw.pipeline.stages', 'pandas', 'duckdb', 'great_expectations'}\n"
        "heavy &= set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    environment = {**os.environ, "WAREHOUSE_HOME": str(home), "AIRFLOW_HOME": str(tmp_path / "af")}
    ended = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert not home.exists()


def test_authorities_come_from_the_environment(
    tasks: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CPW_AUTHORITIES", "886, 887")
    assert tasks.scheduled_authorities() == ("886", "887")
    monkeypatch.setenv("CPW_AUTHORITIES", "886,999")
    with pytest.raises(InputError, match="authority '999' is not known"):
        tasks.scheduled_authorities()


@pytest.mark.parametrize("key", [None, "", "886_2018-06", "886/2018-13", "999/2018-06", "886"])
def test_a_key_that_names_no_partition_is_refused(tasks: ModuleType, key: str | None) -> None:
    run = type("Run", (), {"partition_key": key})()
    with pytest.raises(Exception, match=r"not known|not a reporting month|no partition key"):
        tasks.partition_of({"dag_run": run})


@pytest.fixture
def failure_of(tasks: ModuleType) -> Callable[[Exception], BaseException]:
    """What Airflow sees of an error that a stage raises."""

    def failure_of(error: Exception) -> BaseException:
        with pytest.raises(Exception) as caught, tasks.failures_fit_for_a_log():  # noqa: PT011
            raise error
        return caught.value

    return failure_of


def test_a_blocked_gate_is_not_tried_again(
    failure_of: Callable[[Exception], BaseException],
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    assert isinstance(failure_of(GateBlockedError("rule X")), AirflowFailException)
    assert not isinstance(failure_of(LoadInProgressError("busy")), AirflowFailException)
    no_space = OSError(28, "No space left on device")
    assert not isinstance(failure_of(no_space), AirflowFailException)


def test_an_unforeseen_error_does_not_quote_data(
    failure_of: Callable[[Exception], BaseException],
) -> None:
    error = failure_of(ValueError("could not convert 'Jane Doe'"))
    assert "Jane" not in str(error)
    assert "ValueError" in str(error)
    assert "test_dags.py" in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_the_server_installation_has_every_service_and_no_secret() -> None:
    compose = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {
        "postgres",
        "redis",
        "init",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "worker",
    }
    for name in ("api-server", "scheduler", "dag-processor", "triggerer", "worker"):
        service = services[name]
        assert service["env_file"] == "airflow.env", name
        assert service["healthcheck"]["test"], name
        assert service["depends_on"]["init"] == {"condition": "service_completed_successfully"}
        assert "warehouse:/warehouse" in service["volumes"], name
    text = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for secret in ("POSTGRES_PASSWORD", "FERNET_KEY", "JWT_SECRET", "ADMIN_PASSWORD", "SECRET_KEY"):
        assert f"${{{secret}:?" in text, secret
        assert f"${{{secret}:-" not in text, secret


def test_the_shared_settings_hold_no_secret() -> None:
    assert not [name for name in settings() if "SECRET" in name or "FERNET" in name]
