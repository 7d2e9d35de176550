"""A local Airflow on SQLite in the data home: ``python -m cpw.orchestration.local up|down|status``.

Four processes (API server, scheduler, DAG processor, triggerer) with the settings of
``airflow.env``, the same as on a server, and what is local: SQLite, the executor, a port of this
machine. Their state, logs and generated secrets are in ``$WAREHOUSE_HOME/airflow``.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from cpw.core.home import Home
from cpw.core.paths import PROJECT_ROOT
from cpw.orchestration.client import AirflowClient, AirflowError, run_partitions

__all__ = ["AirflowError", "client", "down", "run_partitions", "running_airflow", "up"]

SERVICES = {  # in the order they are started
    "api-server": ("api-server",),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
    "scheduler": ("scheduler", "--skip-serve-logs"),
}
USER = "admin"
EXECUTOR = "cpw.orchestration.local_executor.PreparedLocalExecutor"
PORT = 8080
START_WITHIN = 180.0  # seconds
STOP_WITHIN = 20.0
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Service:
    """A process that was started here; ``born`` differs for a later process with the same id."""

    name: str
    pid: int
    born: str


def settings(path: Path = PROJECT_ROOT / "airflow.env") -> dict[str, str]:
    """The settings of ``airflow.env``: ``NAME=value`` lines, comments and blank lines."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def environment(home: Home, port: int, own_settings: Mapping[str, str] = _NONE) -> dict[str, str]:
    """The environment of the local processes, without Airflow settings of the caller's shell.

    Args:
        home: the data home.
        port: the port of the API server.
        own_settings: settings in place of those here, such as another metadata database.
    """
    own = _secrets(home)
    url = f"http://127.0.0.1:{port}"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")}
    here = "127.0.0.1,localhost"
    direct = ",".join(
        filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), here))
    )
    return {
        **inherited,
        **settings(),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "NO_PROXY": direct,
        "no_proxy": direct,
        "WAREHOUSE_HOME": str(home.root),
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__EXECUTOR": EXECUTOR,
        "AIRFLOW__CORE__PARALLELISM": str(max(2, min(8, os.cpu_count() or 2))),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",  # seconds between two tasks
        "AIRFLOW__CORE__FERNET_KEY": own["fernet_key"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords_file(home)),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.airflow / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.airflow / "logs"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": own["secret_key"],
        "AIRFLOW__API_AUTH__JWT_SECRET": own["jwt_secret"],
        **own_settings,
    }


def client(home: Home) -> AirflowClient:
    """A client of the Airflow that runs in this data home.

    Raises:
        AirflowError: none runs.
    """
    services, port = _state(home)
    if not services:
        raise AirflowError(f"no Airflow runs in {home.root}. Start it with make up")
    password = json.loads(_passwords_file(home).read_text(encoding="utf-8"))[USER]
    return AirflowClient(f"http://127.0.0.1:{port}", USER, password)


def up(
    home: Home, port: int | None = PORT, own_settings: Mapping[str, str] = _NONE
) -> AirflowClient:
    """Start Airflow and wait until it is healthy and has read the DAGs; no port means a free one.

    If it runs already, it is left as it is.

    Raises:
        AirflowError: a process ended (with the end of its log), or time ran out.
    """
    services, _ = _state(home)
    if services and all(_is_alive(service) for service in services):
        return client(home)
    down(home)
    home.airflow.mkdir(parents=True, exist_ok=True)
    home.airflow.chmod(0o700)
    chosen = port if port and _is_free(port) else _free_port()
    env = environment(home, chosen, own_settings)
    _migrate(home, env)
    started: list[Service] = []
    try:
        for name, arguments in SERVICES.items():
            if name == "scheduler":  # its tasks fail while the API server does not answer
                _wait_until(home, started, client(home), _answers)
            started.append(_start(home, name, arguments, env))
            _write_private(_state_file(home), _state_of(started, chosen))
        _wait_until(home, started, client(home), _is_ready)
    except BaseException:
        down(home)
        raise
    return client(home)


def down(home: Home) -> bool:
    """Stop every process of the Airflow in this data home; returns whether there was one."""
    services, _ = _state(home)
    alive = [service for service in services if _is_alive(service)]
    table = _processes()
    family = {pid: table[pid][1] for service in alive for pid in _descendants(service.pid, table)}
    for service in alive:
        _signal(service.pid, signal.SIGTERM, group=True)
    deadline = time.monotonic() + STOP_WITHIN
    while any(_is_alive(service) for service in alive) and time.monotonic() < deadline:
        time.sleep(0.1)
    # Tasks have process groups of their own, so what is left is stopped one by one.
    table = _processes()
    for pid, born in family.items():
        if pid in table and table[pid][1] == born:
            _signal(pid, signal.SIGKILL)
    _state_file(home).unlink(missing_ok=True)
    return bool(alive)


@contextmanager
def running_airflow(
    home: Home, port: int | None = None, own_settings: Mapping[str, str] = _NONE
) -> Iterator[AirflowClient]:
    """An Airflow for as long as the block runs, stopped however it ends."""

    def stop(signum: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + signum)

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: the caller handles signals
        before = None
    try:
        yield up(home, port, own_settings)
    finally:
        down(home)
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def status(home: Home) -> list[str]:
    """A line for each process, and the address."""
    services, port = _state(home)
    if not services:
        return [f"no Airflow runs in {home.root}"]
    lines = [
        f"{service.name:<15}{'runs' if _is_alive(service) else 'has ended, see ' + str(log)}"
        for service in services
        for log in [_log(home, service.name)]
    ]
    return [f"http://127.0.0.1:{port}", *lines]


