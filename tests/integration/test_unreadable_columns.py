"""Figures of a month in which most cells of a column could not be read, and a few of another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from support.shared_homes import SharedHomes, copy_home, working_in
from support.warehouse import Rows, Warehouse

pytestmark = pytest.mark.xdist_group("quality_report")

LOST = {
    "agency_decision_not_placed",
    "awaiting_adoption",
    "care_to_placed_within_14_months",
    "plan_changed_from_adoption",
}
REVERSED, DISTANCE = "perm_decision_reversed_date", "clap_cla_placement_distance"
WHY = f"most cells of {REVERSED} in ssd_permanence could not be read"


@pytest.fixture(scope="module")
def spoiled(
    shared_homes: SharedHomes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """June, with eight of fourteen reversals and three of hundreds of distances in words."""
    root = copy_home(shared_homes.may_published(), tmp_path_factory.mktemp("unread") / "home")
    with working_in(root) as made:
        manifests = made.home.landing / "886" / "2018-06"
        for manifest in manifests.rglob("manifest.csv"):
            manifest.unlink()
        made.change("ssd_permanence", lambda rows: in_words(rows, REVERSED, 8))
        made.change("ssd_cla_placement", lambda rows: in_words(open_ones(rows), DISTANCE, 3))
        result = made.load()
        assert result.exit_code == 0, result.output
        yield made


def in_words(rows: Rows, column: str, number: int) -> None:
    """Write words for the first values of a column."""
    for row in [row for row in rows if row[column]][:number]:
        row[column] = "see the file"


def open_ones(rows: Rows) -> Rows:
    return [row for row in rows if not row["clap_cla_placement_end_date"]]


def ask(home: Path, query: str) -> list[tuple[object, ...]]:
    database = home / "published" / "corporate_parenting.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


FIGURES = (
    "select kpi_id, cohort, status, numerator, denominator, shown, rag from marts.kpi_result "
    "where month = '2018-06' order by all"
)


def test_the_kpis_that_need_the_column_have_no_source(spoiled: Warehouse) -> None:
    without = {row for row in ask(spoiled.home.root, FIGURES) if row[0] in LOST}
    assert without == {
        (kpi, cohort, "no_source", None, None, None, None)
        for kpi in LOST
        for cohort in ("all", "exc_uasc")
    }


def test_all_other_figures_are_those_of_the_cells_that_could_be_read(
    spoiled: Warehouse, shared_homes: SharedHomes
) -> None:
    whole = ask(shared_homes.both_published(), FIGURES)
    left = [row for row in ask(spoiled.home.root, FIGURES) if row[0] not in LOST]
    of_distances = {"within_20_miles_exc_uasc", "foster_within_20_miles_exc_uasc"}
    assert [row for row in left if row[0] not in of_distances] == [
        row for row in whole if row[0] not in LOST | of_distances
    ]
    # a few bad cells leave a figure, with a range
    assert {row[2] for row in left if row[0] in of_distances} == {"computed"}
    [(failures,)] = ask(
        spoiled.home.root,
        "select failures from marts.kpi_data_quality where month = '2018-06' "
        "and kpi_id = 'within_20_miles_exc_uasc' and cohort = 'all'",
    )
    assert failures == 3


def test_the_reason_is_shown(spoiled: Warehouse) -> None:
    reasons = "select kpi_id, no_source_reason from marts.dim_kpi where month = '2018-06' "
    assert set(ask(spoiled.home.root, reasons + "and no_source_reason is not null")) == {
        (kpi, WHY) for kpi in LOST
    }
    notes = (
        "select distinct note, result from marts.scorecard where month = '2018-06' "
        "and kpi_id = 'agency_decision_not_placed'"
    )
    assert ask(spoiled.home.root, notes) == [(f"No source: {WHY}", None)]
    assert f"No source: {WHY}" in spoiled.cpw("scorecard", "-a", "886", "-m", "2018-06").output
