"""What a quality lead reads: the verdict first, counts only, and what the figures may be."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from cpw.core.errors import InputError
from cpw.core.partition import Partition
from cpw.pipeline import stages
from cpw.quality.rule_book import rule_book
from support.shared_homes import MAY, SharedHomes, copy_home, working_in
from support.warehouse import JUNE, Rows, Warehouse

pytestmark = pytest.mark.xdist_group("quality_report")

FEEDS = ("social_care", "health", "care_leavers")


class _Text(HTMLParser):
    """The text of a page, without its style."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skip = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._skip = False

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.parts.append(data)


def text_of(warehouse: Warehouse, partition: Partition = JUNE) -> str:
    parser = _Text()
    parser.feed(report(warehouse, partition))
    return re.sub(r"\s+", " ", " ".join(parser.parts))


def section(warehouse: Warehouse, heading: str, partition: Partition = JUNE) -> str:
    """The text under one of the page's headings; ``verdict`` is the band on top."""
    page = report(warehouse, partition)
    if heading == "verdict":
        part = page[page.index('aria-label="Verdict"') : page.index("</section>")]
    else:
        part = page[page.index(f'<h2 id="{heading}"') :].partition("</h2>")[2].partition("<h2 ")[0]
    parser = _Text()
    parser.feed(part)
    return re.sub(r"\s+", " ", " ".join(parser.parts))


def report(warehouse: Warehouse, partition: Partition = JUNE) -> str:
    path = warehouse.home.month(partition).quality_report
    return path.read_text(encoding="utf-8")


def spoil_scores(rows: Rows) -> None:
    """One score that cannot be, one that cannot be read, and a row that is there twice."""
    rows[0]["csdq_sdq_score"] = "41"
    rows[1]["csdq_sdq_score"] = "many"
    rows.append(dict(rows[2]))


def test_a_stopped_feed_is_the_first_thing_said(warehouse: Warehouse) -> None:
    def last_months(rows: Rows) -> None:
        rows[:] = [row for row in rows if row["clah_health_check_date"] < "2018-06-01"]

    warehouse.change("ssd_cla_health", last_months)
    assert warehouse.load("health").exit_code == 1
    verdict = section(warehouse, "verdict")
    assert "Stopped by" in verdict
    assert "Nothing is published for this month" in verdict
    assert "health data lead" in verdict


def test_owners_rules_and_counts_and_no_child(warehouse: Warehouse) -> None:
    warehouse.change("ssd_sdq_scores", spoil_scores)
    assert warehouse.load("health").exit_code == 0
    failed = section(warehouse, "failing")
    assert "ssd_sdq_scores.csdq_sdq_score.type" in failed
    assert "ssd_sdq_scores.csdq_sdq_score.range" in failed
    assert "ssd_sdq_scores.csdq_person_id.required" not in failed
    owners = section(warehouse, "owner")
    assert re.search(r"health data lead \d+ 4 0 1 4\b", owners), "1 quarantined, 4 kept"
    page = text_of(warehouse)
    for row in warehouse.rows("ssd_sdq_scores"):
        assert row["csdq_person_id"] not in page
        assert row["csdq_table_id"] not in page
    assert "http:" not in report(warehouse), "a page fetches nothing"
    assert "https:" not in report(warehouse)
    assert "<script" not in report(warehouse)


def test_the_command_writes_it_anew(warehouse: Warehouse) -> None:
    missing = warehouse.cpw("quality", "-a", "886", "-m", "2018-06")
    assert missing.exit_code == 2
    assert "no gate has run for 886/2018-06" in missing.output
    assert warehouse.load("care_leavers").exit_code == 0
    path = warehouse.home.month(JUNE).quality_report
    path.unlink()
    assert str(path) in warehouse.cpw("quality", "-a", "886", "-m", "2018-06").output
    assert path.exists()


def test_data_docs_keep_every_run_and_lead_to_the_report(
    warehouse: Warehouse,
) -> None:
    assert warehouse.load("health").exit_code == 0
    warehouse.change("ssd_sdq_scores", spoil_scores)
    assert warehouse.load("health").exit_code == 0
    folder = warehouse.home.data_docs / "886" / "2018-06"
    runs = sorted(folder.glob("history/*.html"))
    assert len(runs) == 2
    index = (folder / "index.html").read_text()
    for run in runs:
        assert f"history/{run.name}" in index
    (target,) = re.findall(r'href="([^"]*quality-report.html)"', index)
    assert (folder / target).resolve() == warehouse.home.month(JUNE).quality_report
    assert "gate_extract-health, run of " in index


def test_the_rules_are_kept_as_they_were(warehouse: Warehouse) -> None:
    assert warehouse.load("care_leavers").exit_code == 0
    kept = duckdb.sql(f"from read_parquet('{warehouse.home.rule_set(rule_book().version)}')").df()
    assert set(kept["rule_id"]) == {rule.id for rule in rule_book().rules}
    results = duckdb.sql(
        "select distinct rules_version from read_parquet("
        f"'{warehouse.home.audit}/rule_results/**/*.parquet')"
    ).fetchall()
    assert results == [(rule_book().version,)]


