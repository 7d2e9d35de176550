"""Which rules are asked of a statutory return, and which of them may stop it."""

from __future__ import annotations

import pytest

from cpw.quality.rule_book import rule_book
from cpw.quality.source_rules import rules_for

BOOK = rule_book()


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
