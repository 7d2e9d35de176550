"""What is to be corrected is listed, released and exported, and closes by itself."""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import duckdb
import openpyxl
import pytest
from openpyxl.cell import Cell
from typer.testing import Result

from cpw.contract.tables import contract
from cpw.core import audit
from cpw.core.cell_text import cell_text
from cpw.core.home import Home
from cpw.core.partition import FEEDS
from cpw.corrections import workbook as correction_list
from cpw.pipeline import stages
from cpw.quality import failures, releases
from support.own_rules import OwnRules
from support.warehouse import JUNE, Rows, Warehouse

SCORES = "ssd_sdq_scores"
CHECKS = "ssd_cla_health"
# a rule of the test's own: a score that cannot be read refuses the row, until it is released
TYPE = f"{SCORES}.as_sent"
READ = f"{SCORES}.csdq_sdq_score.type"
KEY = f"{SCORES}.csdq_table_id.required"
CODE = f"{CHECKS}.clah_health_check_status.code"
REASON = f"{SCORES}.reason_code"
OWNER = "health data lead"
# what a spreadsheet would work out, or could not hold
FORMULA = '=HYPERLINK("http://x",1)'
ODD = "@x\x07y"
NOTHING = ", ".join(f"null::varchar as {c}" for c in failures.COLUMNS.split(", "))
EMPTY = f"select {NOTHING} limit 0"
# with these a spreadsheet takes a text for a formula
SIGNS = ["=", "+", "-", "@", "\t", "\r", "\n"]


@pytest.fixture(autouse=True)
def _refused_scores(own_rules: OwnRules) -> None:
    own_rules.add(
        SCORES,
        id=TYPE,
        description="csdq_sdq_score is a whole number",
        remedy="Write a whole number",
        column="csdq_sdq_score",
        severity="major",
        refuses=True,
        releasable=True,
        fails_when="csdq_sdq_score__unreadable is not null",
    )


@pytest.fixture
def spoiled(warehouse: Warehouse) -> Warehouse:
    """Four rows of health to correct, three of them refused: not loaded yet."""

    def scores(rows: Rows) -> None:
        rows[0]["csdq_sdq_score"] = FORMULA
        rows[1]["csdq_table_id"] = ""
        rows[2].update(csdq_sdq_score="", csdq_sdq_reason=ODD)

    warehouse.change(SCORES, scores)
    warehouse.change(CHECKS, lambda rows: rows[0].update(clah_health_check_status="-1"))
    return warehouse


@pytest.fixture(scope="class")
def formulas(tmp_path_factory: pytest.TempPathFactory, june_landing: Path) -> list[Cell]:
    """What was found, of an extract whose first scores begin with the signs of formulas."""

    def scores(rows: Rows) -> None:
        while len(rows) < len(SIGNS):
            rows.append({**rows[0], "csdq_table_id": f"more-{len(rows)}"})
        for row, sign in zip(rows, SIGNS, strict=False):
            row["csdq_sdq_score"] = f"{sign}1+1"

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_HOME", str(tmp_path_factory.mktemp("formulas") / "home"))
        made = Warehouse(Home.from_environment())
        shutil.copytree(june_landing, made.home.landing)
        made.change(SCORES, scores)
        made.load("health")
        rows = openpyxl.load_workbook(export(made))["Corrections"].iter_rows(min_row=2)
        return [row[3] for row in rows if row[13].value == READ]


def listed(warehouse: Warehouse, *options: str) -> list[list[str]]:
    """The entries, as printed: id, file, row, column, rule, shape, state."""
    result = warehouse.cpw("quarantine", "list", "-a", "886", "--entries", *options)
    assert result.exit_code == 0, result.output
    return [line.split("\t") for line in result.output.splitlines()[1:]]


def entry(warehouse: Warehouse, rule: str, *options: str) -> str:
    (found,) = listed(warehouse, "--rule", rule, *options)
    return found[0]


def states(warehouse: Warehouse, rule: str, *options: str) -> list[str]:
    return [line[-1] for line in listed(warehouse, "--rule", rule, "--status", "all", *options)]


