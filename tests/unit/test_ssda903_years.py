"""Returns of several years put together: what a later one corrects, and what it does not."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb

from cpw.ingest.returns.conversion import convert
from support.made_returns import Result, Returns


def test_child_whom_the_later_return_lacks_is_in_care_until_it_begins(tmp_path: Path) -> None:
    returns = Returns(tmp_path)
    returns.episode(2017, "gone", "2016-06-01")
    returns.episode(2018, "other", "2017-06-01")

    at_the_years_end = returns.convert(date(2017, 3, 31), "march")
    a_day_later = returns.convert(date(2017, 4, 30), "april")

    ended = "cla_episode_ceased_date"
    assert at_the_years_end.episodes("gone", "cla_id", ended) == [("gone-20160601", None)]
    assert a_day_later.episodes("gone", "cla_id", ended) == [("gone-20160601", date(2017, 4, 1))]


def test_episode_refused_in_the_later_return_stays_as_the_earlier_has_it(tmp_path: Path) -> None:
    returns = Returns(tmp_path)
    returns.episode(2017, "kept", "2016-06-01")
    returns.episode(2018, "other", "2017-06-01")
    valid = {}
    returns.convert(date(2018, 3, 31), "first")  # writes the modules
    for year in (2017, 2018):
        valid[year] = tmp_path / "gated" / str(year) / "valid"
        shutil.copytree(tmp_path / str(year), valid[year])
    sent = valid[2018].parent / "typed" / "ssda903_episodes.parquet"
    sent.parent.mkdir()
    duckdb.sql(
        f"copy (select 'kept' as child, date '2016-06-01' as decom) to '{sent}' (format parquet)"
    )

    result = Result(tmp_path / "out", convert(valid, date(2018, 3, 31), tmp_path / "out"))

    assert result.episodes("kept", "cla_id") == [("kept-20160601",)]


def test_social_worker_the_next_return_has_otherwise_ends_where_that_one_begins(
    tmp_path: Path,
) -> None:
    returns = Returns(tmp_path)
    returns.episode(2017, "child", "2016-01-05")
    returns.episode(2018, "child", "2016-01-05")
    returns.add(2017, "sw_episodes", "child", sw_id="W1", sw_decom="2016-01-05")
    returns.add(
        2017, "sw_episodes", "child", sw_id="W0", sw_decom="2015-01-05", sw_dec="2016-01-05"
    )
    returns.add(2018, "sw_episodes", "child", sw_id="W1", sw_decom="2016-01-07")

    march = returns.convert(date(2018, 3, 31))

    assert march.of(
        "child", "ssd_involvements", "invo_professional_id", "invo_involvement_start_date::varchar"
    ) == [("W0", "2015-01-05"), ("W1", "2016-01-05"), ("W1", "2016-01-07")]
    assert march.of("child", "ssd_involvements", "invo_involvement_end_date::varchar") == [
        ("2016-01-05",),
        ("2016-01-07",),
        (None,),
    ]


def test_birthday_of_an_outcome_is_that_of_the_header(tmp_path: Path) -> None:
    returns = Returns(tmp_path)
    returns.episode(2018, "child", "2017-06-01")
    for child in ("blank", "other"):
        returns.add(2018, "header", child, sex="F", dob="1998-05-15", ethnic="WBRI")
    returns.add(2018, "oc3", "blank", in_touch="YES")
    returns.add(2018, "oc3", "other", dob="1998-06-15", in_touch="YES")

    march = returns.convert(date(2018, 3, 31))

    for child in ("blank", "other"):
        assert march.of(child, "local_care_leaver_outcomes", "birthday_date") == [
            (date(2017, 5, 15),)
        ]


def test_child_not_born_by_the_month_end_is_not_known_yet(tmp_path: Path) -> None:
    returns = Returns(tmp_path)
    returns.add(2018, "header", "baby", sex="F", dob="2018-01-10", ethnic="WBRI")
    returns.episode(2018, "baby", "2018-01-20")
    returns.episode(2018, "child", "2017-06-01")

    assert (
        returns.convert(date(2017, 12, 31), "before").of("baby", "ssd_person", "pers_person_id")
        == []
    )
    assert returns.convert(date(2018, 1, 31), "after").of(
        "baby", "ssd_person", "pers_person_id"
    ) == [("baby",)]


def test_development_check_and_flags_of_0_become_no_health_check(tmp_path: Path) -> None:
    returns = Returns(tmp_path)
    returns.episode(2018, "under 5", "2017-03-01")
    returns.add(2018, "oc2", "under 5", health_check="1", teeth_check="0", health_assessment=None)

    march = returns.convert(date(2018, 3, 31))

    assert march.of("under 5", "ssd_cla_health", "clah_health_check_type") == []
