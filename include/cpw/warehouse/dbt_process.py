"""One dbt command in a process of its own, on a project that is parsed only where it changed.

    python -m cpw.warehouse.dbt_process FOLDER COMMAND [OPTION ...]

dbt keeps what it parsed, but parses everything anew when a variable or a path differs from the last
time: for each month, two thirds of a build. So the project is first parsed without either, which
finds nothing changed but what was edited, and then the command runs with both on what was parsed.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from cpw.core.paths import DBT_PROJECT

PARTITION_ENVIRONMENT = ("CPW_INPUTS", "CPW_MARTS_PATH", "CPW_SCRATCH_PATH")
"""What ``profiles.yml`` takes from the environment; other for each partition."""

_QUIETLY = (
    "--quiet",
    "--no-use-colors",
    "--no-send-anonymous-usage-stats",
    "--log-level-file=none",
)
_PROJECT = (f"--project-dir={DBT_PROJECT}", f"--profiles-dir={DBT_PROJECT}")


def main(folder: Path, command: Sequence[str]) -> int:
    """Parse the project, then run the command; returns the exit code.

    Args:
        folder: where dbt keeps what it parsed.
        command: dbt's command and its options.
    """
    with _without_partition():
        parsed = _parse(folder)
    if not isinstance(parsed.result, Manifest):
        return _failed(parsed)
    ended = dbtRunner(manifest=parsed.result).invoke([*_QUIETLY, *command, *_PROJECT])
    return 0 if ended.success else _failed(ended)


def _parse(folder: Path) -> dbtRunnerResult:
    """Parse what changed, one process at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        options = (*_PROJECT, "--no-write-json", f"--target-path={folder}")
        return dbtRunner().invoke([*_QUIETLY, "parse", *options])


@contextmanager
def _without_partition() -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in PARTITION_ENVIRONMENT if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _failed(ended: dbtRunnerResult) -> int:
    """The exit code; what dbt has not written already is written."""
    if ended.exception is not None:
        print(f"Error: {ended.exception}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