def release(warehouse: Warehouse, *entries: str, by: str = OWNER, reason: str = "seen") -> Result:
    """Release entries; with ``--withdraw`` among them, take it back."""
    said = ["--by", by, "--reason", reason]
    return warehouse.cpw("quarantine", "release", *entries, "-a", "886", *said)


def export(warehouse: Warehouse, *options: str) -> Path:
    result = warehouse.cpw("quarantine", "export", "-a", "886", *options)
    assert result.exit_code == 0, result.output
    (path,) = warehouse.home.quarantine.rglob("*.xlsx")
    return path


def copy_month(warehouse: Warehouse, month: str) -> None:
    """Land June's files as another month's too, each without its last row."""
    landing = warehouse.home.landing / "886"
    shutil.copytree(landing / "2018-06", landing / month, dirs_exist_ok=True)
    for path in (landing / month).rglob("*.csv"):
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


class TestList:
    def test_counts_by_owner_and_rule_tell_refused_from_loaded(self, spoiled: Warehouse) -> None:
        assert spoiled.load("health").exit_code == 0
        result = spoiled.cpw("quarantine", "list", "-a", "886")
        assert result.exit_code == 0
        for rule, refused, loaded in ((TYPE, 1, 0), (KEY, 1, 0), (CODE, 1, 0), (REASON, 0, 1)):
            assert re.search(rf"{rule} +m\w+ +{refused} +{loaded} +2018-06", result.output)
        assert (
            "4 open corrections, 3 of refused rows, 1 of rows that failed and were" in result.output
        )
        refused = spoiled.cpw("quarantine", "list", "-a", "886", "--refused").output
        assert "3 open corrections" in refused
        assert REASON not in refused
        assert len(listed(spoiled, "--feed", "health", "--owner", OWNER)) == 4
        assert listed(spoiled, "--feed", "social_care") == []
        assert listed(spoiled, "--status", "closed") == []

    def test_entries_show_where_and_no_value(self, spoiled: Warehouse) -> None:
        persons = {row["csdq_person_id"] for row in spoiled.rows(SCORES)}
        assert spoiled.load("health").exit_code == 0
        (found,) = listed(spoiled, "--rule", TYPE, "--month", "2018-06")
        assert re.fullmatch("[0-9a-f]{10}", found[0])
        file = f"886/2018-06/health/{SCORES}.csv"
        assert found[1:5] == [file, "2", "csdq_sdq_score", TYPE]
        assert found[5:] == ['=AAAAAAAAA("aaaa://a",9)', "open, refused"]
        printed = str(listed(spoiled)) + spoiled.cpw("quarantine", "list", "-a", "886").output
        assert not any(person in printed for person in persons)
        assert "HYPERLINK" not in printed

    def test_rows_that_share_a_key_are_one_entry_of_two_rows(self, warehouse: Warehouse) -> None:
        def share(rows: Rows) -> None:
            rows[1].update(csdq_table_id=rows[0]["csdq_table_id"], csdq_sdq_score="1")
            rows[0]["csdq_sdq_score"] = "2"

        warehouse.change(SCORES, share)
        assert warehouse.load("health").exit_code == 0
        first, second = listed(warehouse, "--rule", f"{SCORES}.csdq_table_id.unique")
        assert first[0] == second[0]
        assert (first[2], second[2]) == ("2", "3")
        assert "2 open corrections" in warehouse.cpw("quarantine", "list", "-a", "886").output

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("-a", "999"), "authority '999' is not known"),
            (("-a", "887"), "no gate has run for authority '887'"),
            (("-a", "886", "-m", "2018-04"), "no gate has run for 886/2018-04"),
            (("-a", "886", "--feed", "housing"), "'housing' is not a feed"),
            (("-a", "886", "--owner", "nobody"), "no rule has an owner 'nobody'"),
            (("-a", "886", "--rule", "no.rule"), "there is no rule 'no.rule'"),
        ],
    )
    def test_a_slip_is_not_nothing_to_correct(
        self, warehouse: Warehouse, options: tuple[str, ...], said: str
    ) -> None:
        folder = warehouse.home.failures / JUNE.path
        folder.mkdir(parents=True)
        duckdb.sql(EMPTY).write_parquet(f"{folder}/20180701T000000000000-gate_feeds.parquet")
        result = warehouse.cpw("quarantine", "list", *options)
        assert result.exit_code == 2, result.output
        assert said in result.output


