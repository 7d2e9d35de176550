"""The papers' other tables: what they count, and what becomes of them without a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cpw.contract.tables import contract
from support.shared_homes import SharedHomes, copy_home, working_in
from support.warehouse import JUNE, Warehouse

AS_AT, FIRST_OF_APRIL = "2018-06-30", "2018-04-01"
OPTIONAL = [table.name for table in contract().tables if table.presence == "optional"]

OF_OPTIONAL_TABLES = (
    "adopter_activity",
    "adopter_timescales",
    "dispute_resolutions",
    "fostering_households",
)
OF_EVERY_EXTRACT = (
    "adoption_activity",
    "adoption_timescales",
    "care_leaver_capacity",
    "care_leaver_cohort",
    "caseloads_by_team",
    "cic_flow",
    "demographics",
    "education_factors",
    "iro_service",
    "review_participation",
    "strategy_profile",
    "uasc_arrivals",
    "uasc_threshold",
)


@pytest.fixture(scope="module")
def published(shared_homes: SharedHomes) -> Iterator[Warehouse]:
    """A data home in which June 2018 is published, with every table of the contract."""
    with working_in(shared_homes.june_published()) as made:
        yield made


def query(warehouse: Warehouse, sql: str) -> list[tuple[object, ...]]:
    database = warehouse.home.published / "corporate_parenting.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def children_in_care(warehouse: Warehouse) -> set[str]:
    """Worked out from the extract's rows; who has short breaks in this world has nothing else."""
    short_breaks = {
        row["lega_person_id"]
        for row in warehouse.rows("ssd_legal_status")
        if row["lega_legal_status"] in ("V3", "V4")
    }
    return {
        row["clae_person_id"]
        for row in warehouse.rows("ssd_cla_episodes")
        if row["clae_cla_episode_start_date"] <= AS_AT
        and not "" < row["clae_cla_episode_ceased_date"] <= AS_AT
    } - short_breaks


def test_the_tables_added_later_are_optional_and_no_other_is() -> None:
    assert len(contract().tables) - len(OPTIONAL) == 28
    assert all(name.startswith("local_") for name in OPTIONAL)


def test_every_table_is_published_and_lies_in_parquet_too(published: Warehouse) -> None:
    for table in (*OF_EVERY_EXTRACT, *OF_OPTIONAL_TABLES):
        columns = query(
            published,
            "select column_name from information_schema.columns where table_schema = 'marts' "
            f"and table_name = '{table}' order by ordinal_position limit 3",
        )
        assert columns == [("authority",), ("month",), ("as_at",)], table
        rows = query(published, f"select count(*) from marts.{table}")
        folder = published.home.published / "parquet" / table / JUNE.path
        assert duckdb.sql(f"select count(*) from '{folder}/*.parquet'").fetchall() == rows
        assert rows > [(0,)], table


def test_demographics_are_those_of_the_children_in_care(published: Warehouse) -> None:
    people = {
        row["pers_person_id"]: row
        for row in published.rows("ssd_person")
        if row["pers_person_id"] in children_in_care(published)
    }
    for dimension, value in (
        ("nationality", lambda row: row["pers_nationality"]),
        ("age", lambda row: str(2018 - int(row["pers_dob"][:4]) - (row["pers_dob"][5:] > "06-30"))),
    ):
        girls = Counter(value(row) for row in people.values() if row["pers_sex"] == "F")
        everybody = Counter(value(row) for row in people.values())
        assert query(
            published,
            "select value, female, total from marts.demographics "
            f"where dimension = '{dimension}' order by 1",
        ) == sorted((name, girls[name], count) for name, count in everybody.items())


def test_profile_has_each_child_once_in_every_dimension(published: Warehouse) -> None:
    sums = query(
        published,
        "select dimension, sum(number), sum(percent) from marts.strategy_profile "
        "where dimension not in ('total', 'reason_for_entry') group by 1 order by 1",
    )
    assert [dimension for dimension, *_ in sums] == [
        "age_band",
        "education_status",
        "ethnic_group",
        "gender",
        "placement_type",
    ]
    assert {number for _, number, _ in sums} == {len(children_in_care(published))}
    assert all(abs(float(str(percent)) - 100) < 0.5 for *_, percent in sums)
    own = "select count(*) from marts.strategy_profile where value = 'KCC Foster Care'"
    assert query(published, own) == [(1,)]


def test_adopters_and_households_are_counted_from_their_rows(published: Warehouse) -> None:
    def in_year(day: str) -> bool:
        return FIRST_OF_APRIL <= day <= AS_AT

    adopters = published.rows("local_adopters")
    activity = dict(
        query(published, "select measure, families from marts.adopter_activity order by position")
    )
    assert activity["enquiries"] == sum(in_year(row["enquiry_date"]) for row in adopters) > 0
    assert activity["stage_2_ends"] == sum(in_year(row["stage_2_end_date"]) for row in adopters)
    approved = sum(
        row["approved_date"] <= AS_AT and not "" < row["ended_date"] <= AS_AT
        for row in published.rows("local_fostering_households")
    )
    households = query(published, "select sum(households) from marts.fostering_households")
    assert households == [(approved,)]
    raised = sum(in_year(row["raised_date"]) for row in published.rows("local_dispute_resolutions"))
    assert query(published, "select sum(disputes) from marts.dispute_resolutions") == [(raised,)]


def test_arrivals_cover_24_months_and_the_threshold_follows_the_population(
    published: Warehouse,
) -> None:
    months = query(
        published,
        "select min(arrival_month), max(arrival_month), count(*) from marts.uasc_arrivals",
    )
    assert months == [("2016-07", "2018-06", 24)]
    assert query(
        published,
        "select threshold_children = round(population * threshold_percent / 100), "
        "over_threshold = uasc_in_care - threshold_children from marts.uasc_threshold",
    ) == [(True, True)]


def test_a_lake_of_before_the_contract_had_a_table_goes_on_publishing(
    published: Warehouse, tmp_path: Path
) -> None:
    """Then without the optional tables at all: absent means that there is no source."""
    with working_in(copy_home(published.home.root, tmp_path / "home")) as copy:
        _goes_on_without_the_optional_tables(copy)


def _goes_on_without_the_optional_tables(published: Warehouse) -> None:
    before = query(published, "select * from marts.demographics order by all")
    for manifest in published.home.landing.rglob("manifest.csv"):
        manifest.unlink()
    for table in OPTIONAL:
        published.file(table).unlink()
    assert published.load("social_care").exit_code == 0
    for table in OPTIONAL:
        for path in (published.home.lake / table).rglob("*.parquet"):
            path.unlink()

    result = published.load()

    assert result.exit_code == 0, result.output
    for table in OF_OPTIONAL_TABLES:
        assert query(published, f"select * from marts.{table}") == [], table
    left = query(published, "select measure from marts.iro_service order by position")
    assert left == [("average_caseload",), ("target_caseload",)]
    assert query(published, "select * from marts.demographics order by all") == before
