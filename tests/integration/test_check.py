"""A folder of files is checked as a load would take it, and nothing is loaded."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from support.warehouse import JUNE, Warehouse


@pytest.fixture
def exports(warehouse: Warehouse, tmp_path: Path) -> Path:
    """June's files as an authority may hand them over: all in one folder."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for path in (warehouse.home.landing / str(JUNE)).glob("*/*.csv"):
        if path.name != "manifest.csv":
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def files_of(warehouse: Warehouse) -> list[str]:
    return sorted(str(path) for path in warehouse.home.root.rglob("*"))


def run(warehouse: Warehouse, folder: Path, out: Path) -> tuple[int, str, str]:
    """Exit code, output and page; whatever comes out, the data home is as it was."""
    before = files_of(warehouse)
    result = warehouse.cpw(
        "check", str(folder), "-a", "886", "-m", "2018-06", "--out", str(out / "page.html")
    )
    assert files_of(warehouse) == before
    page = out / "page.html"
    return result.exit_code, result.output, page.read_text("utf-8") if page.exists() else ""


def test_good_files_pass_and_the_page_lists_every_table(
    warehouse: Warehouse, exports: Path, tmp_path: Path
) -> None:
    (exports / "notes.txt").write_text("hand-over")
    code, output, page = run(warehouse, exports, tmp_path)
    assert code == 0, output
    assert "The gates would let this month through" in page
    assert "ssd_cla_episodes.csv" in page
    assert "notes.txt belongs to no table" in page
    persons = warehouse.rows("ssd_person")
    assert not any(row["pers_person_id"] in page for row in persons)


def test_a_row_that_would_be_refused_and_a_rule_that_would_stop(
    warehouse: Warehouse, exports: Path, tmp_path: Path
) -> None:
    rows = warehouse.rows("ssd_sdq_scores")
    with (exports / "ssd_sdq_scores.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"csdq_person_id": ""} for row in rows)
    code, output, page = run(warehouse, exports, tmp_path)
    assert code == 1, output
    assert "Would stop: " in output
    assert "A gate would stop this month" in page
    assert "Rows that would be refused" in page


def test_a_missing_table_is_unusable_and_names_the_indicators(
    warehouse: Warehouse, exports: Path, tmp_path: Path
) -> None:
    (exports / "ssd_cla_health.csv").unlink()
    code, output, page = run(warehouse, exports, tmp_path)
    assert code == 2, output
    assert "1 table(s) are missing: ssd_cla_health" in output
    assert "health_assessment_in_timescale" in page
    assert "The gate of health did not run" in page


def test_a_folder_that_is_none(warehouse: Warehouse, tmp_path: Path) -> None:
    code, output, _ = run(warehouse, tmp_path / "nothing", tmp_path)
    assert code == 2
    assert "there is no such folder" in output
    (tmp_path / "empty").mkdir()
    code, output, _ = run(warehouse, tmp_path / "empty", tmp_path)
    assert code == 2
    assert "no file of any table" in output
