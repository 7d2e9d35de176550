"""``cpw report``: what it writes of a published month, for whom, and what it never says."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook
from typer.testing import Result

from support.read_workbook import values
from support.shared_homes import SharedHomes, copy_home, working_in
from support.warehouse import JUNE, Warehouse

pytestmark = pytest.mark.xdist_group("reports")

# What stands for people; the figures of all else are shown as they are.
_NOT_PEOPLE = ("post", "aggregate", None)


@pytest.fixture(scope="module")
def reported(
    shared_homes: SharedHomes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """A data home in which June 2018 of sixty children is published and reported."""
    folder = tmp_path_factory.mktemp("reported") / "home"
    with working_in(copy_home(shared_homes.june_published(), folder)) as made:
        reported = report(made)
        assert reported.exit_code == 0, reported.output
        yield made


def report(warehouse: Warehouse, month: str = "2018-06") -> Result:
    return warehouse.cpw("report", "--authority", "886", "--month", month)


def public_files(warehouse: Warehouse) -> list[Path]:
    root = warehouse.home.month(JUNE).reports
    private = {"restricted", "child-level"}
    files = [path for path in root.rglob("*") if path.is_file()]
    return [path for path in files if not private & set(path.relative_to(root).parts)]


def marts(warehouse: Warehouse, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse.home.published_database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_report_is_written(reported: Warehouse) -> None:
    root = reported.home.month(JUNE).reports
    for folder in (root, root / "restricted"):
        assert (folder / "panel-paper.pdf").read_bytes().startswith(b"%PDF")
        assert "Scorecard" in load_workbook(folder / "workbook.xlsx").sheetnames
        assert len(list(folder.glob("kpi/*.html"))) == 80
        for page in ("index", "demographics", "projection", "data-quality", "guidance"):
            assert (folder / f"{page}.html").exists()
    assert "Public edition" in (root / "index.html").read_text(encoding="utf-8")
    assert "Restricted" in (root / "restricted" / "index.html").read_text(encoding="utf-8")


def test_what_is_not_public_is_its_owners_alone(reported: Warehouse) -> None:
    root = reported.home.month(JUNE).reports
    for name in ("restricted", "child-level"):
        assert stat.S_IMODE((root / name).stat().st_mode) == 0o700
    subjects = root / "child-level" / "subjects.xlsx"
    assert stat.S_IMODE(subjects.stat().st_mode) == 0o600


def test_public_files_name_no_person(reported: Warehouse) -> None:
    people = {row["pers_person_id"].encode() for row in reported.rows("ssd_person")}
    keys = marts(reported, "select distinct child_key from marts.kpi_subject")
    names = people | {str(key).encode() for (key,) in keys if key}
    assert len(names) > 120
    for file in public_files(reported):
        parts = [file.read_bytes()]
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                parts = [book.read(name) for name in book.namelist()]
        assert not [name for name in names for part in parts if name in part], file.name


def test_public_workbook_has_no_count_of_people_from_1_to_4(reported: Warehouse) -> None:
    subjects = dict(marts(reported, "select kpi_id, subject from marts.dim_kpi"))
    book = load_workbook(reported.home.month(JUNE).reports / "workbook.xlsx")
    lines = [
        line
        for sheet in ("Results", "Breakdowns")
        for line in values(book, sheet)
        if subjects[line["Id"]] not in _NOT_PEOPLE
    ]
    withheld = [line for line in lines if line["Numerator"] == "[c]"]
    shown = [line for line in lines if isinstance(line["Numerator"], int | float)]
    assert len(withheld) > 100
    assert len(shown) > 100
    units = {line["Id"]: line.get("Unit") for line in values(book, "Results")}
    for line in shown:
        counts = [line["Denominator"]]
        if units[line["Id"]] != "mean":
            counts.append(line["Numerator"])
            counts.append((line["Denominator"] or 0) - line["Numerator"])
        assert not [count for count in counts if count and 0 < count < 5], line


def test_data_quality_page_counts_the_rules_as_the_gates_did(reported: Warehouse) -> None:
    outcomes = dict(
        marts(reported, "select outcome, count(*) from marts.dq_rule_result group by 1")
    )
    assert {"pass", "not_run"} <= outcomes.keys()
    page = reported.home.month(JUNE).reports / "data-quality.html"
    counts = re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>", page.read_text(encoding="utf-8"))
    told = {name: int(count.replace(",", "")) for name, count in counts}
    assert told["Rules"] == sum(outcomes.values())
    assert told["Passed"] == outcomes["pass"]
    assert told["Failed"] == outcomes.get("fail", 0)
    assert told["Nothing to check"] == outcomes["not_run"]


def test_panels_workbook_has_every_number_of_the_marts(reported: Warehouse) -> None:
    book = load_workbook(reported.home.month(JUNE).restricted_reports / "workbook.xlsx")
    found = {(line["Id"], line["Cohort"]): line["Shown"] for line in values(book, "Results")}
    known = marts(reported, "select kpi_id, cohort, cast(shown as double) from marts.kpi_result")
    assert found == {(kpi_id, cohort): shown for kpi_id, cohort, shown in known}


def test_work_list_has_every_item_by_the_ids_of_the_case_system(reported: Warehouse) -> None:
    people = {row["pers_person_id"] for row in reported.rows("ssd_person")}
    book = load_workbook(reported.home.month(JUNE).child_level_reports / "subjects.xlsx")
    lines = values(book, "Work list")
    ((items,),) = marts(reported, "select count(*) from marts.work_list")
    assert len(lines) == items > 0
    assert {line["Person id"] for line in lines} <= people


def test_missing_commentary_is_a_warning_and_written_commentary_is_shown(
    reported: Warehouse,
) -> None:
    rated = marts(reported, "select kpi_id from marts.scorecard where rag in ('A', 'R')")
    first, *others = sorted(str(kpi_id) for (kpi_id,) in rated)
    folder = reported.home.commentary / "886" / "2018-06"
    folder.mkdir(parents=True)
    (folder / f"{first}.md").write_text("Clinics were **added**.", encoding="utf-8")
    (folder / "no_such_kpi.md").write_text("Whatever.", encoding="utf-8")
    ended = report(reported)
    assert ended.exit_code == 0, ended.output
    warnings = [line for line in ended.output.splitlines() if line.startswith("warning:")]
    assert [kpi_id for kpi_id in others if not any(kpi_id in line for line in warnings)] == []
    assert not [line for line in warnings if f" {first} is" in line]
    assert any("no_such_kpi.md" in line for line in warnings)
    page = reported.home.month(JUNE).restricted_reports / "kpi" / f"{first}.html"
    assert "Clinics were <strong>added</strong>." in page.read_text(encoding="utf-8")


def test_reports_replace_those_before_and_leave_the_quality_leads(reported: Warehouse) -> None:
    root = reported.home.month(JUNE).reports
    old = root / "kpi" / "gone.html"
    old.write_text("an indicator there is no more", encoding="utf-8")
    assert report(reported).exit_code == 0
    assert not old.exists()
    assert (root / "restricted" / "quality-report.html").exists()
    assert [path.name for path in root.parent.iterdir()] == ["2018-06"]


def test_month_that_is_not_published_says_what_to_do(reported: Warehouse) -> None:
    ended = report(reported, "2018-05")
    assert ended.exit_code == 2
    assert "886/2018-05 is not published" in ended.output
    assert not reported.home.month(JUNE).reports.with_name("2018-05").exists()
