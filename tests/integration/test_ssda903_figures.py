"""Returns worked out by hand: what is published of the traps in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from support.ssda903 import returns
from support.ssda903.imported import MARCH, ImportHome
from support.ssda903.plain_rows import Raw

pytestmark = pytest.mark.xdist_group("ssda903_years")
of_one_year = pytest.mark.xdist_group("ssda903_one_year")

DECEMBER = "2017-12"


@dataclass
class Years:
    """Three years' returns as folders, imported in no order, and what was printed."""

    home: ImportHome
    folders: dict[int, Path]
    output: str


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Years:
    folder = tmp_path_factory.mktemp("years")
    made = {
        2016: returns.return_of_2016(),
        2017: returns.return_of_2017(),
        2018: returns.return_of_2018(),
    }
    # the folders' names say nothing of the years
    folders = {
        year: one.write(folder / f"return-{n}") for n, (year, one) in enumerate(made.items())
    }
    home = ImportHome.at(folder / "home")
    result = home.import_903(folders[2018], folders[2016], folders[2017])
    assert result.exit_code == 0, result.output
    return Years(home, folders, result.output)


def test_three_years_give_the_figures_worked_out_by_hand(years: Years) -> None:
    published = years.home.figures()
    assert {key: published.get(key) for key in returns.EXPECTED} == returns.EXPECTED


def test_nothing_of_these_returns_is_refused(years: Years) -> None:
    assert years.home.quarantined() == set()


def test_the_return_of_each_year_is_told_by_its_episodes(years: Years) -> None:
    assert "Returns of 2016, 2017, 2018" in years.output


def test_what_the_next_return_does_not_have_is_noted_without_naming_it(years: Years) -> None:
    # the start of CLOSED and the end of CORRECTED have other dates; VANISHED is open and gone
    ends = "episode(s) that the return of 2017 has open, or longer, end by what that of 2018 has"
    assert ends in years.output
    assert "1 child(ren) in care at the end of the return of 2017 are not in that" in years.output
    assert "VANISHED" not in years.output


def failed(years: Years, rule: str) -> list[tuple[str, int]]:
    """How many broke a rule in the return of each year."""
    results = years.home.home.audit / "rule_results"
    found: list[tuple[str, int]] = duckdb.sql(
        f"select feed, rows_failed from read_parquet('{results}/**/*.parquet', "
        f"union_by_name = true) where rule_id = '{rule}' and outcome <> 'not_run' order by feed"
    ).fetchall()
    return found


def test_a_child_who_vanished_between_two_returns_is_to_be_looked_for(years: Years) -> None:
    assert failed(years, "ssda903_header.vanished") == [("ssda903_2017", 0), ("ssda903_2018", 1)]
    listed = years.home.cpw(
        "quarantine", "list", "-a", "886", "--rule", "ssda903_header.vanished", "--entries"
    )
    assert listed.output.count("ssda903_header.vanished") == 1


def test_one_child_under_two_ids_is_reported_and_not_merged(years: Years) -> None:
    assert failed(years, "ssda903_header.upn_shared") == [
        ("ssda903_2016", 0),
        ("ssda903_2017", 0),
        ("ssda903_2018", 2),
    ]


def test_the_same_returns_again_in_another_order_change_nothing(years: Years) -> None:
    before = sorted(path.name for path in (years.home.home.root / "published/versions").iterdir())
    paths = [years.folders[year] for year in (2017, 2018, 2016)]
    result = years.home.import_903(*paths, years=(2017, 2018, 2016))
    assert result.exit_code == 0, result.output
    assert "unchanged since the last import" in result.output
    after = sorted(path.name for path in (years.home.home.root / "published/versions").iterdir())
    assert after == before


def test_another_month_end_of_the_same_returns(years: Years) -> None:
    result = years.home.import_903(*years.folders.values(), month=DECEMBER)
    assert result.exit_code == 0, result.output
    published = years.home.figures(DECEMBER)
    # without REENTRY and TOOLATE, who came in January
    assert published["number_of_cic", "all"] == (17, None)
    # WAS_UASC has ceased; IS_UASC and LAST_DAY have not
    assert published["number_of_cic", "exc_uasc"] == (15, None)
    # CARER_MOVES, CORRECTED
    assert published["three_or_more_placements_12m", "all"] == (2, 17)
    # HOSPITAL's home and IS_UASC's
    assert published["private_voluntary_residential", "all"] == (2, 17)
    # 17 less HOSPITAL, WAS_UASC, IS_UASC, LAST_DAY; STILL_AWAY is with PR1 yet. With PR1: all but
    # STATUS_ONLY, LATE_END, NO_START
    assert published["in_house_foster_exc_uasc", "all"] == (10, 13)
    # REVERSED is decided still
    assert published["awaiting_adoption", "all"] == (2, 17)
    assert published["plan_changed_from_adoption", "all"] == (0, 3)
    # in 2017: LATE_END on 31/03, once, though two returns have it, on 01/04 and 01/07; CLOSED
    assert published["participation_at_reviews", "all"] == (3, 4)
    # L_18 and L_NO have had their birthdays
    assert published["care_leavers_in_contact", "all"] == (1, 2)
    assert published["cic_missing_in_month", "all"] == (0, None)
    for kpi in ("health_assessment_in_timescale", "dental_check_in_timescale", "sdq_average"):
        assert (kpi, "all") in years.home.without_source(DECEMBER)


