"""Months and authorities loaded together: the same figures as one by one, and who is stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from typer.testing import Result

from support.kpi_models import catalogue
from support.shared_homes import SharedHomes, working_in
from support.warehouse import Warehouse

pytestmark = pytest.mark.xdist_group("load_set")

SAME_IDS = ("887", "888")
# Differ from load to load, or hold the authority's own pseudonyms.
OF_THE_RUN = {"run_at", "rules_version", "publication_version"}
PSEUDONYMS = {"subject_id", "child_key", "record_key", "failure_number"}
# Read what is known of one authority alone: its population, neighbours, published figures.
OF_THE_AUTHORITY = {
    *(kpi_id for kpi_id, row in catalogue().items() if row["unit"] == "external"),
    *("cic_per_10000", "cic_per_10000_exc_uasc"),
    *("placed_outside_area", "placed_outside_area_exc_neighbour"),
    *("placed_in_other_authorities", "placed_in_other_authorities_non_related"),
}


@dataclass(frozen=True)
class Loaded:
    """Three authorities with the same children in May and June, loaded together."""

    warehouse: Warehouse
    result: Result
    alone: Path

    @property
    def database(self) -> Path:
        return self.warehouse.home.published / "corporate_parenting.duckdb"


@pytest.fixture(scope="module")
def loaded(shared_homes: SharedHomes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Kent as it was published month by month; two more authorities have its children's ids.

    A table is missing of May of 888, so that this month is stopped.
    """
    alone = shared_homes.both_published()
    root = tmp_path_factory.mktemp("set") / "home"
    shutil.copytree(alone / "landing" / "886", root / "landing" / "886")
    shutil.copytree(alone / "keys", root / "keys")
    for authority in SAME_IDS:
        shutil.copytree(alone / "landing" / "886", root / "landing" / authority)
    (root / "landing" / "888" / "2018-05" / "social_care" / "ssd_cla_episodes.csv").unlink()
    with working_in(root) as warehouse:
        result = warehouse.cpw("load", "-a", "all", "-m", "2018-05..2018-06")
        yield Loaded(warehouse, result, alone / "published" / "corporate_parenting.duckdb")


def _both(database: Path, other: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"attach '{database}' as together (read_only)")
    connection.execute(f"attach '{other}' as alone (read_only)")
    return connection


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    found = connection.execute(
        "select table_name, list(column_name order by ordinal_position) "
        "from information_schema.columns where table_catalog = 'alone' group by 1"
    ).fetchall()
    return dict(found)


def test_every_cell_of_kent_is_that_of_its_months_loaded_one_by_one(loaded: Loaded) -> None:
    compared, differ = 0, {}
    with _both(loaded.database, loaded.alone) as connection:
        for table, columns in _columns(connection).items():
            names = ", ".join(name for name in columns if name not in OF_THE_RUN)
            rows = [
                f"select {names} from {catalog}.marts.{table} where authority = '886'"
                for catalog in ("together", "alone")
            ]
            there, here = (connection.execute(sql).fetchall() for sql in rows)
            compared += len(here) * len(columns)
            if sorted(map(repr, there)) != sorted(map(repr, here)):
                differ[table] = len(set(map(repr, there)) ^ set(map(repr, here)))
    assert differ == {}
    assert compared > 200_000


def test_authority_with_the_same_ids_has_the_same_figures(loaded: Loaded) -> None:
    """A join that forgets the authority or the month counts the children of others."""
    own = {"kpi_result", "kpi_breakdown", "kpi_subject", "kpi_data_quality", "work_list"}
    with _both(loaded.database, loaded.alone) as connection:
        differ = {}
        for table, columns in _columns(connection).items():
            kpis = OF_THE_AUTHORITY if table in own else set()
            names = [n for n in columns if n not in OF_THE_RUN | PSEUDONYMS | {"authority"}]
            if table in ("scorecard", "scorecard_by_cohort", "dim_kpi", "uasc_threshold"):
                continue  # print the authority's name, and its population
            if table in ("dq_rule_result", "dq_trend", "strategy_profile"):
                continue  # marts' rules that ask of the population; labels with the name
            leave_out = f"and kpi_id not in {tuple(kpis)}" if kpis else ""
            there, here = (
                connection.execute(
                    f"select {', '.join(names)} from {catalog}.marts.{table} "
                    f"where authority = '{whose}' {leave_out}"
                ).fetchall()
                for catalog, whose in (("together", "887"), ("alone", "886"))
            )
            if sorted(map(repr, there)) != sorted(map(repr, here)):
                differ[table] = sorted(set(map(repr, there)) ^ set(map(repr, here)))[:3]
    assert differ == {}