class TestRelease:
    def test_what_cannot_be_released_says_why(self, spoiled: Warehouse) -> None:
        assert spoiled.load("health").exit_code == 0
        good, key, code, kept = (entry(spoiled, rule) for rule in (TYPE, KEY, CODE, REASON))
        for wrong, said in (
            (key, f"cannot be released from {KEY}: its row cannot be loaded as it is"),
            (code, f"cannot be released from {CODE}: its row cannot be loaded as it is"),
            (kept, f"is not refused by {REASON}"),
            ("0123456789", "entry '0123456789' is not known"),
        ):
            result = release(spoiled, good, wrong)
            assert result.exit_code == 2
            assert said in result.output
        assert release(spoiled, good, by=" ").exit_code == 2
        assert "--by is blank" in release(spoiled, good, by=" ").output
        assert "--reason is blank" in release(spoiled, good, reason="").output
        assert spoiled.cpw("quarantine", "release", good, "-a", "886").exit_code == 2
        assert f"is not released from {TYPE}" in release(spoiled, "--withdraw", good).output
        assert releases.read(spoiled.home) == [], "all of them or none"
        assert audit.events(spoiled.home, event="released") == []

    def test_a_released_row_is_loaded_as_it_stands_until_it_changes(
        self, spoiled: Warehouse
    ) -> None:
        assert spoiled.load("health").exit_code == 0
        before = len(spoiled.lake(SCORES))
        found = entry(spoiled, TYPE)
        result = release(spoiled, found, reason="seen in the paper file of Ann")
        assert result.exit_code == 0
        assert "Run next: cpw load --authority 886 --month 2018-06" in result.output
        assert states(spoiled, TYPE) == ["released, refused"], "until it is loaded"
        assert "is released already" in release(spoiled, found).output
        (event,) = audit.events(spoiled.home, event="released")
        assert (event["rows"], event["rules"], event["by"]) == (1, {TYPE: 1}, OWNER)
        assert "paper file" not in spoiled.everything_written()
        restricted = spoiled.home.quarantine / "releases.jsonl"
        assert stat.S_IMODE(restricted.stat().st_mode) == 0o600

        assert spoiled.load("health").exit_code == 0
        assert len(spoiled.lake(SCORES)) == before + 1
        assert states(spoiled, TYPE) == ["released, loaded"]
        assert listed(spoiled, "--rule", TYPE) == []
        assert states(spoiled, CODE) == ["open, refused"]
        assert len(listed(spoiled, "--refused")) == 2

        result = release(spoiled, "--withdraw", found, reason="it was the paper file of Bob")
        assert result.exit_code == 0
        assert "Withdrawn: 1 entries, refused again at the next load" in result.output
        assert "Run next: cpw load --authority 886 --month 2018-06" in result.output
        assert states(spoiled, TYPE) == ["open, loaded"], "until it is loaded"
        (event,) = audit.events(spoiled.home, event="release_withdrawn")
        assert (event["rows"], event["rules"], event["by"]) == (1, {TYPE: 1}, OWNER)
        assert "is not released" in release(spoiled, "--withdraw", found).output
        assert releases.read(spoiled.home) == []
        assert len(restricted.read_text().splitlines()) == 2, "nothing is taken out"
        assert spoiled.load("health").exit_code == 0
        assert len(spoiled.lake(SCORES)) == before
        assert states(spoiled, TYPE) == ["open, refused"]

        assert release(spoiled, found).exit_code == 0
        assert len(releases.read(spoiled.home, "886")) == 1
        spoiled.change(SCORES, lambda rows: rows[0].update(csdq_sdq_score="twelve"))
        assert spoiled.load("health").exit_code == 0
        assert len(spoiled.lake(SCORES)) == before
        assert states(spoiled, TYPE) == ["open, refused"]
        assert entry(spoiled, TYPE) == found, "it is the same entry"

    def test_every_row_like_it_is_released_from_its_rules(
        self, warehouse: Warehouse, tmp_path: Path
    ) -> None:
        columns = ", ".join(f"'x' as {c}" for c in contract().table(SCORES).column_names)
        cells = tmp_path / "cells.parquet"
        source = f"select {columns}, unnest([4, 2])::integer as source_row"
        duckdb.sql(
            f"{source} union all select * replace ('y' as csdq_table_id, 3 as source_row) "
            f"from ({source} limit 1)"
        ).write_parquet(str(cells))
        (mine,) = duckdb.sql(
            f"select distinct {failures.fingerprint_sql(SCORES, 't')} from '{cells}' as t "
            "where source_row = 2"
        ).fetchall()
        one = releases.Release("", "886", "health", SCORES, TYPE, mine[0], OWNER, "seen")
        releases.add(warehouse.home, [one, replace(one, rule_id=CODE)])
        releases.add(warehouse.home, [one, replace(one, authority="887", rule_id=KEY)])
        found = releases.released_rows(warehouse.home, "886", {SCORES: cells})
        assert found == {TYPE: [2, 4], CODE: [2, 4]}
        assert releases.released_rows(warehouse.home, "886", {CHECKS: cells}) == {}
        releases.add(warehouse.home, [replace(one, withdraws=True)])
        found = releases.released_rows(warehouse.home, "886", {SCORES: cells})
        assert found == {CODE: [2, 4]}

    def test_what_else_refuses_the_row_is_said(self, spoiled: Warehouse) -> None:
        spoiled.change(SCORES, lambda rows: rows[0].update(csdq_sdq_completed_date="soon"))
        assert spoiled.load("health").exit_code == 0
        other = f"{SCORES}.csdq_sdq_completed_date.type"
        output = release(spoiled, entry(spoiled, TYPE)).output
        assert f"refused by {other} too: entry {entry(spoiled, other)}" in output


