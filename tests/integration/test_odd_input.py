"""Odd files, names, places and half-done runs: still a clear end, and nothing lost or shown."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from rich.markup import escape

from cpw.core import audit
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.ingest import extract
from cpw.pipeline import stages
from support.warehouse import JUNE, Rows, Warehouse

HEALTH = "ssd_cla_health"


def stops(warehouse: Warehouse, *said: str) -> None:
    result = warehouse.load("health")
    assert result.exit_code == 2, result.output
    for words in said:
        assert words in result.output
    assert not warehouse.home.lake.exists()


def as_workbook(warehouse: Warehouse, change: Callable[[dict[str, bytes]], object]) -> int:
    """Save a table as a workbook, change its parts, and say how many rows it has."""
    rows = warehouse.rows(HEALTH)
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append([value or None for value in row.values()])
    path = warehouse.file(HEALTH).with_suffix(".xlsx")
    book.save(path)
    warehouse.file(HEALTH).unlink()
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return len(rows)


class TestFiles:
    def test_row_and_column_of_a_byte_that_is_not_utf8(self, warehouse: Warehouse) -> None:
        lines = warehouse.file(HEALTH).read_bytes().split(b"\n")
        lines[400] = re.sub(rb"(Dental|Health)", b"D\xe9", lines[400])
        warehouse.file(HEALTH).write_bytes(b"\n".join(lines))
        stops(warehouse, "ssd_cla_health.csv, row 401, column clah_health_check_type", "0xe9")

    def test_utf16(self, warehouse: Warehouse) -> None:
        path = warehouse.file(HEALTH)
        path.write_bytes(path.read_text().encode("utf-16"))
        stops(warehouse, "row 1", "looks like UTF-16")

    def test_header_left_out_shows_no_childs_value(self, warehouse: Warehouse) -> None:
        lines = warehouse.file(HEALTH).read_text().splitlines()
        lines[0] = "CHILD-17,CHILD-17,Dental Check,2018-06-01,Completed"
        warehouse.file(HEALTH).write_text("\n".join(lines))
        stops(warehouse, "row 1", "missing from the header")
        assert "child-17" not in warehouse.everything_written().lower()

    def test_columns_without_a_name_are_left_out(self, warehouse: Warehouse) -> None:
        path = warehouse.file(HEALTH)
        path.write_text("\n".join(line + ",," for line in path.read_text().splitlines()))
        result = warehouse.load("health")
        assert result.exit_code == 0, result.output
        assert "(without a name)" in result.output

    @pytest.mark.parametrize("place", ["folder", "link to nothing"])
    def test_no_file(self, warehouse: Warehouse, place: str) -> None:
        path = warehouse.file(HEALTH)
        path.unlink()
        if place == "folder":
            path.mkdir()
        else:
            path.symlink_to("/nowhere/at/all")
        stops(warehouse, "health/ssd_cla_health.csv", "this is not a file but a folder")

    def test_file_changed_while_it_is_read(
        self, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = extract.find_files

        def then_more(*arguments: object) -> object:
            files = found(*arguments)  # type: ignore[arg-type]
            with warehouse.file(HEALTH).open("a") as handle:
                handle.write("LATE,P1,Dental Check,2018-06-01,Completed\n")
            return files

        monkeypatch.setattr(extract, "find_files", then_more)
        stops(warehouse, "ssd_cla_health.csv", "changed while it was read")


class TestWorkbooks:
    def test_a_sheet_that_gives_its_size_wrong_is_read_whole(self, warehouse: Warehouse) -> None:
        def shrink(parts: dict[str, bytes]) -> None:
            name = "xl/worksheets/sheet1.xml"
            parts[name] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:E9"', parts[name])

        rows = as_workbook(warehouse, shrink)
        assert warehouse.load("health").exit_code == 0
        assert len(warehouse.lake(HEALTH)) == rows

    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
    @pytest.mark.parametrize("left", [0, 400])
    def test_damaged(self, warehouse: Warehouse, part: str, left: int) -> None:
        as_workbook(warehouse, lambda parts: parts.update({part: parts[part][:left]}))
        stops(warehouse, "ssd_cla_health.xlsx", "damaged")


class TestManifests:
    @pytest.mark.parametrize(
        ("header", "line", "said"),
        [
            ("file,rows,sha256", "{name},²,{sha}", "row 5, column rows"),
            ("file,rows,sha256", "{name}," + "9" * 5000 + ",{sha}", "row 5, column rows"),
            ("sha256,file,rows", "{sha},{name}", "row 5, column rows"),
            ("sha256,rows,file", "{sha},1", "row 5, column file"),
            ("file,rows,sha256", "ssd_sdq_scores.csv,1,{sha}", "ssd_sdq_scores.csv twice"),
        ],
    )
    def test_entry_that_cannot_be_read(
        self, warehouse: Warehouse, header: str, line: str, said: str
    ) -> None:
        folder = warehouse.file(HEALTH).parent
        lines = []
        for path in sorted(folder.glob("*.csv")):
            facts = {
                "file": path.name,
                "rows": str(len(path.read_text().splitlines()) - 1),
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            lines.append(",".join(facts[name] for name in header.split(",")))
        lines = [text for text in lines if f"{HEALTH}.csv" not in text]
        odd = line.format(name=f"{HEALTH}.csv", sha="0" * 64)
        (folder / "manifest.csv").write_text("\n".join([header, *lines, odd]))
        stops(warehouse, "health/manifest.csv", said)


class TestMessages:
    def test_the_rule_of_a_refused_row_is_named(self, warehouse: Warehouse) -> None:
        warehouse.change(HEALTH, lambda r: r[1].update(clah_health_check_status="[/]"))
        result = warehouse.load("health")
        assert result.exit_code == 0, result.output
        assert "found [/];" in result.output
        assert "[ssd_cla_health.clah_health_check_status.code]" in result.output

    def test_column_and_file_named_like_markup(self, warehouse: Warehouse) -> None:
        path = warehouse.file(HEALTH)
        lines = path.read_text().splitlines()
        path.write_text("\n".join([f"{lines[0]},[/red] x", *(f"{line},y" for line in lines[1:])]))
        result = warehouse.load("health")
        assert result.exit_code == 0, result.output
        assert "[/red] x" in result.output
        path.with_name("\\[bold]x.csv").touch()
        assert "'\\[bold]x' is not a table" in warehouse.load("health").output

    def test_feed_named_like_markup(self, warehouse: Warehouse) -> None:
        result = warehouse.load("[/]")
        assert result.exit_code == 2, result.output
        assert escape("'[/]' is not a feed").replace("\\", "") in result.output


class TestPlaces:
    def test_data_home_that_is_a_file(
        self, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "file"))
        result = warehouse.load("health")
        assert result.exit_code == 2
        assert "Not a directory" in result.output

    def test_data_home_with_a_sign_of_sql(
        self, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "o'brien"))
        result = warehouse.load("health")
        assert result.exit_code == 2
        assert "Set WAREHOUSE_HOME" in result.output

    def test_lake_that_cannot_be_written(self, warehouse: Warehouse) -> None:
        warehouse.home.lake.touch()
        assert warehouse.load("health").exit_code == 2
        warehouse.home.lake.unlink()
        assert warehouse.load("health").exit_code == 0
        assert len(warehouse.lake(HEALTH)) == len(warehouse.rows(HEALTH))


class TestHalfDone:
    def test_half_a_line_in_the_audit(self, warehouse: Warehouse) -> None:
        warehouse.load("health")
        before = audit.events(warehouse.home)
        with (warehouse.home.audit / "audit.jsonl").open("a") as handle:
            handle.write('{"at": "2018", "event": "feed_acc')
        assert audit.events(warehouse.home) == before
        assert "unchanged" in warehouse.load("health").output
        warehouse.change(HEALTH, lambda rows: rows.pop())
        assert "load version 2" in warehouse.load("health").output
        assert len(audit.events(warehouse.home)) > len(before)

    def test_lake_written_again_after_a_kill(
        self, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home: Home = warehouse.home
        stages.read_extract(home, JUNE, "health")
        with pytest.raises(InputError, match="not gated"):
            stages.write_lake(home, JUNE, "health")
        stages.gate_extract(home, JUNE, "health")
        with monkeypatch.context() as patch:
            patch.setattr(audit, "record", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                stages.write_lake(home, JUNE, "health")
        assert stages.write_lake(home, JUNE, "health").changed
        assert len(warehouse.lake(HEALTH)) == len(warehouse.rows(HEALTH))
        with pytest.raises(InputError, match="Read it first"):
            stages.write_lake(home, JUNE, "health")


def test_a_period_refused_for_its_placement_costs_no_other(warehouse: Warehouse) -> None:
    """A period that falls by its references, two steps away, does not overlap what stays."""

    def first_falls(rows: Rows) -> None:
        open_one = next(r for r in rows if not r["clae_cla_episode_ceased_date"])
        fallen = {**open_one, "clae_cla_id": "FALLS", "clae_cla_episode_id": "FALLS-E"}
        fallen |= {
            "clae_cla_episode_start_date": "2001-01-01",
            "clae_cla_placement_id": "FALLS-P",
        }
        rows.append(fallen)

    def placement(rows: Rows) -> None:
        rows.append({**rows[-1], "clap_cla_placement_id": "FALLS-P", "clap_cla_id": "NOBODYS"})

    warehouse.change("ssd_cla_episodes", first_falls)
    warehouse.change("ssd_cla_placement", placement)
    warehouse.load("social_care")
    rules = {rule for *_, rule in warehouse.quarantined()}
    assert rules == {
        "ssd_cla_placement.clap_cla_id.reference",
        "ssd_cla_episodes.clae_cla_placement_id.reference",
    }
