"""A gate stops what it must, says why, and tells a broken rule from bad data."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cpw.pipeline import stages
from support.own_rules import OwnRules
from support.warehouse import JUNE, Warehouse


def results(warehouse: Warehouse, rule: str) -> list[tuple[str, bool, int]]:
    """outcome, blocks, rows_failed of each run of a rule, oldest first."""
    folder = warehouse.home.audit / "rule_results"
    return duckdb.sql(
        f"select outcome, blocks, rows_failed from read_parquet('{folder}/**/*.parquet') "
        f"where rule_id = '{rule}' order by run_at"
    ).fetchall()


@pytest.mark.parametrize(
    "broken",
    [
        {"fails_when": "no_such_column > 1"},
        {"fails_when": "cast(csdq_person_id as integer) > 1"},
        {"failing_rows": "select source_row from no_such_table"},
        {"rows": "select * from valid.ssd_sdq_scores", "fails_when": "no_such_column > 1"},
    ],
    ids=["column", "cast", "query", "units"],
)
def test_a_rule_that_raises_is_errored_and_stops(
    warehouse: Warehouse, own_rules: OwnRules, broken: dict[str, object]
) -> None:
    own_rules.add("ssd_sdq_scores", id="ssd_sdq_scores.broken", **broken)
    result = warehouse.load("health")
    assert result.exit_code == 1
    assert "ssd_sdq_scores.broken errored" in result.output
    assert "The rule is broken, not the data" in result.output
    assert results(warehouse, "ssd_sdq_scores.broken") == [("errored", True, 0)]
    assert results(warehouse, "ssd_sdq_scores.csdq_table_id.required")[0][0] == "pass"
    persons = {row["csdq_person_id"] for row in warehouse.rows("ssd_sdq_scores")}
    assert not any(person in warehouse.everything_written() for person in persons)


def test_a_major_rule_stops_above_its_tolerance_only(
    warehouse: Warehouse, own_rules: OwnRules
) -> None:
    scores = len(warehouse.rows("ssd_sdq_scores"))
    rule = {
        "id": "ssd_sdq_scores.odd",
        "severity": "major",
        "fails_when": "csdq_sdq_score >= 0",
        "tolerance": {"rows": scores, "share": 0.0},
    }
    own_rules.add("ssd_sdq_scores", **rule)
    assert warehouse.load("health").exit_code == 0
    assert results(warehouse, "ssd_sdq_scores.odd")[0][:2] == ("fail", False)
    assert len(warehouse.lake("ssd_sdq_scores")) == scores, "a rule that refuses none removed a row"
    own_rules.replace("ssd_sdq_scores", f"rows: {scores}", "rows: 1")
    result = warehouse.load("health")
    assert result.exit_code == 1
    assert "ssd_sdq_scores.odd (major" in result.output


def test_a_minor_rule_is_reported_and_never_stops(
    warehouse: Warehouse, own_rules: OwnRules
) -> None:
    own_rules.add(
        "ssd_sdq_scores",
        id="ssd_sdq_scores.minor",
        severity="minor",
        fails_when="csdq_sdq_score >= 0",
    )
    assert warehouse.load("health").exit_code == 0
    (outcome, blocks, failed) = results(warehouse, "ssd_sdq_scores.minor")[0]
    assert (outcome, blocks) == ("fail", False)
    assert failed > 0


def test_a_rule_on_a_table_without_rows_is_not_run(warehouse: Warehouse) -> None:
    warehouse.write("local_complaints", [])
    assert warehouse.load("social_care").exit_code == 0
    rule = "local_complaints.received_date.type"
    assert results(warehouse, rule) == [("not_run", False, 0)]


def test_changed_rules_gate_the_same_bytes_again(warehouse: Warehouse, own_rules: OwnRules) -> None:
    assert warehouse.load("health").exit_code == 0
    own_rules.add(
        "ssd_sdq_scores",
        id="ssd_sdq_scores.new",
        fails_when="csdq_sdq_score > -1",
    )
    assert warehouse.load("health").exit_code == 1


def test_data_docs_show_rules_and_counts_and_no_child(warehouse: Warehouse) -> None:
    assert warehouse.load("health").exit_code == 0
    page = warehouse.home.data_docs / "886" / "2018-06" / "gate_extract-health.html"
    text = page.read_text()
    assert "csdq_sdq_completed_date is a date as YYYY-MM-DD" in text
    for row in warehouse.rows("ssd_sdq_scores"):
        assert row["csdq_person_id"] not in text
    assert "http" not in text, "a page fetches nothing"
    month = (page.parent / "index.html").read_text()
    assert 'href="gate_extract-health.html"' in month
    assert "2018-06/index.html" in (warehouse.home.data_docs / "index.html").read_text()


def test_a_feed_that_is_not_in_the_lake(warehouse: Warehouse) -> None:
    from cpw.core.errors import InputError

    assert warehouse.load("health").exit_code == 0
    assert not stages.month_is_complete(warehouse.home, JUNE)
    with pytest.raises(InputError, match="the lake has no social_care, care_leavers"):
        stages.gate_feeds(warehouse.home, JUNE)


def test_nothing_is_written_outside_the_data_home(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.chdir(scratch)
    assert warehouse.load("health").exit_code == 0
    assert list(scratch.iterdir()) == []
