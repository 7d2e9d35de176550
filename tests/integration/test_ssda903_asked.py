"""Returns that no monthly extract would be like: each is published, and asked what it can answer.

All are imported into one home. Where it says so, one stands beside a larger month before it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.ssda903.imported import MARCH, ImportHome
from support.ssda903.returns import Made, made

pytestmark = pytest.mark.xdist_group("ssda903_asked")

QUIET, JUNE = 230, "2018-06"
NOT_GIVEN = "was not given, or too little of it is valid"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> ImportHome:
    """March 2018 of a large authority in which nothing happened after January."""
    folder = tmp_path_factory.mktemp("asked")
    book = made()
    for number in range(QUIET):
        day, month = number % 28 + 1, number % 8 + 5
        book.child(f"Q{number}", "01/02/2008", f"{day:02}/{month:02}/2017 S C2 U6/PR1 a1")
        seen = "seen" if number % 3 else "1"  # two of three cells cannot be read
        book.add("oc2", f"Q{number}", sdq_score="12", teeth_check=seen, health_assessment="0")
    home = ImportHome.at(folder / "home")
    home.take(book.write(folder / "quiet"))
    return home


def test_a_return_with_nothing_in_its_last_month_is_published(home: ImportHome) -> None:
    figures = home.figures()
    assert figures["number_of_cic", "all"] == (QUIET, None)
    assert figures["sdq_average", "all"] == (0, 0)  # nobody is in care for a year yet
    flow = "select sum(entries), sum(exits) from marts.population_flow where flow_month = '2018-03'"
    assert home.ask(flow) == [(0, 0)]
    outcomes = home.outcomes()
    for rule in ("social_care.shows_month", "social_care.newest_date", "health.newest_date"):
        assert outcomes[rule][0] == "not_run"
        assert "SSDA903 return" in str(outcomes[rule][1])


def test_a_column_of_which_most_cells_could_not_be_read_is_no_source(home: ImportHome) -> None:
    why = "most cells of TEETH_CHECK in the module OC2 could not be read"
    reasons = "select kpi_id from marts.dim_kpi where month = '2018-03' and no_source_reason = "
    assert home.ask(f"{reasons}'{why}'") == [("dental_check_in_timescale",)]
    assert ("health_assessment_in_timescale", "all") in home.figures()


def test_a_return_of_twelve_children_is_published_beside_a_large_one(
    home: ImportHome, tmp_path: Path
) -> None:
    book = Made()
    for number in range(12):
        book.child(f"T{number}", "01/02/2008", f"{number + 1:02}/04/2018 S C2 U6/PR1 a1")
    for name in ("uasc", "ad1", "placed_for_adoption", "missing"):
        book.module(name)
    result = home.import_903(book.write(tmp_path / "twelve"), years=(2019,), month=JUNE)
    assert result.exit_code == 0, result.output
    figures = home.figures(JUNE)
    assert figures["number_of_cic", "all"] == (12, None)
    assert figures["number_of_cic", "exc_uasc"] == (12, None)
    assert figures["private_voluntary_residential", "all"] == (0, 12)
    # the quiet authority's month lies three months back: children did not vanish since then
    for rule in ("rows_fell.ssd_person", "rows_fell.ssd_cla_episodes", "vanished_children"):
        assert home.outcomes(JUNE)[f"social_care.{rule}"][0] == "not_run"
    report = home.home.root / "reports" / "886" / JUNE / "restricted"
    text = (report / "quality-report-ssda903.html").read_text(encoding="utf-8")
    assert "the return of the year before" in text


def test_a_return_of_nine_modules_is_published(home: ImportHome, tmp_path: Path) -> None:
    book = (
        Made()
        .child("IN_CARE", "01/02/2008", "10/03/2017 S C2 U6/PR1 a1")
        .child("WITH_ADOPTERS", "01/06/2015", "01/05/2016 S E1 A5/PR1 a2")
        .child("ADOPTED", "01/06/2015", "01/05/2016 S E1 U6/PR1 a3 10/03/2017 E11")
        .child("L_18", "10/03/1999")
        .add("reviews", "IN_CARE", review="20/03/2017", review_code="PN1")
        .add("oc2", "WITH_ADOPTERS", teeth_check="1", health_assessment="1")
        .add("oc3", "L_18", in_touch="YES", activ="F2", accom="U1")
        .add("sw_episodes", "IN_CARE", sw_id="W1", sw_decom="10/03/2017", sw_reason="INITAL")
        .module("uasc")
        .module("missing")
        .module("previous_permanence")
    )
    assert len(book.raw) == 9
    home.take(book.write(tmp_path / "nine"), year=2017)
    figures = home.figures("2017-03")
    assert figures["number_of_cic", "all"] == (2, None)
    assert figures["participation_at_reviews", "all"] == (1, 1)
    assert ("awaiting_adoption", "all") in home.without_source("2017-03")
    outcomes = home.outcomes("2017-03")
    # what only the modules on adoption would tell
    for rule, module in {
        "ssd_cla_episodes.adopted_without_permanence": "AD1",
        "ssd_cla_placement.adopters": "AD1",
        "ssd_permanence.placed.decided": "AD1",
        "ssd_permanence.reversed.reason": "placed for adoption",
    }.items():
        assert outcomes[rule] == ("not_run", f"the module {module} {NOT_GIVEN}")
    assert outcomes["ssd_involvements.no_case_worker"][0] == "fail"  # of WITH_ADOPTERS
    assert outcomes["ssd_involvements.closed_without_end"][0] == "not_run"
    # of each child: what refuses a row runs whatever was given
    assert outcomes["ssd_permanence.perm_table_id.unique"][0] == "pass"


def test_the_larger_month_stays_as_it_was(home: ImportHome) -> None:
    assert home.figures(MARCH)["number_of_cic", "all"] == (QUIET, None)
