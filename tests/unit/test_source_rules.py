"""Which rules are asked of a statutory return, and which of them may stop it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cpw.contract.tables import contract
from cpw.core.partition import FEEDS
from cpw.core.paths import read_yaml
from cpw.quality.contract_rules import basic_rules
from cpw.quality.rule import Tolerance
from cpw.quality.rule_book import rule_book
from cpw.quality.source_rules import COMPARES_MONTHS, rules_for
from support.folders import RULES_OF_RETURNS

BOOK = rule_book()
OF_EXTRACTS = (*(rule for feed in FEEDS for rule in BOOK.of_feed(feed)), *BOOK.between_feeds())
DERIVED = {
    rule.id
    for table in contract().tables
    for rule in basic_rules(table, contract(), "nobody", Tolerance(0, 0.0))
}
WRITTEN = [rule for rule in OF_EXTRACTS if rule.id not in DERIVED]


def test_an_extract_is_asked_every_rule_as_it_stands() -> None:
    rules = BOOK.of_feed("social_care")

    assert rules_for("extract", rules).asked == rules
    assert rules_for("extract", rules).left_out == {}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (
            "ssd_cla_reviews.clar_cla_review_due_date.required",
            "an SSDA903 return does not contain ssd_cla_reviews.clar_cla_review_due_date",
        ),
        (
            "local_complaints.received_date.required",
            "an SSDA903 return contains nothing of local_complaints",
        ),
        (
            "ssd_cla_episodes.opens_with_s",
            "an SSDA903 return begins with its year, and not with the child's care",
        ),
        ("social_care.rows_fell.ssd_person", COMPARES_MONTHS),
        (
            "ssd_involvements.closed_without_end",
            "an SSDA903 return has the reason why a social worker was allocated, also while the "
            "worker is",
        ),
    ],
)
def test_what_a_return_cannot_answer_is_not_run_and_says_why(rule: str, reason: str) -> None:
    asked = rules_for("ssda903", [BOOK.rule(rule)])

    assert asked.left_out == {rule: reason}
    assert asked.asked == ()


@pytest.mark.parametrize(
    "rule",
    [
        "ssd_cla_episodes.clae_cla_episode_start_date.type",
        "ssd_cla_reviews.repeated_row",  # of whole rows, whichever columns they hold
        "ssd_cla_reviews.clar_cla_review_id.unique",
        "ssd_cla_episodes.periods_overlap",
    ],
)
def test_what_refuses_rows_of_an_extract_refuses_them_of_a_return(rule: str) -> None:
    assert rules_for("ssda903", [BOOK.rule(rule)]).asked == (BOOK.rule(rule),)


def test_what_is_odd_but_valid_in_a_return_is_reported_and_stops_nothing() -> None:
    rule = BOOK.rule("ssd_cla_episodes.gap")

    (asked,) = rules_for("ssda903", [rule]).asked

    assert asked.severity == "major"
    assert asked.tolerance.allows(failed=100, checked=100)
    assert not rule.tolerance.allows(failed=100, checked=100)


def test_a_critical_rule_stops_a_return_as_it_stops_an_extract() -> None:
    rule = BOOK.rule("ssd_person.has_rows")

    assert rules_for("ssda903", [rule]).asked == (rule,)


def test_of_every_rule_it_is_decided_whether_a_return_can_answer_it() -> None:
    listed = read_yaml(RULES_OF_RETURNS)
    asked = {rule.id for rule in rules_for("ssda903", WRITTEN).asked}
    answered = {rule for rules in listed.values() for rule in rules}
    undecided = sorted(asked - answered)
    assert undecided == [], "state not_of_return, or list them in tests/rules_of_returns.yml"
    assert sorted(answered - asked) == []
    tables = {rule.id: rule.table for rule in WRITTEN}
    assert {rule: table for table, rules in listed.items() for rule in rules} == {
        rule: tables[rule] for rule in answered
    }


def test_a_reason_that_a_rule_states_is_needed() -> None:
    stated = [rule for rule in OF_EXTRACTS if rule.not_of_return]
    assert len(stated) > 30
    bare = [replace(rule, not_of_return=None) for rule in stated]
    assert sorted(rules_for("ssda903", bare).left_out) == []
    assert all(rule.not_of_return.startswith(("an SSDA903 ", "the gate of ")) for rule in stated)  # type: ignore[union-attr]


def test_a_rule_that_the_return_answered_already_names_a_rule_of_its_gate() -> None:
    own = {rule.id for rule in BOOK.of_feed("ssda903")}
    named = [
        rule.not_of_return.split()[-1]
        for rule in OF_EXTRACTS
        if rule.not_of_return and rule.not_of_return.startswith("the gate of the return")
    ]
    assert named
    assert set(named) <= own


def test_what_may_stop_the_tables_made_from_a_return() -> None:
    asked = rules_for("ssda903", OF_EXTRACTS).asked
    assert {rule.id for rule in asked if rule.severity == "critical"} == {
        *(f"ssd_{table}.has_rows" for table in ("person", "cla_episodes", "cla_placement")),
        *(f"{feed}.rows_accounted_for" for feed in FEEDS),
        "whole_extract.rows_accounted_for",
    }


def test_no_extract_is_asked_a_rule_of_a_return() -> None:
    own = BOOK.of_feed("ssda903")
    assert len(own) > 200
    assert not {rule.id for rule in own} & {rule.id for rule in OF_EXTRACTS}
    assert not [rule.id for rule in own if rule.not_of_return]


def test_the_marts_of_both_sources_are_asked_every_rule() -> None:
    assert not [rule.id for rule in BOOK.of_marts() if rule.not_of_return]


ABSENT = {"sw_episodes": "SW episodes", "ad1": "AD1", "placed_for_adoption": "placed for adoption"}


@pytest.mark.parametrize(
    ("rule", "module"),
    [
        ("ssd_involvements.no_case_worker", "SW episodes"),  # its table is made from it
        ("ssd_professionals.prof_professional_id.spelling", "SW episodes"),
        ("ssd_permanence.match.after_decision", "AD1"),  # of columns
        ("ssd_permanence.reversed.reason", "placed for adoption"),
        ("ssd_cla_episodes.adopted_without_permanence", "AD1"),  # of another table's rows
    ],
)
def test_a_rule_on_a_module_that_was_not_given_is_not_run(rule: str, module: str) -> None:
    left_out = rules_for("ssda903", [BOOK.rule(rule)], ABSENT).left_out
    assert left_out == {rule: f"the module {module} was not given, or too little of it is valid"}
    assert rules_for("ssda903", [BOOK.rule(rule)], {"oc2": "OC2"}).left_out == {}


@pytest.mark.parametrize(
    "rule",
    [
        "ssd_permanence.permanence_order.type_and_date",  # of episodes
        "ssd_permanence.perm_table_id.unique",
        "ssd_involvements.invo_person_id.reference",
        "ssd_cla_placement.two_open",
    ],
)
def test_what_other_modules_tell_is_asked(rule: str) -> None:
    assert rules_for("ssda903", [BOOK.rule(rule)], ABSENT).left_out == {}