def test_month_that_is_stopped_leaves_the_others_alone(loaded: Loaded) -> None:
    assert loaded.result.exit_code == 1
    assert "888/2018-05 is stopped." in loaded.result.output
    assert "ssd_cla_episodes" in loaded.result.output
    with duckdb.connect(str(loaded.database), read_only=True) as connection:
        published = connection.execute(
            "select authority || '/' || month, max(publication_version) from marts.kpi_result "
            "group by 1 order by 1"
        ).fetchall()
        previous = connection.execute(
            "select distinct authority from marts.dim_kpi "
            "where month = '2018-06' and previous_month = '2018-05' order by 1"
        ).fetchall()
    assert published == [
        *(("886/2018-05", 1), ("886/2018-06", 1)),
        *(("887/2018-05", 1), ("887/2018-06", 1)),
        ("888/2018-06", 1),
    ]
    assert previous == [("886",), ("887",)]
    assert len(list((loaded.warehouse.home.published / "versions").iterdir())) == 1


def test_next_run_does_what_is_left_and_what_is_compared_with_it(loaded: Loaded) -> None:
    landing = loaded.warehouse.home.landing
    missing = Path("2018-05") / "social_care" / "ssd_cla_episodes.csv"
    shutil.copyfile(landing / "886" / missing, landing / "888" / missing)
    left = loaded.warehouse.home.sets / "of-a-build-that-was-killed" / "inputs"
    left.mkdir(parents=True)
    again = loaded.warehouse.cpw("load", "-a", "886,888", "-m", "2018-05,2018-06")
    assert again.exit_code == 0, again.output
    with duckdb.connect(str(loaded.database), read_only=True) as connection:
        versions = dict(
            connection.execute(
                "select authority || '/' || month, max(publication_version) from marts.kpi_result "
                "group by 1"
            ).fetchall()
        )
        (previous,) = connection.execute(
            "select distinct previous_month from marts.dim_kpi where authority = '888' "
            "and month = '2018-06' and previous_month is not null"
        ).fetchall()
    assert (versions["888/2018-05"], versions["888/2018-06"]) == (1, 2)
    assert (versions["886/2018-05"], versions["886/2018-06"]) == (1, 1)
    assert previous == ("2018-05",)
    assert not list(loaded.warehouse.home.sets.iterdir()), "inputs of a set have child-level data"


def test_set_that_overlaps_with_another_load_changes_nothing(warehouse: Warehouse) -> None:
    lock = warehouse.home.locks / "886-2018-06-health.lock"
    lock.parent.mkdir(parents=True)
    holding = f"import fcntl, time; f = open({str(lock)!r}, 'a+'); fcntl.flock(f, fcntl.LOCK_EX); "
    holder = subprocess.Popen(
        [sys.executable, "-c", holding + "print('held', flush=True); time.sleep(600)"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        result = warehouse.cpw("load", "-a", "886", "-m", "2018-05..2018-06")
    finally:
        holder.kill()
        holder.wait()
    assert result.exit_code == 2
    assert "886/2018-06/health is being loaded by process" in result.output
    assert not warehouse.home.audit.exists()
    assert not warehouse.home.lake.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-a", "886,999", "-m", "2018-05..2018-06"], "authority '999' is not known"),
        (["-a", "886", "-m", "2018-06..2018-05"], "ends before it begins"),
        (["-a", "all", "-m", "2031-01..2031-02"], "no authority has extracts or returns"),
        (
            ["-a", "886", "-m", "2018-05", "-m", "2018-06", "--feed", "health"],
            "one feed of several",
        ),
        (["-a", "886,887", "-m", "2018-06", "--source", "odd"], "'odd' is not a source"),
    ],
)
def test_set_that_cannot_be_loaded_changes_nothing(
    warehouse: Warehouse, arguments: list[str], message: str
) -> None:
    result = warehouse.cpw("load", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert not warehouse.home.audit.exists()
