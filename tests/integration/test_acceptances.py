"""What a rule of plausibility finds is accepted with a reason, for so many rows and so long."""

from __future__ import annotations

import json
import stat

import duckdb
import pytest
from typer.testing import Result

from cpw.core import audit
from cpw.quality import acceptances
from cpw.quality.rule_book import rule_book
from support.own_rules import OwnRules
from support.warehouse import JUNE, Rows, Warehouse

ODD = "ssd_sdq_scores.odd"
LEAD = "health data lead"


@pytest.fixture
def stopped(warehouse: Warehouse, own_rules: OwnRules) -> Warehouse:
    """A health extract in which two scores are odd, and none may be."""
    own_rules.add(
        "ssd_sdq_scores",
        id=ODD,
        severity="major",
        fails_when="csdq_sdq_score >= 39",
        tolerance={"rows": 0, "share": 0.0},
    )
    warehouse.change("ssd_sdq_scores", lambda rows: make_odd(rows, 2))
    result = warehouse.load("health")
    assert result.exit_code == 1
    assert f"{ODD} (major" in result.output
    return warehouse


def make_odd(rows: Rows, number: int) -> None:
    for row in rows[:number]:
        row["csdq_sdq_score"], row["csdq_sdq_reason"] = "39", ""


def accept(warehouse: Warehouse, *options: str, rule: str = ODD, by: str = LEAD) -> Result:
    said = ["--rule", rule, "--by", by, "--reason", "a new form is scored by hand"]
    return warehouse.cpw("quality", "accept", "-a", "886", *said, *options)


def result_of(warehouse: Warehouse, rule: str) -> tuple[object, ...]:
    """outcome, blocks, accepted_by, accepted_until of a rule's newest run."""
    found = duckdb.sql(
        "select outcome, blocks, accepted_by, accepted_until "
        f"from read_parquet('{warehouse.home.month(JUNE).rule_results}/*.parquet', "
        f"union_by_name = true) where rule_id = '{rule}' order by run_at desc limit 1"
    ).fetchone()
    assert found is not None
    return found


def test_as_many_rows_as_failed_go_through_and_one_more_stops(stopped: Warehouse) -> None:
    said = accept(stopped, "--until", "2018-09")
    assert said.exit_code == 0, said.output
    assert f"2 rows may fail {ODD}, from 2018-06 to 2018-09" in said.output
    assert stopped.load("health").exit_code == 0
    assert result_of(stopped, ODD) == ("fail", False, LEAD, "2018-09")
    stopped.change("ssd_sdq_scores", lambda rows: make_odd(rows, 3))
    result = stopped.load("health")
    assert result.exit_code == 1
    assert result_of(stopped, ODD) == ("fail", True, None, None)


def test_it_is_listed_withdrawn_and_then_stops_the_same_bytes_again(stopped: Warehouse) -> None:
    assert accept(stopped, "--month", "2018-06").exit_code == 0
    listed = stopped.cpw("quality", "accepted", "-a", "886").output
    assert ODD in listed
    assert "a new form is scored by hand" in listed
    assert stopped.load("health").exit_code == 0
    assert accept(stopped, "--withdraw").exit_code == 0
    assert "Nothing is accepted for 886" in stopped.cpw("quality", "accepted", "-a", "886").output
    assert stopped.load("health").exit_code == 1
    assert accept(stopped, "--withdraw").exit_code == 2
    kept = stopped.home.acceptances
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert [line["withdraws"] for line in lines] == [False, True]
    events = [event["event"] for event in audit.events(stopped.home)]
    assert events.count("failures_accepted") == events.count("acceptance_withdrawn") == 1


def test_it_holds_for_its_months_and_authority_alone(stopped: Warehouse) -> None:
    assert accept(stopped, "--until", "2018-09").exit_code == 0
    (one,) = acceptances.in_force(stopped.home)
    held = {str(month): one.covers(month) for month in (JUNE.other_month(n) for n in (-1, 0, 3, 4))}
    assert list(held.values()) == [False, True, True, False]
    assert acceptances.in_force(stopped.home, "887") == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "for which months"),
        (("--month", "2018-06", "--until", "2018-07"), "for which months"),
        (("--until", "2019-06"), "not one of the 12 months"),
        (("--until", "2018-05"), "not one of the 12 months"),
        (("--month", "2018-05"), "has found nothing for 886 2018-05"),
    ],
)
def test_months_that_cannot_be(stopped: Warehouse, options: tuple[str, ...], says: str) -> None:
    result = accept(stopped, *options)
    assert result.exit_code == 2
    assert says in result.output
    assert acceptances.in_force(stopped.home) == []


def test_only_a_major_rule_that_refuses_nothing_and_did_not_error(
    stopped: Warehouse, own_rules: OwnRules
) -> None:
    rules = rule_book().rules
    critical = next(rule.id for rule in rules if rule.severity == "critical")
    minor = next(rule.id for rule in rules if rule.severity == "minor")
    refusing = next(rule.id for rule in rules if rule.refuses)
    for rule, says in (
        (critical, "is critical"),
        (minor, "stops nothing"),
        (refusing, "refuses rows"),
        ("no.such", "there is no rule"),
    ):
        result = accept(stopped, "--month", "2018-06", rule=rule)
        assert result.exit_code == 2
        assert says in result.output
    assert "--by is blank" in accept(stopped, "--month", "2018-06", by=" ").output
    own_rules.replace("ssd_sdq_scores", "csdq_sdq_score >= 39", "no_such_column >= 39")
    assert stopped.load("health").exit_code == 1
    assert "the rule is broken" in accept(stopped, "--month", "2018-06").output
