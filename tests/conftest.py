"""A landing zone of synthetic children for each test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cpw.core.home import Home
from cpw.core.paths import PROJECT_ROOT
from cpw_synthetic import synthesise
from support.own_rules import OwnRules
from support.shared_homes import SharedHomes, shared_folder
from support.warehouse import JUNE, Warehouse


def pytest_configure() -> None:
    """Lines of output are as long as they like: the console takes its width when it is made.

    dbt's parse of the project is kept where ``make lint`` keeps it.
    """
    os.environ["COLUMNS"] = "500"
    os.environ["CPW_DBT_PARSED"] = str(PROJECT_ROOT / "var" / "work" / "dbt" / "parsed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Airflow comes first, then tests that share what takes long: all processes end together."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
    items.sort(key=lambda item: item.get_closest_marker("airflow") is None)


@pytest.fixture(scope="session")
def june_landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One month of forty children, written once."""
    out = tmp_path_factory.mktemp("landing")
    synthesise(JUNE, children=40, seed=7, out=out)
    for manifest in out.rglob("manifest.csv"):
        manifest.unlink()
    return out


@pytest.fixture
def warehouse(tmp_path: Path, june_landing: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A data home whose landing zone holds June 2018, without manifests, as by hand."""
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    home = Home.from_environment()
    shutil.copytree(june_landing, home.landing)
    return Warehouse(home)


@pytest.fixture
def own_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnRules:
    """Rules of the test's own, to change."""
    return OwnRules(tmp_path / "own_rules", monkeypatch)


@pytest.fixture(scope="session")
def shared_homes(tmp_path_factory: pytest.TempPathFactory) -> SharedHomes:
    """Data homes that are made once in a test run; read them, or start from a copy."""
    return SharedHomes(shared_folder(tmp_path_factory.getbasetemp()))
