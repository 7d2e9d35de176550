"""Data homes that many tests start from: made once in a test run, by the process that is first.

Sixty synthetic children of Kent, in May and June 2018. Tests read a home where it is, and change
none: one that changes something starts from a copy.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition
from cpw.pipeline import stages
from cpw_synthetic import synthesise
from support.warehouse import JUNE, Warehouse

MAY = Partition.of("886", "2018-05")
CHILDREN, SEED = 60, 3


class SharedHomes:
    """Each method makes its home when it is first called, and then returns where it is."""

    def __init__(self, folder: Path) -> None:
        """Keep the homes in a folder that all processes of the test run share."""
        self._folder = folder

    def june_published(self) -> Path:
        """June alone is in the landing zone, and published."""

        def make(home: Home) -> None:
            synthesise(JUNE, children=CHILDREN, seed=SEED, out=home.landing)
            _load(home, "2018-06")

        return self._made_once("june_published", make)

    def may_published(self) -> Path:
        """Both months are in the landing zone; May is published."""

        def make(home: Home) -> None:
            for partition in (MAY, JUNE):
                synthesise(partition, children=CHILDREN, seed=SEED, out=home.landing)
            _load(home, "2018-05")

        return self._made_once("may_published", make)

    def june_built(self) -> Path:
        """May is published; June is built, and not gated yet."""

        def make(home: Home) -> None:
            copy_home(self.may_published(), home.root)
            for feed in FEEDS:
                loaded = Warehouse(home).load(feed)
                assert loaded.exit_code == 0, loaded.output
            stages.gate_feeds(home, JUNE)
            stages.build_marts(home, JUNE)

        return self._made_once("june_built", make)

    def both_published(self) -> Path:
        """May and June are published."""

        def make(home: Home) -> None:
            copy_home(self.june_built(), home.root)
            stages.gate_marts(home, JUNE)
            assert stages.publish(home, JUNE)[JUNE].version == 1

        return self._made_once("both_published", make)

    def _made_once(self, name: str, make: Callable[[Home], None]) -> Path:
        made = self._folder / name
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                making = self._folder / f"{name}.making"
                shutil.rmtree(making, ignore_errors=True)
                with working_in(making):
                    make(Home(making))
                making.rename(made)
        return made


@contextmanager
def working_in(root: Path) -> Iterator[Warehouse]:
    """A data home as ``$WAREHOUSE_HOME``, for as long as the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_HOME", str(root))
        yield Warehouse(Home(root))


def copy_home(root: Path, target: Path) -> Path:
    """Copy a data home, without what dbt wrote beside the marts."""
    compiled = root / "work" / "dbt"

    def of_dbt(folder: str, names: list[str]) -> list[str]:
        return names if Path(folder) == compiled else []

    shutil.copytree(root, target, symlinks=True, ignore=of_dbt, dirs_exist_ok=True)
    return target


def shared_folder(own: Path) -> Path:
    """The folder that all processes of a test run share; ``own`` is that of this process."""
    return (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "shared_homes"


def _load(home: Home, month: str) -> None:
    loaded = Warehouse(home).load(month=month)
    assert loaded.exit_code == 0, loaded.output