@pytest.fixture(scope="module")
def published(
    shared_homes: SharedHomes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """May as it should be, and June with two bad scores, published."""
    folder = tmp_path_factory.mktemp("quality") / "home"
    with working_in(copy_home(shared_homes.may_published(), folder)) as made:
        for manifest in made.home.landing.rglob("manifest.csv"):
            manifest.unlink()
        made.change("ssd_sdq_scores", spoil_scores)
        result = made.load()
        assert result.exit_code == 0, result.output
        yield made


@pytest.fixture
def copy(published: Warehouse, tmp_path: Path) -> Iterator[Warehouse]:
    """A copy of it, to change."""
    with working_in(copy_home(published.home.root, tmp_path / "home")) as made:
        yield made


def marts(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    database = warehouse.home.published / "corporate_parenting.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_what_was_published_is_said_with_its_failures(published: Warehouse) -> None:
    page = section(published, "month")
    assert "Published, version 1." in section(published, "verdict")
    assert re.search(r"2018-05 [\d,]+ 2018-06 [\d,]+", page), "the months are compared"
    assert "No rule failed." in section(published, "failing", MAY)


def test_a_clean_month_has_no_failures_and_certain_figures(published: Warehouse) -> None:
    assert (
        marts(
            published,
            "select rule_id, outcome from marts.dq_rule_result "
            "where month = '2018-05' and outcome in ('fail', 'errored')",
        )
        == []
    )
    assert (
        marts(
            published,
            "select kpi_id from marts.kpi_data_quality where month = '2018-05' "
            "and (failures > 0 or best is distinct from shown and best is not null)",
        )
        == []
    )


def test_a_home_of_an_earlier_release_goes_on(
    copy: Warehouse,
) -> None:
    """Its audit names no runs, its publication has no quality marts, nothing was kept of rows."""
    audit = copy.home.audit / "audit.jsonl"
    audit.write_text(re.sub(r'"run": "[^"]*", ', "", audit.read_text()))
    shutil.rmtree(copy.home.failures)
    database = copy.home.published / "current" / "corporate_parenting.duckdb"
    with duckdb.connect(str(database)) as connection:
        for mart in ("dq_rule_result", "dq_failure", "dq_trend", "kpi_data_quality"):
            connection.execute(f"drop table marts.{mart}")
    assert copy.cpw("scorecard", "-a", "886", "-m", "2018-06").exit_code == 0
    assert copy.cpw("quality", "-a", "886", "-m", "2018-06").exit_code == 2
    assert copy.cpw("quarantine", "list", "-a", "886").exit_code == 2
    with pytest.raises(InputError, match="Load the three feeds again"):
        stages.gate_feeds(copy.home, JUNE)
    for feed in FEEDS:
        assert copy.load(feed).exit_code == 0
    assert stages.gate_feeds(copy.home, JUNE).gate == "gate_feeds"


def test_marts_for_bi_tools_say_what_failed(published: Warehouse) -> None:
    found = marts(
        published,
        "select rule_id, rows_failed, rows_refused from marts.dq_rule_result "
        "where month = '2018-06' and outcome = 'fail' and table_name = 'ssd_sdq_scores' "
        "order by rule_id",
    )
    assert ("ssd_sdq_scores.csdq_sdq_score.type", 1, 0) in found
    assert ("ssd_sdq_scores.csdq_sdq_score.range", 1, 0) in found
    assert ("ssd_sdq_scores.repeated_row", 1, 1) in found
    assert len(found) == 4
    gates = marts(published, "select distinct gate from marts.dq_rule_result order by 1")
    assert gates == [("gate_extract",), ("gate_feeds",), ("gate_marts",)]
    trend = marts(
        published,
        "select previous_month, previous_rows_failed, rows_failed, movement, months_failing "
        "from marts.dq_trend where month = '2018-06' "
        "and rule_id = 'ssd_sdq_scores.csdq_sdq_score.type'",
    )
    assert trend == [("2018-05", 0, 1, "worse", 1)]


def test_failures_are_under_pseudonyms(published: Warehouse) -> None:
    lines = marts(
        published,
        "select record_key, child_key, is_refused from marts.dq_failure "
        "where month = '2018-06' and table_name = 'ssd_sdq_scores' order by is_refused",
    )
    assert [refused for *_, refused in lines] == [False] * 4 + [True]
    for record, child, _ in lines:
        assert re.fullmatch(r"[0-9a-f]{32}", str(record))
        assert re.fullmatch(r"[0-9a-f]{32}", str(child))


def test_the_way_back_is_in_the_restricted_database(published: Warehouse) -> None:
    database = published.home.published / "restricted.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select month, rule_id, source_row, value from quarantined_row "
            "where table_name = 'ssd_sdq_scores'"
        ).fetchall()
    last = len(published.rows("ssd_sdq_scores")) + 1
    assert [(month, rule, row) for month, rule, row, _ in rows] == [
        ("2018-06", "ssd_sdq_scores.repeated_row", last)
    ]


def test_a_figure_says_what_it_may_be(published: Warehouse) -> None:
    ((failures, best, shown, worst),) = marts(
        published,
        "select failures, best, shown, worst from marts.kpi_data_quality "
        "where month = '2018-06' and kpi_id = 'sdq_average' and cohort = 'all'",
    )
    assert failures >= 1
    assert best <= shown <= worst, "low is good"
    assert best < worst, "two scores are open"
    untouched = marts(
        published,
        "select failures from marts.kpi_data_quality "
        "where month = '2018-06' and kpi_id = 'reviews_in_timescale' and cohort = 'all'",
    )
    assert untouched == [(0,)]
    touched = section(published, "figures")
    assert "sdq_average" in touched
    assert "reviews_in_timescale" not in touched


def test_the_report_is_true_again_once_corrected(
    copy: Warehouse,
) -> None:

    def mend(rows: Rows) -> None:
        rows[0]["csdq_sdq_score"] = rows[1]["csdq_sdq_score"] = "12"
        rows.pop()

    copy.change("ssd_sdq_scores", mend)
    assert copy.load("health").exit_code == 0
    assert "Gated again since version 1 was published; not built yet." in text_of(copy)
    assert "No rule failed." in section(copy, "failing")
    stages.gate_feeds(copy.home, JUNE)