class TestExport:
    def test_a_list_for_each_owner_safe_to_open(self, spoiled: Warehouse) -> None:
        assert spoiled.load("health").exit_code == 0
        path = export(spoiled)
        assert path.parent == spoiled.home.quarantine / "corrections" / "886" / "2018-06"
        assert path.name == "corrections-886-2018-06-health-data-lead.xlsx"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        with zipfile.ZipFile(path) as packed:
            sheets = [n for n in packed.namelist() if n.startswith("xl/worksheets/")]
            assert not any(b"<f>" in packed.read(n) or b"<f " in packed.read(n) for n in sheets)
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["Summary", "Corrections"]
        sheet = book["Corrections"]
        rows = list(sheet.iter_rows(min_row=2))
        assert [(r[0].value.split("/")[-1], r[1].value, r[3].value) for r in rows] == [
            (f"{CHECKS}.csv", 2, "-1"),
            (f"{SCORES}.csv", 2, FORMULA),
            (f"{SCORES}.csv", 3, "(empty)"),
            (f"{SCORES}.csv", 4, "@x\N{REPLACEMENT CHARACTER}y"),
        ]
        texts = [cell for row in rows for cell in row if isinstance(cell.value, str)]
        assert all(cell.data_type == "s" and cell.quotePrefix for cell in texts)
        shown = dict(zip((c.value for c in sheet[1]), (c.value for c in rows[1]), strict=True))
        child = spoiled.rows(SCORES)[0]
        assert shown["Record id"] == child["csdq_table_id"]
        assert shown["Child id"] == child["csdq_person_id"]
        assert (shown["State"], shown["Rule"], shown["Since"]) == ("refused", TYPE, "2018-06")
        assert shown["Entry"] == entry(spoiled, TYPE)
        assert shown["What is expected"] == "csdq_sdq_score is a whole number"
        assert shown["What to do"] == "Write a whole number"

    def test_a_list_can_be_filtered_and_printed(self, spoiled: Warehouse) -> None:
        assert spoiled.load("health").exit_code == 0
        book = openpyxl.load_workbook(export(spoiled, "--owner", OWNER))
        sheet = book["Corrections"]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == "A1:O5"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        summary = [[cell.value for cell in row] for row in book["Summary"].iter_rows()]
        assert summary[0][0] == f"Corrections for the {OWNER}"
        assert summary[1][0].startswith("Kent (886), as of 2018-06")
        assert "4 to correct: 3 refused, 1 loaded" in summary[2][0]
        by_rule = {row[2]: row[5:7] for row in summary}
        assert [row[1] for row in summary if row[2] == TYPE] == ["Write a whole number"]
        assert by_rule[TYPE] == [1, 0]
        assert by_rule[REASON] == [0, 1]

    def test_elsewhere_and_in_several_sheets(
        self, spoiled: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert spoiled.load("health").exit_code == 0
        monkeypatch.setattr(correction_list, "ROWS_A_SHEET", 3)
        out = tmp_path / "lists"
        result = spoiled.cpw("quarantine", "export", "-a", "886", "--out", str(out))
        assert f"{OWNER}: 3 refused, 1 loaded rows in {out}" in result.output
        (path,) = out.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["Summary", "Corrections", "Corrections 2"]
        assert [sheet.max_row for sheet in book.worksheets[1:]] == [4, 2]
        assert not list(spoiled.home.quarantine.rglob("*.xlsx"))
        assert not list(spoiled.home.work.rglob("openpyxl*")), "no rows are left behind"

    @pytest.mark.parametrize("sign", SIGNS)
    def test_no_text_becomes_a_formula(self, sign: str, formulas: list[Cell]) -> None:
        cell = formulas[SIGNS.index(sign)]
        assert (cell.data_type, cell.quotePrefix) == ("s", True)
        assert cell.value == f"{sign}1+1".replace("\r", "\n")

    def test_a_row_number_is_a_number(self, spoiled: Warehouse) -> None:
        assert spoiled.load("health").exit_code == 0
        row = openpyxl.load_workbook(export(spoiled))["Corrections"][2]
        assert (row[1].value, row[1].data_type) == (2, "n")

    def test_what_a_workbook_cannot_hold(self) -> None:
        assert cell_text("a\x00b\x1fc\ufffed") == "a\ufffdb\ufffdc\ufffdd"
        assert cell_text("Zoë 😀\r\nline") == "Zoë 😀\nline"
        assert cell_text("x" * 40_000).endswith("… (40,000 characters)")
        assert len(cell_text("x" * 40_000)) < 32_767


class TestClosing:
    def test_entries_close_by_themselves_and_grow_older(self, spoiled: Warehouse) -> None:
        copy_month(spoiled, "2018-05")
        assert spoiled.load("health", "2018-05").exit_code == 0
        same = entry(spoiled, CODE)
        fixed = spoiled.rows(SCORES)
        fixed[0]["csdq_sdq_score"] = "12"
        fixed[1]["csdq_table_id"] = "SQ-NEW"
        spoiled.write(SCORES, fixed)
        assert spoiled.load("health").exit_code == 0

        (still,) = listed(spoiled, "--rule", CODE)
        assert still[0] == same, "one entry, not one a month"
        assert "/2018-06/" in still[1]
        assert states(spoiled, TYPE) == ["closed, refused"], "the later month has it no more"
        assert states(spoiled, TYPE, "--month", "2018-05") == ["closed, refused"]
        refusal = release(spoiled, listed(spoiled, "--rule", TYPE, "--status", "closed")[0][0])
        assert "is closed" in refusal.output
        assert "corrected" not in refusal.output, "its parent may have been released"
        closed = spoiled.cpw("quarantine", "list", "-a", "886", "--status", "closed").output
        assert re.search(rf"{TYPE} +major +1 +0 +2018-05\s+closed by 2018-06 \(health 1\)", closed)
        rows = list(openpyxl.load_workbook(export(spoiled))["Corrections"].values)
        since = {row[13]: (row[11], row[12]) for row in rows[1:]}
        assert since[CODE] == ("2018-05", "2018-06")

        spoiled.change(CHECKS, lambda rows: rows[0].update(clah_health_check_status="Planned"))
        spoiled.change(SCORES, lambda rows: rows[2].update(csdq_sdq_reason="SDQ1"))
        assert spoiled.load("health").exit_code == 0
        for rule in (TYPE, KEY, CODE, REASON):
            assert listed(spoiled, "--rule", rule) == []
        closed = spoiled.cpw("quarantine", "list", "-a", "886", "--status", "closed").output
        assert re.search(rf"{CODE} .*\s+closed by 2018-06 \(health 2\)", closed)
        assert not any(row[-1].endswith("refused") for row in listed(spoiled))

    def test_an_older_month_sent_again_is_not_closed_by_what_came_before(
        self, warehouse: Warehouse
    ) -> None:
        copy_month(warehouse, "2018-05")
        assert warehouse.load("health").exit_code == 0
        warehouse.change(SCORES, lambda rows: rows[0].update(csdq_sdq_score=FORMULA))
        copy_month(warehouse, "2018-05")
        assert warehouse.load("health", "2018-05").exit_code == 0
        assert "/2018-05/" in listed(warehouse, "--rule", TYPE)[0][1]

    def test_a_stopped_extract_opens_entries_and_closes_none(self, spoiled: Warehouse) -> None:
        right = spoiled.rows(SCORES)
        copy_month(spoiled, "2018-05")
        assert spoiled.load("health", "2018-05").exit_code == 0
        assert spoiled.load("health").exit_code == 0
        closed = listed(spoiled, "--status", "closed")
        other = f"{SCORES}.csdq_sdq_completed_date.type"
        cut = [right[3] | {"csdq_sdq_completed_date": "soon"}]
        spoiled.write(SCORES, cut)
        result = spoiled.load("health")
        assert result.exit_code == 1, result.output
        assert f"{SCORES}.rows_fell" in result.output
        for rule in (TYPE, KEY, other):
            assert states(spoiled, rule) == ["open, refused"]
            assert states(spoiled, rule, "--month", "2018-06") == ["open, refused"]
        assert listed(spoiled, "--status", "closed") == closed

        right[0]["csdq_sdq_score"] = "12"
        spoiled.write(SCORES, right)
        assert spoiled.load("health").exit_code == 0
        assert states(spoiled, TYPE) == states(spoiled, other) == ["closed, refused"]
        assert states(spoiled, KEY) == ["open, refused"]

    def test_a_rule_that_does_not_answer_closes_nothing(
        self, spoiled: Warehouse, own_rules: OwnRules
    ) -> None:
        assert spoiled.load("health").exit_code == 0
        own_rules.replace(SCORES, "csdq_sdq_reason not in ('SDQ1'", "no_such_column not in ('SDQ1'")
        result = spoiled.load("health")
        assert result.exit_code == 1, result.output
        assert "reason_code errored" in result.output
        assert states(spoiled, REASON) == ["open, loaded"]
        assert states(spoiled, CODE) == ["open, refused"]

    def test_rows_refused_between_the_feeds(self, warehouse: Warehouse) -> None:
        rule = f"{CHECKS}.clah_person_id.reference"
        right = warehouse.rows(CHECKS)
        warehouse.change(CHECKS, lambda rows: rows[3].update(clah_person_id="nobody"))
        for feed in FEEDS:
            result = warehouse.load(feed)
            assert result.exit_code == 0, result.output
        stages.gate_feeds(warehouse.home, JUNE)
        (found,) = listed(warehouse, "--rule", rule, "--feed", "health")
        assert found[1:4] == [f"886/2018-06/health/{CHECKS}.csv", "5", "clah_person_id"]
        assert "cannot be released" in release(warehouse, found[0]).output
        warehouse.write(CHECKS, right)
        assert warehouse.load("health").exit_code == 0
        assert states(warehouse, rule) == ["open, refused"], "not asked again yet"
        stages.gate_feeds(warehouse.home, JUNE)
        assert states(warehouse, rule) == ["closed, refused"]
        closed = warehouse.cpw("quarantine", "list", "-a", "886", "--status", "closed").output
        assert "closed by 2018-06 (care_leavers 1, health 2, social_care 1)" in closed
