"""dbt commands, each in a process of its own, on a project that is parsed only where it changed.

    python -m cpw.warehouse.dbt_process FOLDER

Importing dbt and parsing the project takes a third of a small build, and dbt parses everything anew
when a variable or a path differs from the last time. So one process imports dbt, parses the project
without either (which finds nothing changed but what was edited), and forks a process for each
command. It ends with the process that started it.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING

from cpw.core.paths import DBT_PROJECT

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PARTITION_ENVIRONMENT = (
    *("CPW_INPUTS", "CPW_MARTS_PATH", "CPW_SCRATCH_PATH"),
    *("CPW_SPILL", "CPW_BUILD_MEMORY"),
)
"""What ``profiles.yml`` takes from the environment; other for each partition."""

# dbt writes a line for each event even if nobody sees it; what failed is printed here.
_QUIETLY = ("--log-level=none", "--log-level-file=none", "--no-send-anonymous-usage-stats")
_PROJECT = (f"--project-dir={DBT_PROJECT}", f"--profiles-dir={DBT_PROJECT}")


@dataclass(frozen=True)
class Ended:
    """How a dbt command ended: its exit code, and all that it printed."""

    exit_code: int
    output: str


class DbtProcess:
    """The process that forks one for each dbt command; it starts with the first command."""

    def __init__(self, folder: Path) -> None:
        """Keep what dbt parsed in a folder."""
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> Ended:
        """Run a dbt command.

        Args:
            command: the command and its options.
            environment: the whole environment of the command.
        """
        requests, replies = self._started()
        with NamedTemporaryFile("r", encoding="utf-8", errors="replace") as output:
            request = {"command": command, "environment": dict(environment), "output": output.name}
            try:
                requests.write(json.dumps(request) + "\n")
                requests.flush()
                reply = replies.readline()
            except BrokenPipeError:
                reply = ""
            if not reply:
                self._process = None  # the next command starts another
                return Ended(1, output.read() + "\nError: the process that runs dbt has ended")
            return Ended(int(reply), output.read())

    def prepare(self) -> None:
        """Start the process, which imports dbt and parses the project while others work."""
        self._started()

    def _started(self) -> tuple[IO[str], IO[str]]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __spec__.name, str(self._folder)],
                cwd=DBT_PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env={k: v for k, v in os.environ.items() if k not in PARTITION_ENVIRONMENT},
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


@cache
def dbt_process(folder: Path) -> DbtProcess:
    """The process of this one that keeps what dbt parsed in a folder."""
    return DbtProcess(folder)


def serve(folder: Path) -> None:
    """Answer the requests on standard input, a JSON line each, until it closes."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    _print_to(Path(os.devnull))  # the first command shows what is wrong with the project
    parsed = _parsed_now(folder)
    for line in sys.stdin:
        request = json.loads(line)
        _print_to(Path(request["output"]))
        if parsed is None or parsed[0] != _last_change():
            parsed = _parsed_now(folder)
        code = 1 if parsed is None else _run(parsed[1], request["command"], request["environment"])
        replies.write(f"{code}\n")
        replies.flush()


def _parsed_now(folder: Path) -> tuple[float, Manifest] | None:
    """The project as parsed, and when a file of it was changed last; None if it is not sound."""
    changed = _last_change()
    manifest = _parse(folder)
    return (changed, manifest) if manifest is not None else None


def _print_to(output: Path) -> None:
    """Let everything that is printed from now on go to a file."""
    sys.stdout.flush()
    with output.open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def _last_change() -> float:
    """When a file of the dbt project, or a seed, was changed last."""
    places = (DBT_PROJECT, DBT_PROJECT.parent / "seeds")
    return max(path.stat().st_mtime for place in places for path in place.rglob("*"))


def _parse(folder: Path) -> Manifest | None:
    """Parse what changed, one process at a time; None if the project cannot be parsed."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    folder.mkdir(parents=True, exist_ok=True)
    command = [*_QUIETLY, "parse", *_PROJECT, "--no-write-json", f"--target-path={folder}"]
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        parsed = dbtRunner().invoke(command)
        if not isinstance(parsed.result, Manifest):  # what was kept may be too old to go on from
            parsed = dbtRunner().invoke([*command, "--no-partial-parse"])
    if isinstance(parsed.result, Manifest):
        _seek_seeds_here(parsed.result)
        return parsed.result
    _print_exception(parsed.exception)
    return None


def _seek_seeds_here(manifest: Manifest) -> None:
    """Let the seeds' files be sought in this project.

    dbt keeps the path that a project was parsed under: another one, if the project was moved since,
    or if a person parsed it with a path relative to another folder.
    """
    from dbt.contracts.graph.nodes import SeedNode

    for node in manifest.nodes.values():
        if isinstance(node, SeedNode):
            node.root_path = str(DBT_PROJECT)


def _run(manifest: Manifest, command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in a process of its own; returns its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.environ.clear()
            os.environ.update(environment)
            code = _invoke(manifest, command)
            _close_databases()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _invoke(manifest: Manifest, command: Sequence[str]) -> int:
    from dbt.cli.main import dbtRunner

    ended = dbtRunner(manifest=manifest).invoke([*_QUIETLY, *command, *_PROJECT])
    if ended.success:
        return 0
    _print_failures(ended.result)
    _print_exception(ended.exception)
    return 1


def _close_databases() -> None:
    """Close what dbt has open: else what it wrote last is in a file beside the marts."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    gc.collect()


def _print_failures(result: object) -> None:
    """Print a line for each model or test that failed, with what dbt says about it."""
    for one in getattr(result, "results", ()):
        if one.status in ("error", "fail", "runtime error"):
            message = " ".join(str(one.message).split())
            print(f"Error in {one.node.resource_type} {one.node.name}: {message}")


def _print_exception(error: BaseException | None) -> None:
    if error is not None:
        print(f"Error: {' '.join(str(error).split())}")


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
