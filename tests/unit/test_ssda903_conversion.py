"""What statutory returns become: each trap is a child of two returns, worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cpw.contract.tables import contract
from support.made_returns import CROYDON, MAIDSTONE, Result, Returns

MARCH = date(2018, 3, 31)


def _placements(returns: Returns) -> None:
    returns.episode(2018, "same_carer", "2017-05-01", "2017-08-01")
    returns.episode(2018, "same_carer", "2017-08-01", rne="T", place="U4", pl_post="me141xx")
    returns.episode(2018, "legal_only", "2017-05-01", "2017-08-01", ls="C1")
    returns.episode(2018, "legal_only", "2017-08-01", "2017-09-01", rne="L")
    returns.episode(2018, "legal_only", "2017-09-01", rne="P", pl_post=CROYDON)
    returns.episode(2018, "other_carer", "2017-05-01", "2017-08-01", reason_place_change="CREQB")
    returns.episode(2018, "other_carer", "2017-08-01", rne="P")
    returns.episode(2018, "moved_along", "2017-05-01", "2017-08-01", urn="1234567")
    returns.episode(2018, "moved_along", "2017-08-01", rne="T", pl_post=CROYDON, urn="1234567")
    for child, urn in (("urn_differs", "SC000002"), ("urn_pending", "XXXXXXX")):
        returns.episode(2018, child, "2017-05-01", "2017-08-01", pl_post=None, urn="SC000001")
        returns.episode(2018, child, "2017-08-01", rne="U", urn=urn)
    for child, back, provider in (
        ("returned", MAIDSTONE, "PR1"),
        ("went_on", CROYDON, "PR1"),
        ("other_agency", MAIDSTONE, "PR4"),
    ):
        returns.episode(2018, child, "2017-05-01", "2017-06-01", reason_place_change="PLACE")
        returns.episode(2018, child, "2017-06-01", "2017-06-10", rne="P", place="T1", pl_post="X")
        cells = {"pl_post": back, "place_provider": provider}
        returns.episode(2018, child, "2017-06-10", "2017-07-01", rne="P", **cells)
        returns.episode(2018, child, "2017-07-01", rne="L", ls="E1", **cells)
    returns.episode(2018, "in_hospital", "2017-05-01", "2018-03-20")
    returns.episode(2018, "in_hospital", "2018-03-20", rne="T", place="T1")
    returns.episode(2018, "gap", "2017-05-01", "2017-08-01")
    returns.episode(2018, "gap", "2017-09-01", rne="L")
    returns.episode(2018, "far", "2017-05-01", home_post=MAIDSTONE.lower(), pl_post=CROYDON)
    returns.episode(2018, "unknown_place", "2017-05-01", home_post=MAIDSTONE, pl_post="ZZ1 1ZZ")


def _periods(returns: Returns) -> None:
    returns.episode(2018, "re_entry", "2017-05-01", "2017-08-01", rec="E4A")
    returns.episode(2018, "re_entry", "2017-11-01", "2018-04-12", rec="E8")
    returns.episode(2018, "began_before", "2017-02-01", "2017-08-01", rne="L")
    returns.episode(2018, "began_before", "2017-08-01", rne="P")
    returns.episode(2018, "start_refused", "2017-05-01", "2017-08-01", rec="E4A")
    returns.episode(2018, "start_refused", "2017-11-01", rne="P")
    for child, review in (
        ("re_entry", "2017-04-30"),
        ("re_entry", "2017-08-01"),
        ("re_entry", "2017-09-15"),
        ("re_entry", "2017-12-24"),
        ("re_entry", "2018-04-02"),
    ):
        returns.add(2018, "reviews", child, review=review, review_code="PN1")


def _years(returns: Returns) -> None:
    returns.add(2017, "header", "closed_later", sex="F", dob="2010-01-01", ethnic="NOBT")
    returns.episode(2017, "closed_later", "2016-05-01")
    returns.episode(2018, "closed_later", "2016-05-01", "2017-06-01", rec="E4A")
    returns.episode(2017, "corrected", "2016-09-01", "2017-02-01")
    returns.episode(2017, "corrected", "2017-02-01", rne="P")
    returns.episode(2018, "corrected", "2016-12-01")
    returns.episode(2017, "vanished", "2016-05-01", "2017-01-01")
    returns.episode(2017, "vanished", "2017-01-01", "2017-04-02", rne="P")
    returns.episode(2017, "left_in_2017", "2016-05-01", "2017-03-31", rec="E4A")
    for child, duc in (("ceased", "2017-12-01"), ("unaccompanied", None)):
        returns.episode(2017, child, "2016-05-01", "2017-01-01")
        for year in (2017, 2018):
            returns.episode(year, child, "2017-01-01", rne="P")
            returns.add(year, "uasc", child, sex="M", duc=duc if year == 2018 else None)
    returns.add(2018, "uasc", "re_entry", sex="F", duc="2017-04-30")
    returns.add(2017, "missing", "ceased", missing="M", mis_start="2017-03-30")
    returns.add(
        2018, "missing", "ceased", missing="M", mis_start="2017-03-30", mis_end="2017-04-03"
    )
    returns.add(2018, "sw_episodes", "ceased", sw_id="SW1", sw_decom="2017-04-01")


def _facts(returns: Returns) -> None:
    for year, score, teeth in ((2017, 14, "1"), (2018, None, "0")):
        returns.add(
            year,
            "oc2",
            "ceased",
            sdq_score=score,
            sdq_reason=None if score else "SDQ2",
            teeth_check=teeth,
            health_assessment="1",
        )
    for child, dob in (
        ("born_29_february", "2000-02-29"),
        ("born_31_march", "1999-03-31"),
        ("born_1_april", "1999-04-01"),
    ):
        returns.add(2018, "header", child, sex="M", dob=dob, ethnic="WBRI", mother="1")
        returns.add(2018, "oc3", child, dob=dob, in_touch="YES", activ="F2", accom="U1")


def _adoptions(returns: Returns) -> None:
    returns.episode(2018, "adopted", "2016-06-01", "2017-05-01")
    returns.episode(2018, "adopted", "2017-05-01", "2017-09-01", rne="L", ls="E1")
    returns.episode(
        2018, "adopted", "2017-09-01", "2018-02-01", rne="P", ls="E1", place="A6", rec="E12"
    )
    returns.add(2018, "placed_for_adoption", "adopted", date_placed="2017-03-01")
    returns.add(
        2018,
        "ad1",
        "adopted",
        date_int="2017-03-02",
        date_match="2017-08-15",
        foster_care="0",
        nb_adoptr=2,
        sex_adoptr="MF",
        ls_adoptr="L11",
    )
    returns.episode(2018, "only_ad1", "2016-06-01", "2018-02-01", rec="E11")
    returns.add(2018, "ad1", "only_ad1", date_int="2017-03-02", foster_care="1")
    returns.add(2018, "ad1", "legal_only", date_int="2017-03-02")
    returns.episode(2018, "again", "2016-06-01", "2017-10-01")
    returns.episode(2018, "again", "2017-10-01", rne="B", ls="E1", place="A6")
    for decided, ceased in (("2017-01-10", "2017-06-01"), ("2017-08-01", None)):
        returns.add(
            2018,
            "placed_for_adoption",
            "again",
            date_placed=decided,
            date_placed_ceased=ceased,
            reason_placed_ceased="RD3" if ceased else None,
        )
    returns.episode(2018, "guardian", "2016-06-01", "2017-10-01", ls="E1", rec="E46")
    returns.episode(2018, "waiting", "2017-02-01", rne="P", ls="E1")
    carer = {"ls": "E1", "rec": "E11", "rne": "T", "place": "A5"}
    returns.episode(2018, "stayed", "2016-06-01", "2017-09-01", ls="E1")
    returns.episode(2018, "stayed", "2017-09-01", "2018-02-01", **carer)
    returns.episode(2018, "stayed_before", "2016-06-01", "2017-09-01", ls="E1", rne="L")
    returns.episode(2018, "stayed_before", "2017-09-01", "2018-02-01", **carer)
    for child in ("stayed", "stayed_before"):
        returns.add(2018, "ad1", child, date_int="2017-03-01", foster_care="1")
    returns.add(2018, "placed_for_adoption", "waiting", date_placed="2016-11-01")
    returns.add(2018, "placed_for_adoption", "waiting", date_placed="2018-04-01")


@pytest.fixture(scope="module")
def returns(tmp_path_factory: pytest.TempPathFactory) -> Returns:
    """The returns of 2017 and 2018 with a child for each trap."""
    made = Returns(tmp_path_factory.mktemp("returns"))
    for part in (_placements, _periods, _years, _facts, _adoptions):
        part(made)
    return made


@pytest.fixture(scope="module")
def march(returns: Returns) -> Result:
    """What they show at 31 March 2018."""
    return returns.convert(MARCH)


@pytest.mark.parametrize(
    ("child", "placements"),
    [
        ("same_carer", ["2017-05-01 to now: U4"]),
        ("legal_only", ["2017-05-01 to 2017-09-01: U6", "2017-09-01 to now: U6"]),
        ("other_carer", ["2017-05-01 to 2017-08-01: U6 CREQB", "2017-08-01 to now: U6"]),
        ("moved_along", ["2017-05-01 to 2017-08-01: U6", "2017-08-01 to now: U6"]),
        ("urn_differs", ["2017-05-01 to 2017-08-01: U6", "2017-08-01 to now: U6"]),
        ("urn_pending", ["2017-05-01 to now: U6"]),
        ("returned", ["2017-05-01 to now: U6", "2017-06-01 to 2017-06-10: T1"]),
        (
            "went_on",
            [
                "2017-05-01 to 2017-06-01: U6 PLACE",
                "2017-06-01 to 2017-06-10: T1",
                "2017-06-10 to now: U6",
            ],
        ),
        (
            "other_agency",
            [
                "2017-05-01 to 2017-06-01: U6 PLACE",
                "2017-06-01 to 2017-06-10: T1",
                "2017-06-10 to now: U6",
            ],
        ),
        ("in_hospital", ["2017-05-01 to 2018-03-20: U6", "2018-03-20 to now: T1"]),
        ("gap", ["2017-05-01 to 2017-08-01: U6", "2017-09-01 to now: U6"]),
    ],
)
def test_placement_is_new_where_the_carer_or_the_address_changes(
    march: Result, child: str, placements: list[str]
) -> None:
    assert march.placements(child) == placements


def test_each_episode_names_the_placement_it_is_part_of(march: Result) -> None:
    assert march.episodes("returned", "cla_episode_id", "cla_placement_id", "cla_id") == [
        ("returned-20170501", "returned-P20170501", "returned-20170501"),
        ("returned-20170601", "returned-P20170601", "returned-20170501"),
        ("returned-20170610", "returned-P20170501", "returned-20170501"),
        ("returned-20170701", "returned-P20170501", "returned-20170501"),
    ]


def test_distance_is_in_miles_and_unknown_where_the_directory_lacks_a_postcode(
    march: Result,
) -> None:
    # 43,507 m east and 9,003 m north are 44,429 m
    columns = ("clap_cla_placement_postcode", "clap_cla_placement_distance::varchar")
    assert march.of("far", "ssd_cla_placement", *columns) == [(CROYDON, "27.6000")]
    assert march.of("unknown_place", "ssd_cla_placement", *columns) == [("ZZ1 1ZZ", None)]


def test_legal_status_is_one_row_as_long_as_it_goes_on(march: Result) -> None:
    columns = ("lega_legal_status_start_date", "lega_legal_status_end_date", "lega_legal_status")
    assert march.of("legal_only", "ssd_legal_status", *columns) == [
        (date(2017, 5, 1), date(2017, 8, 1), "C1"),
        (date(2017, 8, 1), None, "C2"),
    ]
    assert march.of("gap", "ssd_legal_status", *columns) == [
        (date(2017, 5, 1), date(2017, 8, 1), "C2"),
        (date(2017, 9, 1), None, "C2"),
    ]


@pytest.mark.parametrize(
    ("child", "episodes"),
    [
        (
            "re_entry",  # the end after the year's end is kept, as an extract keeps it
            [
                ("re_entry-20170501", date(2017, 5, 1), date(2017, 8, 1), "E4A"),
                ("re_entry-20171101", date(2017, 11, 1), date(2018, 4, 12), "E8"),
            ],
        ),
        (
            "began_before",
            [
                ("began_before-20170201", None, date(2017, 8, 1), "X1"),
                ("began_before-20170201", None, None, None),
            ],
        ),
        (
            "start_refused",
            [
                ("start_refused-20170501", date(2017, 5, 1), date(2017, 8, 1), "E4A"),
                ("start_refused-20171101", None, None, None),
            ],
        ),
        (
            "gap",
            [
                ("gap-20170501", date(2017, 5, 1), date(2017, 8, 1), "X1"),
                ("gap-20170501", date(2017, 5, 1), None, None),
            ],
        ),
        (
            "closed_later",
            [("closed_later-20160501", date(2016, 5, 1), date(2017, 6, 1), "E4A")],
        ),
        (
            "corrected",  # the episode of the earlier return ends where that of the later begins
            [
                ("corrected-20160901", date(2016, 9, 1), date(2016, 12, 1), "X1"),
                ("corrected-20161201", date(2016, 12, 1), None, None),
            ],
        ),
        (
            "vanished",  # in care at the year's end: until the return begins that lacks it
            [
                ("vanished-20160501", date(2016, 5, 1), date(2017, 1, 1), "X1"),
                ("vanished-20160501", date(2016, 5, 1), date(2017, 4, 1), None),
            ],
        ),
        (
            "left_in_2017",
            [("left_in_2017-20160501", date(2016, 5, 1), date(2017, 3, 31), "E4A")],
        ),
    ],
)
def test_periods_of_care_follow_the_chain_of_episodes(
    march: Result, child: str, episodes: list[tuple[Any, ...]]
) -> None:
    found = march.episodes(
        child,
        "cla_id",
        "entered_care_date",
        "cla_episode_ceased_date",
        "cla_episode_ceased_reason",
    )
    assert found == episodes


def test_later_return_says_who_the_child_is(march: Result) -> None:
    assert march.of("closed_later", "ssd_person", "pers_ethnicity", "pers_is_mother") == [
        ("WBRI", None)
    ]
    assert march.of("born_1_april", "ssd_person", "pers_is_mother") == [("Y",)]


def test_what_was_left_out_is_counted(march: Result) -> None:
    assert march.converted.notes == [
        "1 adopted child(ren) (AD1) have no period of care that is known to have ended so",
        "1 child(ren) in care at the end of the return of 2017 are not in that of 2018",
        "1 episode(s) of the return of 2017 are superseded by that of 2018",
        "1 unaccompanied child(ren) were not in care by the month-end, or before that ceased",
        "2 episode(s) that the return of 2017 has open, or longer, end by what that of 2018 has",
        "2 review(s) lie in no period of care",
    ]


def test_unaccompanied_child_is_one_until_the_day_that_ceased(march: Result) -> None:
    columns = ("immi_immigration_status_start_date", "immi_immigration_status_end_date")
    for child, end in (("ceased", date(2017, 12, 1)), ("unaccompanied", None)):
        found = march.of(child, "ssd_immigration_status", "immi_immigration_status", *columns)
        assert found == [("UASC", date(2016, 5, 1), end)]
    assert march.of("re_entry", "ssd_immigration_status", *columns) == []


def test_review_belongs_to_the_period_of_care_it_was_held_in(march: Result) -> None:
    found = march.of(
        "re_entry",
        "ssd_cla_reviews",
        "clar_cla_review_date",
        "clar_cla_id",
        "clar_cla_review_participation",
        "clar_cla_review_cancelled",
        "clar_cla_review_due_date",
    )
    assert found == [
        (date(2017, 8, 1), "re_entry-20170501", "PN1", "N", None),
        (date(2017, 12, 24), "re_entry-20171101", "PN1", "N", None),
    ]


def test_missing_episode_open_in_one_year_ends_in_the_next(march: Result) -> None:
    assert march.of(
        "ceased",
        "ssd_missing",
        "miss_table_id",
        "miss_missing_episode_start_date",
        "miss_missing_episode_end_date",
        "miss_missing_episode_type",
    ) == [("ceased-M20170330", datetime(2017, 3, 30), datetime(2017, 4, 3), "M")]


def test_health_and_sdq_are_facts_of_each_years_end(march: Result) -> None:
    assert march.of(
        "ceased",
        "ssd_cla_health",
        "clah_health_check_date",
        "clah_health_check_type",
        "clah_health_check_status",
    ) == [
        (date(2017, 3, 31), "Dental Check", "Completed"),
        (date(2017, 3, 31), "Health Assessment", "Completed"),
        (date(2018, 3, 31), "Health Assessment", "Completed"),
    ]
    assert march.of(
        "ceased", "ssd_sdq_scores", "csdq_sdq_completed_date", "csdq_sdq_score", "csdq_sdq_reason"
    ) == [(date(2017, 3, 31), 14, None), (date(2018, 3, 31), None, "SDQ2")]


@pytest.mark.parametrize(
    ("child", "birthday"),
    [
        ("born_29_february", date(2018, 3, 1)),
        ("born_31_march", date(2018, 3, 31)),
        ("born_1_april", date(2017, 4, 1)),
    ],
)
def test_outcome_is_of_the_birthday_in_the_year_of_the_return(
    march: Result, child: str, birthday: date
) -> None:
    columns = ("birthday_date", "in_touch", "activity", "accommodation", "accommodation_suitable")
    assert march.of(child, "local_care_leaver_outcomes", *columns) == [
        (birthday, "YES", "F2", "U", "1")
    ]


def test_social_workers_are_allocated_case_workers(march: Result) -> None:
    assert march.of(
        "ceased",
        "ssd_involvements",
        "invo_professional_id",
        "invo_professional_role_id",
        "invo_involvement_start_date",
        "invo_involvement_end_date",
    ) == [("SW1", "Allocated Case Worker", date(2017, 4, 1), None)]
    assert march.converted.rows["ssd_professionals"] == 1


@pytest.mark.parametrize(
    ("child", "plans"),
    [
        # decision, reversed, placement order, matched, placed, order's type and date
        (
            "adopted",
            [("2017-03-01", None, "2017-05-01", "2017-08-15", "2017-09-01", "Adoption 2018-02-01")],
        ),
        ("only_ad1", [("2017-03-02", None, None, None, None, "Adoption 2018-02-01")]),
        (
            "again",
            [
                ("2017-01-10", "2017-06-01", None, None, None, None),
                ("2017-08-01", None, "2017-10-01", None, "2017-10-01", None),
            ],
        ),
        ("guardian", [(None, None, "2016-06-01", None, None, "Special Guardianship 2017-10-01")]),
        # the decision was made in care that began before the return; the order is as old
        ("waiting", [("2016-11-01", None, None, None, None, None)]),
        ("legal_only", []),
    ],
)
def test_permanence_is_made_of_decisions_placings_orders_and_ends(
    march: Result, child: str, plans: list[tuple[Any, ...]]
) -> None:
    found = march.of(
        child,
        "ssd_permanence",
        "perm_adm_decision_date::varchar",
        "perm_decision_reversed_date::varchar",
        "perm_placement_order_date::varchar",
        "perm_matched_date::varchar",
        "perm_placed_for_adoption_date::varchar",
        "perm_permanence_order_type || ' ' || perm_permanence_order_date",
    )
    assert found == plans


def test_adopters_are_as_ad1_has_them(march: Result) -> None:
    columns = (
        "perm_number_of_adopters",
        "perm_adopter_sex",
        "perm_adopter_legal_status",
        "perm_adopted_by_carer_flag",
    )
    assert march.of("adopted", "ssd_permanence", *columns) == [(2, "MF", "L11", "N")]
    assert march.of("only_ad1", "ssd_permanence", *columns) == [(None, None, None, "Y")]


@pytest.mark.parametrize(
    ("child", "since"),
    [
        ("adopted", None),  # by somebody else
        ("stayed", "2016-06-01"),
        ("stayed_before", None),  # the placement began before what the return shows
    ],
)
def test_child_adopted_by_the_carer_was_placed_there_before(
    march: Result, child: str, since: str | None
) -> None:
    columns = ("perm_adopted_by_carer_flag", "perm_placed_foster_carer_date::varchar")
    flag = "N" if child == "adopted" else "Y"
    assert march.of(child, "ssd_permanence", *columns) == [(flag, since)]


def test_earlier_month_end_does_not_know_what_began_later(returns: Returns) -> None:
    june = returns.convert(date(2017, 6, 30), "june")
    assert june.placements("same_carer") == ["2017-05-01 to 2017-08-01: U6"]
    assert june.placements("went_on")[0] == "2017-05-01 to 2017-06-01: U6 PLACE"
    assert june.of("re_entry", "ssd_cla_reviews", "clar_cla_review_date") == []
    assert june.of("ceased", "ssd_sdq_scores", "csdq_sdq_completed_date") == [(date(2017, 3, 31),)]
    assert june.of("born_29_february", "local_care_leaver_outcomes", "birthday_date") == []
    decision = june.of("again", "ssd_permanence", "perm_adm_decision_date", "perm_table_id")
    assert decision == [(date(2017, 1, 10), "again-20160601-D20170110")]
    assert "19 episode(s) begin after the month-end: not known yet" in june.converted.notes


def test_every_table_of_the_contract_is_written_as_the_reader_writes_it(march: Result) -> None:
    for table in contract().tables:
        text = pq.read_table(march.folder / "text" / f"{table.name}.parquet")
        assert text.column_names == ["source_row", "_ragged", *table.column_names]
        rows = march.converted.rows[table.name]
        assert text["source_row"].to_pylist() == list(range(2, rows + 2))
        typed = pq.read_table(march.folder / "typed" / f"{table.name}.parquet")
        assert typed.num_rows == rows
        for name in typed.column_names:
            if name.endswith("__unreadable"):
                assert not any(typed[name].to_pylist()), name
    assert march.converted.rows["ssd_cp_plans"] == 0


def test_modules_that_were_not_returned_leave_their_tables_empty(tmp_path: Path) -> None:
    returns = Returns(tmp_path)
    returns.episode(2016, "alone", "2015-05-01")
    returns.add(2016, "header", "alone", sex="F", dob="2000-02-29", ethnic="WBRI")
    returns.add(2016, "oc3", "alone", dob="2000-02-29", in_touch="NO", activ="0", accom="0")
    result = returns.convert(date(2016, 3, 31))
    assert {table: rows for table, rows in result.converted.rows.items() if rows} == {
        "ssd_person": 1,
        "ssd_cla_episodes": 1,
        "ssd_cla_placement": 1,
        "ssd_legal_status": 1,
        "local_care_leaver_outcomes": 1,
    }
    assert result.converted.notes == []
    columns = ("birthday_date", "accommodation", "accommodation_suitable")
    assert result.of("alone", "local_care_leaver_outcomes", *columns) == [
        (date(2016, 2, 29), "0", None)
    ]
