"""``cpw reconcile`` of a month that was loaded from extracts and from a return."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cpw.core.home import Home
from cpw.core.partition import FEEDS
from cpw.reconcile import sheet
from cpw_synthetic import synthesise
from support.reconcile_sides import IN_CARE, MARCH, write_return
from support.warehouse import Warehouse


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    return Home.from_environment()


@pytest.fixture
def both_loaded(home: Home, tmp_path: Path) -> list[str]:
    """March 2018 of a few children in the lake, and the return that fits but for three of them.

    Returns:
        The three: one is not in the return, one left care in it, one is in another placement.
    """
    synthesise(MARCH, children=25, seed=5, out=home.landing)
    warehouse = Warehouse(home)
    for feed in FEEDS:
        loaded = warehouse.load(feed, month="2018-03")
        assert loaded.exit_code == 0, loaded.output
    in_care = write_return(
        home,
        tmp_path / "returns",
        "delete from ssd_person where pers_person_id = '{0}'",
        "delete from ssd_cla_episodes where clae_person_id = '{0}'",
        "update ssd_cla_episodes set clae_cla_episode_ceased_date = '2018-03-20', "
        "clae_cla_episode_ceased_reason = 'E8' "
        "where clae_person_id = '{1}' and clae_cla_episode_ceased_date is null",
        "update ssd_cla_placement set clap_cla_placement_type = 'K2' "
        "where clap_person_id = '{2}' and clap_cla_placement_end_date is null",
    )
    taken = warehouse.cpw("import-903", "-a", "886", "-y", "2018", str(tmp_path / "returns"))
    assert taken.exit_code == 0, taken.output
    return in_care[:3]


def test_a_month_with_both_sources_is_compared_and_stays_as_it_was(
    home: Home, both_loaded: list[str]
) -> None:
    absent, left, moved = both_loaded
    kept = ("lake", "audit", "quarantine", "failures", "landing")
    before = {folder: contents(home.root / folder) for folder in kept}
    ended = Warehouse(home).cpw("reconcile", "--authority", "886", "--month", "2018-03")
    assert ended.exit_code == 0, ended.output
    assert {folder: contents(home.root / folder) for folder in kept} == before
    assert not home.published.exists()
    assert not list((home.work / "reconcile").rglob("*.parquet"))
    with sheet.children_file(home, MARCH).open(newline="", encoding="utf-8") as handle:
        found = list(csv.DictReader(handle))
    lines = {(line["person_id"], line["kpi_id"]): line for line in found}
    others = [line for line in found if line["person_id"] not in both_loaded]
    assert others == []  # without home postcodes the return is no source of distances
    assert lines[absent, IN_CARE]["cause"] == "missing_in_return"
    assert lines[left, IN_CARE]["column"] == "clae_cla_episode_ceased_date"
    assert lines[moved, "in_house_foster_exc_uasc"]["column"] == "clap_cla_placement_type"
    assert not any(person in ended.output for person in both_loaded)


def test_without_a_return_reconcile_says_how_to_get_one(home: Home) -> None:
    ended = Warehouse(home).cpw("reconcile", "--authority", "886", "--month", "2018-03")
    assert ended.exit_code == 2
    assert "no extracts of 886/2018-03" in ended.stderr
    assert "cpw load -a 886 -m 2018-03" in ended.stderr


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
