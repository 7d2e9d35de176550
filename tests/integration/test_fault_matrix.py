"""The fault matrix in short: a fault or two of every kind, and that the whole of it holds together.

``make faults`` tries all of them.
"""

from __future__ import annotations

import pytest

from cpw.core.home import Home
from cpw.quality.rule import DIMENSIONS, SEVERITIES
from cpw.quality.rule_book import rule_book
from support.fault_matrix import make_base, raised_without_fault, try_fault
from support.faults import FAULTS, Fault

pytestmark = pytest.mark.xdist_group("fault_matrix")

SHORT = (
    "a code in lower case",
    "an id with a letter after it",
    "dates of contact as day/month/year, the whole column",
    "the header twice, in the middle of the rows",
    "a packed file cut short",
    "every row there twice",
    "a questionnaire about a child of 3",
    "the ids of the care leavers' rows rewritten",
    "a gap between two episodes of a period of care",
    "two rows of a care leaver",
    "half the care leavers",
    "nobody in touch any more",
    "the health feed of last month sent again",
    "a rule that raises on the data",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_base(tmp_path_factory.mktemp("faults") / "base")


def test_nothing_is_raised_without_a_fault(base: Home) -> None:
    assert raised_without_fault(base) == []


@pytest.mark.parametrize("name", SHORT)
def test_a_fault_is_caught(name: str, base: Home) -> None:
    (fault,) = [fault for fault in FAULTS if fault.name == name]
    outcome = try_fault(fault, base)
    assert outcome.caught, outcome.missed


def test_a_fault_that_no_rule_would_catch_is_missed(base: Home) -> None:
    (fault,) = [fault for fault in FAULTS if fault.name == "a score of 41"]
    harmless = Fault(fault.name, fault.rule, lambda extract: extract["ssd_sdq_scores"][:1])
    assert not try_fault(harmless, base).caught


def test_every_fault_names_a_rule_that_there_is() -> None:
    known = {rule.id for rule in rule_book().rules}
    assert {fault.rule for fault in FAULTS if not fault.says} <= known
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_the_faults_cover_the_rules_kinds() -> None:
    assert len(FAULTS) >= 90
    caught_by = {fault.rule for fault in FAULTS}
    rules = [rule for rule in rule_book().rules if rule.id in caught_by]
    assert {rule.dimension for rule in rules} == set(DIMENSIONS)
    assert {rule.severity for rule in rules} == set(SEVERITIES)