def test_the_month_before_stays_published(years: Years) -> None:
    assert years.home.figures(MARCH)["number_of_cic", "all"] == (19, None)


@pytest.fixture(scope="module")
def one_year(tmp_path_factory: pytest.TempPathFactory) -> ImportHome:
    """The return of 2018 alone, without OC3 and UASC, and with an overlap."""
    folder = tmp_path_factory.mktemp("one_year")
    book = returns.return_of_2018()
    raw: Raw = {name: rows for name, rows in book.raw.items() if name not in ("oc3", "uasc")}
    book = returns.Made(raw)
    book.child(
        "OVERLAP",
        "01/02/2008",
        "01/05/2017 S C2 U6/PR1 a1 01/09/2017 X1",
        "01/08/2017 P C2 K2/PR4 a2 01/11/2017 X1",
        "01/09/2017 P C2 U4/PR2 a3",
    )
    home = ImportHome.at(folder / "home")
    home.take(book.write(folder / "return"))
    return home


@of_one_year
def test_a_module_that_was_not_returned_leaves_its_indicators_without_a_source(
    one_year: ImportHome,
) -> None:
    without = one_year.without_source()
    for kpi in ("suitable_accommodation", "eet", "in_contact"):
        assert (f"care_leavers_{kpi}", "all") in without
    # who is unaccompanied is not known: the cohort without them has no figure, nor have these
    assert ("number_of_cic", "exc_uasc") in without
    assert ("in_house_foster_exc_uasc", "all") in without
    figures = one_year.figures()
    assert not {key for key in figures if key[1] == "exc_uasc"}
    # with OVERLAP, and all three of UASC
    assert figures["number_of_cic", "all"] == (20, None)


@of_one_year
def test_one_return_does_not_reach_back(one_year: ImportHome) -> None:
    without = one_year.without_source()
    assert ("re_entry_within_24m", "all") in without
    assert ("same_placement_2y", "all") in without
    # twelve months are one return's
    assert one_year.figures()["three_or_more_placements_12m", "all"] == (2, 20)


@of_one_year
def test_of_two_episodes_that_overlap_the_later_is_refused(one_year: ImportHome) -> None:
    refused = {(table, rule) for table, _, rule in one_year.quarantined()}
    assert refused == {("ssda903_episodes", "ssda903_episodes.overlap")}
    assert len(one_year.quarantined()) == 1


@pytest.mark.xdist_group("ssda903_and_extracts")
def test_extracts_of_the_month_come_first(tmp_path: Path) -> None:
    home = ImportHome.at(tmp_path / "home")
    assert home.cpw("synthesise", "-m", MARCH, "--children", "60").exit_code == 0
    assert home.cpw("load", "-a", "886", "-m", MARCH).exit_code == 0
    of_extract = home.figures()
    assert home.ask("select distinct source from marts.dim_kpi") == [("extract",)]

    result = home.import_903(returns.return_of_2018().write(tmp_path / "return"))
    assert result.exit_code == 0, result.output
    assert "--source ssda903" in result.output
    assert home.figures() == of_extract

    chosen = home.cpw("load", "-a", "886", "-m", MARCH, "--source", "ssda903")
    assert chosen.exit_code == 0, chosen.output
    assert home.ask("select distinct source from marts.dim_kpi") == [("ssda903",)]
    assert home.figures()["number_of_cic", "all"] == (19, None)

    again = home.cpw("load", "-a", "886", "-m", MARCH)
    assert again.exit_code == 0, again.output
    assert home.ask("select distinct source from marts.dim_kpi") == [("extract",)]
    assert home.figures() == of_extract


def test_years_that_do_not_pair_with_the_returns_are_refused(years: Years) -> None:
    paths = list(years.folders.values())
    result = years.home.import_903(*paths, years=(2017, 2018))
    assert result.exit_code == 2
    assert "--year" in result.output
    result = years.home.import_903(paths[0], years=(2016,), month=MARCH)
    assert result.exit_code == 2
    assert "2018" in result.output
