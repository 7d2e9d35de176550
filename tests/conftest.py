"""A landing zone of synthetic children for each test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cpw.core.home import Home
from cpw_synthetic import synthesise
from support.warehouse import JUNE, Warehouse


def pytest_configure() -> None:
    """Lines of output are as long as they like: the console takes its width when it is made."""
    os.environ["COLUMNS"] = "500"


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
