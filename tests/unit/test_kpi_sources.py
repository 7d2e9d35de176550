"""Which KPIs a set of returns is the source of, and the reasons where it is none."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cpw.contract.tables import contract
from cpw.core.paths import seed_rows
from cpw.core.reporting_month import ReportingMonth
from cpw.warehouse.kpi_sources import (
    MODULE_NAMES,
    ReturnCoverage,
    kpi_sources,
    more_of_returns,
    not_in_returns,
    to_feed,
    without_source,
    write_without_source,
)

MARCH = ReportingMonth(2018, 3)
EVERYTHING = frozenset(MODULE_NAMES)
FIVE_YEARS = tuple(range(2014, 2019))


def _given(*without: str, years: tuple[int, ...] = FIVE_YEARS) -> ReturnCoverage:
    """Returns of these years with everything, but for some modules or columns."""
    columns = {column for source in kpi_sources() for column in source.columns}
    held = {
        name
        for name in EVERYTHING | columns
        if name not in without and name.split(".")[0] not in without
    }
    return ReturnCoverage(dict.fromkeys(years, frozenset(held)))


def _without(
    *without: str, years: tuple[int, ...] = FIVE_YEARS, month: ReportingMonth = MARCH
) -> dict[tuple[str, str], str]:
    return without_source(_given(*without, years=years), month)


def test_the_seed_has_every_kpi_once_with_modules_and_tables_that_there_are() -> None:
    catalogue = [row["kpi_id"] for row in seed_rows("kpi_catalogue")]
    tables = {table.name for table in contract().tables}

    assert [source.kpi_id for source in kpi_sources()] == catalogue
    for source in kpi_sources():
        assert set(source.modules) <= set(MODULE_NAMES)
        assert set(source.feed) <= tables
        assert bool(source.modules) == (source.in_return == "yes")
        assert bool(source.reason) == (source.in_return != "yes")
        assert bool(source.feed) == (source.in_return != "external")


def test_a_kpi_that_no_return_holds_has_no_source_in_either_cohort() -> None:
    found = _without()

    assert found["reviews_in_timescale", "all"] == "the return has no review due dates"
    assert found["reviews_in_timescale", "exc_uasc"] == "the return has no review due dates"
    assert ("complaints_in_month", "exc_uasc") not in found


def test_a_published_statistic_does_not_depend_on_the_source() -> None:
    assert ("persistent_absence", "all") not in _without()


def test_all_modules_and_years_leave_only_what_no_return_holds() -> None:
    never = {source.kpi_id for source in kpi_sources() if source.in_return == "no"}

    assert {kpi_id for kpi_id, _ in _without()} == never


def test_a_module_not_given_takes_its_kpis_alone() -> None:
    found = _without("oc3")

    assert (
        found["care_leavers_eet", "all"]
        == "the module OC3 was not given, or too little of it is valid"
    )
    assert ("sdq_average", "all") not in found
    assert (
        _without("oc3", "oc2")["sdq_average", "all"]
        == "the module OC2 was not given, or too little of it is valid"
    )
    assert _without("ad1", "placed_for_adoption")["adoption_days_court_to_match", "all"] == (
        "the modules AD1 and placed for adoption were not given, or too little of them is valid"
    )


def test_a_column_that_no_row_has_takes_its_kpis_alone() -> None:
    found = _without("oc2.teeth_check", "episodes.home_post", "episodes.pl_post")

    assert found["dental_check_in_timescale", "all"] == "no row of the return has TEETH_CHECK"
    assert ("health_assessment_in_timescale", "all") not in found
    assert found["within_20_miles_exc_uasc", "all"] == (
        "no row of the return has HOME_POST and PL_POST"
    )
    assert found["placed_outside_area", "exc_uasc"] == "no row of the return has PL_POST"
    assert ("in_house_foster_exc_uasc", "all") not in found


def test_every_return_that_a_kpi_reaches_back_to_must_have_its_modules() -> None:
    last_alone = {
        year: held if year == 2018 else held - {"ad1", "uasc", "oc2", "oc2.sdq_score"}
        for year, held in _given().by_year.items()
    }

    found = without_source(ReturnCoverage(last_alone), MARCH)

    absent = "was not given, or too little of it is valid"
    assert found["adoption_days_care_to_placed", "all"] == f"the module AD1 {absent}"
    assert found["care_leavers_eet", "exc_uasc"] == f"the module UASC {absent}"
    assert ("care_leavers_eet", "all") not in found
    assert ("number_of_cic", "exc_uasc") not in found
    assert ("sdq_average", "all") not in found
    assert "uasc" not in ReturnCoverage(last_alone).modules(ReportingMonth(2017, 12))
    assert "uasc" in ReturnCoverage(last_alone).modules(MARCH)


def test_without_the_module_uasc_the_cohort_alone_has_no_source() -> None:
    found = _without("uasc")

    assert (
        found["number_of_cic", "exc_uasc"]
        == "the module UASC was not given, or too little of it is valid"
    )
    assert ("number_of_cic", "all") not in found
    assert (
        found["cic_per_10000_exc_uasc", "all"]
        == "the module UASC was not given, or too little of it is valid"
    )


@pytest.mark.parametrize(
    ("kpi_id", "years", "reason"),
    [
        ("number_of_cic", (2018,), None),
        ("three_or_more_placements_12m", (2018,), None),
        ("same_social_worker_12m", (2018,), "needs the return of 2017 too"),
        ("same_social_worker_12m", (2017, 2018), None),
        ("same_placement_2y", (2018,), "needs the returns of 2016 and 2017 too"),
        ("re_entry_within_24m", (2016, 2018), "needs the return of 2017 too"),
        ("re_entry_within_24m", (2016, 2017, 2018), None),
    ],
)
def test_the_returns_must_reach_back_without_a_break(
    kpi_id: str, years: tuple[int, ...], reason: str | None
) -> None:
    assert _without(years=years).get((kpi_id, "all")) == reason


def test_twelve_months_to_february_need_the_return_before_and_to_march_do_not() -> None:
    february = ReportingMonth(2018, 2)

    assert ("left_care_sgo", "all") in _without(years=(2018,), month=february)
    assert ("left_care_sgo", "all") not in _without(years=(2018,), month=MARCH)


def test_april_lies_in_the_return_of_the_year_after() -> None:
    april = ReportingMonth(2018, 4)

    found = _without(years=(2018,), month=april)
    assert found["number_of_cic", "all"] == "needs the return of 2019 too"
    assert ("number_of_cic", "all") not in _without(years=(2019,), month=april)


def test_oc2_is_of_march_alone() -> None:
    found = _without(month=ReportingMonth(2017, 12))

    assert found["sdq_average", "all"] == "OC2 is about 31 March: only that month has it"
    assert ("sdq_average", "all") not in _without()


def test_care_leavers_were_unaccompanied_years_before_their_birthday() -> None:
    found = _without(years=(2017, 2018))

    assert ("care_leavers_eet", "all") not in found
    assert found["care_leavers_eet", "exc_uasc"] == (
        "needs the returns of 2014, 2015 and 2016 too, to know who was an unaccompanied child"
    )


def test_the_returns_tell_from_the_april_of_the_unbroken_years() -> None:
    given = _given(years=(2014, 2016, 2017, 2018))

    assert given.known_since(MARCH) == ReportingMonth(2015, 4)
    assert given.known_since(ReportingMonth(2018, 4)) is None


def test_what_to_feed_names_the_tables_and_what_waits_for_them() -> None:
    feed = to_feed(["average_caseload_iro", "same_iro_12m", "posts_filled_permanent_qsw"])

    assert feed == {
        "local_establishment": ["posts_filled_permanent_qsw", "average_caseload_iro"],
        "ssd_involvements": ["same_iro_12m"],
        "ssd_professionals": ["same_iro_12m"],
    }
    assert to_feed(["persistent_absence"]) == {}


def test_what_more_of_returns_would_bring_is_told_by_reason() -> None:
    given = _given("oc3", years=(2017, 2018))

    more = more_of_returns(given, MARCH)

    assert more["the module OC3 was not given, or too little of it is valid"] == [
        "care_leavers_suitable_accommodation",
        "care_leavers_eet",
        "care_leavers_in_contact",
    ]
    assert more["needs the return of 2016 too"] == [
        "same_placement_2y",
        "re_entry_within_24m",
        "placed_within_12_months_of_adm",
    ]
    told = {kpi for kpis in more.values() for kpi in kpis}
    missing = {kpi for kpi, cohort in without_source(given, MARCH) if cohort == "all"}
    assert told | set(not_in_returns()) == missing
    assert told & set(not_in_returns()) == set()


def test_the_build_is_told_and_of_an_extract_there_is_nothing_to_tell(tmp_path: Path) -> None:
    target = tmp_path / "kpi_without_source.parquet"
    coverage = tmp_path / "return_coverage.parquet"

    given = _given("oc3", years=(2017, 2018))
    write_without_source(target, without_source(given, MARCH), given, MARCH)
    assert duckdb.sql(
        f"select cohort, reason from '{target}' where kpi_id = 'care_leavers_eet' order by 1"
    ).fetchall() == [
        ("all", "the module OC3 was not given, or too little of it is valid"),
        ("exc_uasc", "the module OC3 was not given, or too little of it is valid"),
    ]
    assert duckdb.sql(
        f"select count(*), max(known_since)::varchar from '{coverage}'"
    ).fetchall() == [(len(EVERYTHING) - 1, "2016-04-01")]

    write_without_source(target, {}, None, MARCH)
    assert duckdb.sql(f"select count(*) from '{target}'").fetchall() == [(0,)]
    assert duckdb.sql(f"select count(*) from '{coverage}'").fetchall() == [(0,)]
