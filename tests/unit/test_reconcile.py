"""Two sources of one month: who is in both, and why the others are not."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cpw.cli.reconcile import print_comparison
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.reconcile import page, sheet
from cpw.reconcile.compare import Comparison, Difference, Members, compare
from support.reconcile_sides import IN_CARE, MARCH, STABLE, Child, side

HEALTH = "health_assessment_in_timescale"


def of_child(found: Comparison, person_id: str, kpi_id: str, cohort: str = "all") -> Difference:
    """The one difference that a child has in an indicator."""
    own = [
        line
        for line in found.differences
        if (line.person_id, line.kpi_id, line.cohort) == (person_id, kpi_id, cohort)
    ]
    assert len(own) == 1, own
    return own[0]


def where(line: Difference) -> tuple[str, str | None, str | None]:
    return line.cause, line.table, line.column


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    return Home.from_environment()


MOVED = [("2017-02-01", "2018-01-10", "U6"), ("2018-01-10", None, "U6")]
OFTEN = {IN_CARE: True, STABLE: True}


def test_sources_that_agree_have_no_difference(tmp_path: Path) -> None:
    both = [Child("a"), Child("b", is_uasc=True)]
    found = compare(MARCH, side(tmp_path, "extract", *both), side(tmp_path, "ssda903", *both))
    assert found.differences == found.causes == ()
    assert found.cohorts == {"cic": Members(2, 0, 0), "uasc": Members(1, 0, 0)}
    of_cohort = {(line.kpi_id, line.cohort): line.members for line in found.indicators}
    assert of_cohort[STABLE, "exc_uasc"] == Members(1, 0, 0)


def test_a_child_in_one_source_alone_is_missing_in_the_other(tmp_path: Path) -> None:
    extract = side(tmp_path, "extract", Child("a"), Child("only-extract"))
    returned = side(tmp_path, "ssda903", Child("a"), Child("only-return"))
    found = compare(MARCH, extract, returned)
    assert found.cohorts["cic"] == Members(1, 1, 1)
    assert of_child(found, "only-extract", IN_CARE).cause == "missing_in_return"
    assert of_child(found, "only-return", STABLE).cause == "missing_in_extract"
    assert of_child(found, "only-return", STABLE).in_source == "ssda903"


def test_dates_that_differ_are_named_with_table_column_and_values(tmp_path: Path) -> None:
    early, late = "2018-01-10", "2018-02-20"
    extract = side(
        tmp_path,
        "extract",
        Child("a", placements=[("2017-02-01", early, "U6"), (early, None, "U6")], counts=OFTEN),
    )
    returned = side(
        tmp_path,
        "ssda903",
        Child("a", placements=[("2017-02-01", late, "U6"), (late, None, "U6")]),
    )
    found = compare(MARCH, extract, returned)
    line = of_child(found, "a", STABLE)
    assert where(line) == ("dates_differ", "ssd_cla_placement", "clap_cla_placement_start_date")
    assert (line.extract_value, line.return_value) == (early, late)
    assert (line.in_source, line.extract_answer, line.return_answer) == ("both", "yes", "no")
    assert line.further == 1  # the placement before ended on the same two days
    assert found.cohorts["cic"] == Members(1, 0, 0)


def test_codes_that_differ_are_found_where_the_dates_agree(tmp_path: Path) -> None:
    extract = side(tmp_path, "extract", Child("a", placements=[("2017-02-01", None, "K2")]))
    returned = side(tmp_path, "ssda903", Child("a", counts=OFTEN))
    line = of_child(compare(MARCH, extract, returned), "a", STABLE)
    assert where(line) == ("codes_differ", "ssd_cla_placement", "clap_cla_placement_type")
    assert (line.extract_value, line.return_value) == ("K2", "U6")


def test_a_row_that_one_source_lacks_comes_before_what_differs_in_the_others(
    tmp_path: Path,
) -> None:
    extract = side(tmp_path, "extract", Child("a", placements=MOVED, counts=OFTEN))
    returned = side(tmp_path, "ssda903", Child("a"))
    line = of_child(compare(MARCH, extract, returned), "a", STABLE)
    assert where(line) == ("row_missing_in_return", "ssd_cla_placement", None)
    assert (line.extract_value, line.return_value) == ("2018-01-10", None)


def test_only_what_the_indicator_reads_explains_it(tmp_path: Path) -> None:
    """A placement does not say whether a child is in care; the period of care does."""
    extract = side(tmp_path, "extract", Child("a", placements=MOVED), Child("b"))
    left = Child("a", until="2018-03-30", counts={STABLE: False})
    found = compare(MARCH, extract, side(tmp_path, "ssda903", left, Child("b")))
    line = of_child(found, "a", IN_CARE)
    assert where(line) == ("dates_differ", "ssd_cla_episodes", "clae_cla_episode_ceased_date")
    assert (line.extract_value, line.return_value) == (None, "2018-03-30")


def test_what_happened_after_the_month_is_no_difference(tmp_path: Path) -> None:
    extract = side(tmp_path, "extract", Child("a", until="2018-04-20", counts=OFTEN))
    found = compare(MARCH, extract, side(tmp_path, "ssda903", Child("a")))
    assert of_child(found, "a", STABLE).cause == "not_explained"


def test_a_row_in_quarantine_explains_a_child_and_names_the_rule(tmp_path: Path) -> None:
    extract = side(tmp_path, "extract", Child("a"), Child("b", placements=MOVED, counts=OFTEN))
    returned = side(
        tmp_path,
        "ssda903",
        Child("b"),
        refused=(
            ("ssda903_header", "ssda903_header.dob_valid", "a"),
            ("ssda903_episodes", "ssda903_episodes.no_overlap", "b"),
        ),
    )
    found = compare(MARCH, extract, returned)
    whole, row = of_child(found, "a", IN_CARE), of_child(found, "b", STABLE)
    assert (whole.cause, whole.rule_id) == ("refused_in_return", "ssda903_header.dob_valid")
    assert (row.cause, row.table) == ("refused_in_return", "ssd_cla_placement")
    assert row.rule_id == "ssda903_episodes.no_overlap"


def test_a_row_refused_in_both_sources_explains_nothing(tmp_path: Path) -> None:
    made_of_episodes = ("ssd_cla_episodes", "ssd_cla_placement", "ssd_legal_status")
    rows = tuple((table, f"{table}.rule", "a") for table in made_of_episodes)
    extract = side(tmp_path, "extract", Child("a", counts=OFTEN), refused=rows)
    returned = side(
        tmp_path, "ssda903", Child("a"), refused=(("ssda903_episodes", "other.rule", "a"),)
    )
    assert of_child(compare(MARCH, extract, returned), "a", STABLE).cause == "not_explained"


def test_what_ended_before_the_returns_begin_is_history(tmp_path: Path) -> None:
    moved = [("2016-02-01", "2016-09-01", "U6"), ("2016-09-01", None, "U6")]
    long_ago = Child(
        "gone", since="2015-01-01", until="2016-05-01", placements=[], counts={STABLE: False}
    )
    extract = side(tmp_path, "extract", Child("a", placements=moved, counts=OFTEN), long_ago)
    returned = side(tmp_path, "ssda903", Child("a", placements=[("2016-09-01", None, "U6")]))
    found = compare(MARCH, extract, returned, known_since=date(2017, 4, 1))
    assert where(of_child(found, "a", STABLE)) == ("history", "ssd_cla_placement", None)
    assert of_child(found, "gone", STABLE).cause == "history"


def test_a_start_before_the_returns_begin_is_history_and_another_value_is_not(
    tmp_path: Path,
) -> None:
    own = [Child(name, since="2015-06-01", counts=OFTEN) for name in ("a", "b")]
    known_later = [("2016-11-01", None, "U6")]
    other = Child("b", since="2015-06-01", placements=[("2016-11-01", None, "K2")])
    returned = side(
        tmp_path, "ssda903", Child("a", since="2015-06-01", placements=known_later), other
    )
    extract = side(tmp_path, "extract", *own)
    found = compare(MARCH, extract, returned, known_since=date(2017, 4, 1))
    column = "clap_cla_placement_start_date"
    assert where(of_child(found, "a", STABLE)) == ("history", "ssd_cla_placement", column)
    assert of_child(found, "b", STABLE).cause == "codes_differ"


def test_whom_a_source_has_not_in_care_no_indicator_asks_about(tmp_path: Path) -> None:
    """The cause is the end of the period of care, though the placements differ as well."""
    stays = Child("a", placements=[("2017-02-01", None, "K2")])
    left = Child("a", until="2018-03-30", counts={})
    extract = side(tmp_path, "extract", stays, Child("b"))
    found = compare(MARCH, extract, side(tmp_path, "ssda903", left, Child("b")))
    expected = ("dates_differ", "ssd_cla_episodes", "clae_cla_episode_ceased_date")
    assert where(of_child(found, "a", STABLE)) == expected


def test_a_figure_by_the_national_definition_says_so(tmp_path: Path) -> None:
    own = Child("a", counts={IN_CARE: True, HEALTH: True})
    other = Child("a", counts={IN_CARE: True})
    found = compare(
        MARCH,
        side(tmp_path, "extract", own, Child("b", counts=own.counts)),
        side(tmp_path, "ssda903", other, Child("b", counts=own.counts)),
    )
    assert of_child(found, "a", HEALTH).cause == "definition"
    assert {line.cause for line in found.causes} == {"definition"}


def test_who_is_unaccompanied_decides_over_the_cohort_alone(tmp_path: Path) -> None:
    extract = side(tmp_path, "extract", Child("a", is_uasc=True), Child("b"))
    returned = side(tmp_path, "ssda903", Child("a"), Child("b"))
    found = compare(MARCH, extract, returned)
    assert found.cohorts == {"cic": Members(2, 0, 0), "uasc": Members(0, 1, 0)}
    for kpi, cohort in ((IN_CARE, "uasc"), (STABLE, "exc_uasc")):
        line = of_child(found, "a", kpi, cohort)
        assert where(line) == ("row_missing_in_return", "ssd_immigration_status", None)


def test_subjects_are_matched_by_their_day_and_not_by_their_id(tmp_path: Path) -> None:
    extract = side(tmp_path, "extract", Child("a", reviews=["2017-05-01", "2017-11-02"]))
    returned = side(
        tmp_path, "ssda903", Child("a", since="2017-02-02", reviews=["2017-11-02", "2017-12-24"])
    )
    found = compare(MARCH, extract, returned)
    [line] = [
        i for i in found.indicators if (i.kpi_id, i.cohort) == ("participation_at_reviews", "all")
    ]
    assert line.members == Members(2, 0, 0)  # the other two reviews are taken for one another
    assert line.differences == 0


def test_what_a_source_cannot_know_is_not_compared(tmp_path: Path) -> None:
    kpis = {IN_CARE: True, STABLE: True}
    computed = dict.fromkeys([(k, c) for k in kpis for c in ("all", "exc_uasc")], ("computed", 1.0))
    without = computed | {
        (STABLE, "all"): ("no_source", None),
        (STABLE, "exc_uasc"): ("no_source", None),
    }
    extract = side(tmp_path, "extract", Child("a", counts=kpis), figures=computed)
    returned = side(tmp_path, "ssda903", Child("a", counts={IN_CARE: True}), figures=without)
    found = compare(MARCH, extract, returned, without_source={(STABLE, "all"): "too short"})
    assert found.differences == ()
    assert [(n.kpi_id, n.cohort, n.without) for n in found.not_compared] == [
        (STABLE, "all", "return"),
        (STABLE, "exc_uasc", "return"),
    ]
    assert found.not_compared[0].reason == "too short"
    assert {line.kpi_id for line in found.indicators} == {IN_CARE}


def test_without_a_shared_id_nothing_is_compared(tmp_path: Path) -> None:
    extract, returned = side(tmp_path, "extract", Child("a")), side(tmp_path, "ssda903", Child("b"))
    with pytest.raises(InputError, match="no child of 886/2018-03 has the same id") as stopped:
        compare(MARCH, extract, returned)
    assert stopped.value.exit_code == 2
    assert "pers_person_id" in stopped.value.remedy


def test_page_and_terminal_have_counts_and_the_list_has_children(
    tmp_path: Path, home: Home
) -> None:
    extract = side(tmp_path, "extract", Child("a"), Child("=child-x", born="2009-09-09"))
    found = compare(MARCH, extract, side(tmp_path, "ssda903", Child("a")))
    written, children = page.write(home, found), sheet.write(home, found)
    shown = StringIO()
    print_comparison(found, Console(file=shown, width=160))
    for text in (written.read_text(encoding="utf-8"), shown.getvalue()):
        assert "the child is not in the return" in text
        assert "child-x" not in text
    with children.open(newline="", encoding="utf-8") as handle:
        lines = list(csv.DictReader(handle))
    assert {line["person_id"] for line in lines} == {"'=child-x"}
    assert {line["cause"] for line in lines} == {"missing_in_return"}
    assert children.stat().st_mode & 0o777 == 0o600
    assert children.parent.stat().st_mode & 0o777 == written.parent.stat().st_mode & 0o777 == 0o700