def _wait_until(
    home: Home,
    services: list[Service],
    airflow: AirflowClient,
    reached: Callable[[AirflowClient], bool],
) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        for service in services:
            if not _is_alive(service):
                tail = _tail(_log(home, service.name))
                raise AirflowError(f"Airflow's {service.name} ended at the start:\n{tail}")
        with suppress(OSError):
            if reached(airflow):
                return
        time.sleep(0.2)
    raise AirflowError(
        f"Airflow was not ready within {START_WITHIN:.0f} s. "
        f"Its logs are in {home.airflow / 'logs'}"
    )


def _answers(airflow: AirflowClient) -> bool:
    return bool(airflow.health())


def _is_ready(airflow: AirflowClient) -> bool:
    """Whether every service is well and the DAGs are read.

    Raises:
        AirflowError: a DAG file cannot be read.
    """
    if any(state != "healthy" for state in airflow.health().values()):
        return False
    if errors := airflow.import_errors():
        raise AirflowError("Airflow cannot read the DAGs:\n" + "\n".join(errors))
    dags = airflow.dag_ids()
    return "publish" in dags and len(dags) > 1


def _migrate(home: Home, env: dict[str, str]) -> None:
    """Bring the metadata database to this Airflow's version, once per version."""
    marker, current = home.airflow / "migrated", version("apache-airflow-core")
    done = marker.exists() and marker.read_text(encoding="utf-8") == current
    is_own = env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith(str(home.airflow / "airflow.db"))
    if is_own and done and (home.airflow / "airflow.db").exists():
        return
    log = _log(home, "migrate")
    with log.open("ab") as out:
        ended = subprocess.run(
            _command("db", "migrate"), env=env, stdout=out, stderr=out, check=False
        )
    if ended.returncode:
        raise AirflowError(f"airflow db migrate failed:\n{_tail(log)}")
    marker.write_text(current, encoding="utf-8")


def _start(home: Home, name: str, arguments: tuple[str, ...], env: dict[str, str]) -> Service:
    with _log(home, name).open("ab") as out:
        process = subprocess.Popen(
            _command(*arguments),
            env=env,
            cwd=home.airflow,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    _children[process.pid] = process
    return Service(name, process.pid, _processes().get(process.pid, (0, "gone"))[1])


_children: dict[int, subprocess.Popen[bytes]] = {}  # ours to reap


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *arguments]


def _is_alive(service: Service) -> bool:
    if service.pid in _children:
        return _children[service.pid].poll() is None
    return _processes().get(service.pid, (0, ""))[1] == service.born


def _processes() -> dict[int, tuple[int, str]]:
    """Every process with its parent and its start time, without zombies."""
    if Path("/proc/self/stat").exists():
        found = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                state, parent, *rest = path.read_text().rpartition(")")[2].split()
                if state != "Z":
                    found[int(path.parent.name)] = (int(parent), rest[17])
        return found
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,lstart="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 3) for line in listing.stdout.splitlines())
    return {int(r[0]): (int(r[1]), r[3]) for r in rows if not r[2].startswith("Z")}


def _descendants(pid: int, table: dict[int, tuple[int, str]]) -> list[int]:
    found = [pid] if pid in table else []
    for child in [child for child, (parent, _) in table.items() if parent == pid]:
        found += _descendants(child, table)
    return found


def _signal(pid: int, signum: signal.Signals, *, group: bool = False) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signum) if group else os.kill(pid, signum)


def _secrets(home: Home) -> dict[str, str]:
    """The keys and the password, created on first use; only their owner can read the files."""
    home.airflow.mkdir(parents=True, exist_ok=True)
    if not _passwords_file(home).exists():
        _write_private(_passwords_file(home), json.dumps({USER: secrets.token_urlsafe(12)}))
    path = home.airflow / "secrets.json"
    if not path.exists():
        made = {
            "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "secret_key": secrets.token_hex(32),
            "jwt_secret": secrets.token_hex(64),
        }
        _write_private(path, json.dumps(made))
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _passwords_file(home: Home) -> Path:
    return home.airflow / "passwords.json"


def _state_file(home: Home) -> Path:
    return home.airflow / "running.json"


def _state_of(services: list[Service], port: int) -> str:
    return json.dumps({"port": port, "services": [asdict(service) for service in services]})


def _state(home: Home) -> tuple[list[Service], int]:
    if not _state_file(home).exists():
        return [], 0
    state = json.loads(_state_file(home).read_text(encoding="utf-8"))
    return [Service(**service) for service in state["services"]], int(state["port"])


def _write_private(path: Path, text: str) -> None:
    made = path.with_name(path.name + ".new")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    made.replace(path)


def _log(home: Home, name: str) -> Path:
    folder = home.airflow / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def _tail(log: Path, lines: int = 20) -> str:
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m cpw.orchestration.local", description=__doc__)
    parser.add_argument("action", choices=("up", "down", "status"))
    parser.add_argument("--port", type=int, default=PORT, help="0 chooses a free port")
    arguments = parser.parse_args()
    home = Home.from_environment()
    if arguments.action == "down":
        print("Airflow is stopped" if down(home) else f"no Airflow ran in {home.root}")
    elif arguments.action == "status":
        print("\n".join(status(home)))
    else:
        try:
            airflow = up(home, arguments.port)
        except AirflowError as error:
            print(error, file=sys.stderr)
            return error.exit_code
        print(f"Airflow runs at {airflow.url}\nuser {USER}, password {airflow.password}")
        print(f"(kept in {_passwords_file(home)}). Stop it with make down")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
