"""A column of which most cells could not be read leaves the KPIs that need it without a source."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cpw.contract.tables import contract
from cpw.contract.unreadable import FEWEST, unreadable_columns
from cpw.core.reporting_month import ReportingMonth
from cpw.quality.lineage import readers
from cpw.warehouse.kpi_sources import MODULE_NAMES, ReturnCoverage, kpi_sources
from cpw.warehouse.no_source import END_OF_CARE, END_OF_UASC, MonthSource, needed, no_source
from support.parquet_files import write_parquet

JUNE, MARCH = ReportingMonth(2018, 6), ReportingMonth(2018, 3)
SDQ = contract().table("ssd_sdq_scores")
EVERYTHING = frozenset(MODULE_NAMES) | {c for source in kpi_sources() for c in source.columns}


def found(folder: Path, *cells: int | str | None, refused: int = 0) -> list[str]:
    """The columns found where the scores are these: a number, a reason why it was not read, none.

    Args:
        folder: where the files are written.
        cells: the score of each row.
        refused: how many of the first rows are refused.
    """
    columns = {column.name: column.sql_type for column in SDQ.columns}
    reasons = {f"{name}__unreadable": "varchar" for name in columns}
    rows = [
        {
            "source_row": number,
            "csdq_sdq_score": cell if isinstance(cell, int) else None,
            "csdq_sdq_score__unreadable": cell if isinstance(cell, str) else None,
        }
        for number, cell in enumerate(cells, start=2)
    ]
    kinds = {"source_row": "integer", **columns, **reasons}
    for name, kept in (("typed", rows), ("valid", rows[refused:])):
        write_parquet(folder / name / f"{SDQ.name}.parquet", kinds, kept)
    with duckdb.connect() as connection:
        return unreadable_columns(connection, [SDQ], folder / "typed", folder / "valid")


SCORE = ["ssd_sdq_scores.csdq_sdq_score"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["type"] * 6 + [14] * 5, SCORE),
        (["type"] * 6 + [14] * 6, []),  # half is not most
        (["type"] * 6 + [14] * 5 + [None] * 40, SCORE),  # empty cells are none
        (["type"] * FEWEST, SCORE),
        (["type"] * (FEWEST - 1), []),  # a few bad cells
        (["error_value", "type", "range", "code", "error_value"], SCORE),
        (["placeholder"] * 20 + [14], []),  # they stand for none
        ([None] * 20, []),
        ([], []),
    ],
)
def test_most_cells_that_are_not_empty_and_at_least_a_handful(
    tmp_path: Path, cells: list[int | str | None], expected: list[str]
) -> None:
    assert found(tmp_path, *cells) == expected


def test_rows_that_were_refused_do_not_count(tmp_path: Path) -> None:
    assert found(tmp_path, *["type"] * 6, 14, 14, refused=4) == []


def test_a_needed_column_is_optional_and_read_by_the_kpis_models() -> None:
    optional = {
        f"{table.name}.{column.name}"
        for table in contract().tables
        for column in table.columns
        if not column.is_needed
    }
    for kpi in kpi_sources():
        for name in needed(kpi):
            table, column = name.split(".")
            assert name in optional
            assert name == END_OF_UASC or kpi.kpi_id in readers()[table][column], kpi.kpi_id


def test_each_kpi_that_needs_the_column_has_no_source_and_no_other() -> None:
    source = MonthSource(
        JUNE, unreadable=frozenset({"ssd_cla_placement.clap_cla_placement_distance"})
    )
    why = "most cells of clap_cla_placement_distance in ssd_cla_placement could not be read"
    assert no_source(source) == {
        ("within_20_miles_exc_uasc", "all"): why,
        ("foster_within_20_miles_exc_uasc", "all"): why,
    }


def test_an_extract_whose_columns_can_be_read_has_all_its_sources() -> None:
    unread = {"ssd_person.pers_gender", "ssd_legal_status.lega_legal_status_end_date"}
    assert no_source(MonthSource(JUNE, unreadable=frozenset(unread))) == {}


def test_who_is_in_care_is_not_known_without_the_ends_of_episodes() -> None:
    lost = no_source(MonthSource(JUNE, unreadable=frozenset({END_OF_CARE})))
    for kpi in (
        "number_of_cic",
        "cic_per_10000",
        "three_or_more_placements_12m",
        "re_entry_within_24m",
    ):
        assert (kpi, "all") in lost
    assert ("complaints_in_month", "all") not in lost


def test_who_is_unaccompanied_is_not_known_without_the_ends_of_the_status() -> None:
    lost = no_source(MonthSource(JUNE, unreadable=frozenset({END_OF_UASC})))
    assert ("number_of_cic", "exc_uasc") in lost
    assert ("number_of_cic", "all") not in lost
    assert ("in_house_foster_exc_uasc", "all") in lost


def given(year: int, *unreadable: str) -> MonthSource:
    """Returns of five years with everything, of which one has columns that cannot be read."""
    years = dict.fromkeys(range(2014, 2019), EVERYTHING)
    return MonthSource(MARCH, ReturnCoverage(years, {year: frozenset(unreadable)}))


@pytest.mark.parametrize(
    ("item", "kpi", "named"),
    [
        ("oc2.teeth_check", "dental_check_in_timescale", "TEETH_CHECK in the module OC2"),
        ("reviews.review_code", "participation_at_reviews", "REVIEW_CODE in the module reviews"),
        ("ad1.date_match", "adoption_days_court_to_match", "DATE_MATCH in the module AD1"),
        ("episodes.dec", "number_of_cic", "DEC in the module episodes"),
    ],
)
def test_a_column_of_a_return_that_cannot_be_read(item: str, kpi: str, named: str) -> None:
    before = no_source(given(2018))
    lost = no_source(given(2018, item))
    assert (kpi, "all") not in before
    assert lost[kpi, "all"] == f"most cells of {named} could not be read"
    assert lost[kpi, "exc_uasc"] == lost[kpi, "all"]


def test_a_return_too_old_for_a_kpi_does_not_matter_to_it() -> None:
    lost = no_source(given(2015, "episodes.dec"))
    assert ("number_of_cic", "all") not in lost
    assert ("re_entry_within_24m", "all") not in lost
    assert ("care_to_placed_within_14_months", "all") in lost
