"""Bad input ends in a clear error that says where and what to do, and loses nothing else."""

from __future__ import annotations

import gzip
import hashlib
import shutil

import duckdb
import openpyxl
import pytest

from support.warehouse import JUNE, Rows, Warehouse

HEALTH = "ssd_cla_health"


def spoil(rows: Rows, row: int, **cells: str) -> None:
    """Set cells of the row a spreadsheet numbers so (the header is 1)."""
    rows[row - 2].update(cells)


def refused(warehouse: Warehouse, rule: str) -> list[tuple[str, int]]:
    return [(table, row) for table, row, _, _, r in warehouse.quarantined() if r == rule]


class TestUnusableFiles:
    """Exit code 2: nothing was loaded, the message names file and remedy."""

    def stops(self, warehouse: Warehouse, feed: str, *said: str) -> None:
        result = warehouse.load(feed)
        assert result.exit_code == 2, result.output
        for words in said:
            assert words in result.output
        assert not warehouse.home.lake.exists()

    def test_missing_file(self, warehouse: Warehouse) -> None:
        warehouse.file(HEALTH).unlink()
        self.stops(warehouse, "health", "886/2018-06/health/", "ssd_cla_health", "Deliver a file")

    def test_missing_folder(self, warehouse: Warehouse) -> None:
        shutil.rmtree(warehouse.file(HEALTH).parent)
        self.stops(warehouse, "health", "no such folder", "Deliver the health extract")

    def test_empty_file(self, warehouse: Warehouse) -> None:
        warehouse.file(HEALTH).write_bytes(b"")
        self.stops(warehouse, "health", "health/ssd_cla_health.csv", "empty", "header")

    def test_missing_required_column(self, warehouse: Warehouse) -> None:
        rows = warehouse.rows(HEALTH)
        for row in rows:
            del row["clah_person_id"]
        warehouse.write(HEALTH, rows)
        self.stops(warehouse, "health", "ssd_cla_health.csv, row 1, column clah_person_id")

    def test_duplicated_column(self, warehouse: Warehouse) -> None:
        path = warehouse.file(HEALTH)
        path.write_text(path.read_text().replace("clah_health_check_date", "clah_person_id", 1))
        self.stops(warehouse, "health", "'clah_person_id' more than once", "row 1")

    @pytest.mark.parametrize(("sign", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
    def test_wrong_delimiter(self, warehouse: Warehouse, sign: str, word: str) -> None:
        path = warehouse.file(HEALTH)
        path.write_text(path.read_text().replace(",", sign))
        self.stops(warehouse, "health", f"separated by {word}", "Export as comma-separated")

    def test_cp1252_bytes(self, warehouse: Warehouse) -> None:
        lines = warehouse.file("ssd_sdq_scores").read_bytes().splitlines(keepends=True)
        lines[2] = lines[2].rstrip(b"\n") + b"\x92\n"
        warehouse.file("ssd_sdq_scores").write_bytes(b"".join(lines))
        self.stops(warehouse, "health", "ssd_sdq_scores.csv, row", "0x92", "UTF-8")

    def test_truncated_gzip(self, warehouse: Warehouse) -> None:
        path = warehouse.file(HEALTH)
        packed = gzip.compress(path.read_bytes())
        path.unlink()
        path.with_name("ssd_cla_health.csv.gz").write_bytes(packed[: len(packed) // 2])
        self.stops(warehouse, "health", "ssd_cla_health.csv.gz", "cut short", "Transfer it again")

    def test_quotation_mark_left_open(self, warehouse: Warehouse) -> None:
        with warehouse.file(HEALTH).open("a") as handle:
            handle.write('H1,"never closed,Dental Check\n')
        self.stops(warehouse, "health", "not valid CSV", "quotation mark")

    def test_unknown_table_file(self, warehouse: Warehouse) -> None:
        path = warehouse.file(HEALTH)
        shutil.copy(path, path.with_name("ssd_cla_helth.csv"))
        self.stops(warehouse, "health", "'ssd_cla_helth' is not a table", "ssd_cla_health")

    def test_table_of_another_feed(self, warehouse: Warehouse) -> None:
        person = warehouse.file("ssd_person")
        shutil.copy(person, warehouse.file(HEALTH).with_name("ssd_person.csv"))
        self.stops(warehouse, "health", "belongs to the social_care feed")

    def test_table_twice(self, warehouse: Warehouse) -> None:
        path = warehouse.file(HEALTH)
        path.with_name("ssd_cla_health.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        self.stops(warehouse, "health", "there are two files for table ssd_cla_health")

    def test_workbook_that_is_none(self, warehouse: Warehouse) -> None:
        path = warehouse.file(HEALTH)
        path.rename(path.with_suffix(".xlsx"))
        self.stops(warehouse, "health", "workbook cannot be opened")

    def test_manifest_of_other_bytes(self, warehouse: Warehouse) -> None:
        folder = warehouse.file(HEALTH).parent
        entries = [
            f"{path.name},{len(path.read_text().splitlines()) - 1},"
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}"
            for path in folder.glob("*.csv")
        ]
        (folder / "manifest.csv").write_text("\n".join(["file,rows,sha256", *entries]))
        with warehouse.file(HEALTH).open("a") as handle:
            handle.write("late\n")
        self.stops(warehouse, "health", "ssd_cla_health.csv", "SHA-256 differs")

    def test_manifest_names_a_file_not_there(self, warehouse: Warehouse) -> None:
        folder = warehouse.file(HEALTH).parent
        (folder / "manifest.csv").write_text("file,rows,sha256\nother.csv,1,00\n")
        self.stops(warehouse, "health", "the manifest does not name this file")

    def test_unknown_authority(self, warehouse: Warehouse) -> None:
        result = warehouse.cpw("load", "--authority", "999", "--month", "2018-06")
        assert result.exit_code == 2
        assert "authority '999' is not known" in result.output

    def test_no_month(self, warehouse: Warehouse) -> None:
        result = warehouse.cpw("load", "--authority", "886", "--month", "2018-13")
        assert result.exit_code == 2
        assert "not a reporting month" in result.output

    def test_no_feed(self, warehouse: Warehouse) -> None:
        assert warehouse.load("housing").exit_code == 2


class TestRefusedRows:
    """The bad row is quarantined and named, every other row is loaded."""

    def refuses(
        self, warehouse: Warehouse, feed: str, rule: str, rows: list[int], *said: str
    ) -> None:
        table = rule.split(".")[0]
        before = len(warehouse.rows(table))
        result = warehouse.load(feed)
        assert result.exit_code == 0, result.output
        assert refused(warehouse, rule) == [(table, row) for row in rows]
        assert len(warehouse.lake(table)) == before - len(rows)
        for words in said:
            assert words in result.output

    def test_ragged_row(self, warehouse: Warehouse) -> None:
        lines = warehouse.file(HEALTH).read_text().splitlines()
        lines[4] += ",one,too,many"
        warehouse.file(HEALTH).write_text("\n".join(lines) + "\n")
        self.refuses(
            warehouse,
            "health",
            "ssd_cla_health.row_shape",
            [5],
            "ssd_cla_health.csv, row 5: expected: Every row has as many cells as the header",
        )

    def test_day_first_date(self, warehouse: Warehouse) -> None:
        table, column = "ssd_involvements", "invo_involvement_start_date"
        warehouse.change(table, lambda r: spoil(r, 3, **{column: "31/05/2018"}))
        self.refuses(
            warehouse,
            "social_care",
            f"{table}.{column}.type",
            [3],
            f"row 3, column {column}: found 99/99/9999",
            "YYYY-MM-DD",
        )
        assert "31/05/2018" in {value for *_, value, _ in warehouse.quarantined()}
        assert "31/05/2018" not in warehouse.everything_written()

    def test_30_february(self, warehouse: Warehouse) -> None:
        table, column = "ssd_involvements", "invo_involvement_start_date"
        warehouse.change(table, lambda r: spoil(r, 2, **{column: "2018-02-30"}))
        self.refuses(warehouse, "social_care", f"{table}.{column}.type", [2])

    def test_code_outside_its_set(self, warehouse: Warehouse) -> None:
        warehouse.change(HEALTH, lambda r: spoil(r, 9, clah_health_check_status="Done"))
        self.refuses(
            warehouse,
            "health",
            "ssd_cla_health.clah_health_check_status.code",
            [9],
            "found Aaaa",
            "health_check_status",
        )

    def test_required_value_missing(self, warehouse: Warehouse) -> None:
        warehouse.change(HEALTH, lambda r: spoil(r, 4, clah_person_id=""))
        self.refuses(warehouse, "health", "ssd_cla_health.clah_person_id.required", [4])

    def test_key_twice_refuses_both(self, warehouse: Warehouse) -> None:
        def share_a_key(rows: Rows) -> None:
            spoil(rows, 3, clah_health_check_id=rows[5]["clah_health_check_id"])

        warehouse.change(HEALTH, share_a_key)
        self.refuses(warehouse, "health", "ssd_cla_health.clah_health_check_id.unique", [3, 7])

    def test_row_repeated_whole_keeps_one(self, warehouse: Warehouse) -> None:
        warehouse.change(HEALTH, lambda rows: rows.append(dict(rows[0])))
        last = len(warehouse.rows(HEALTH)) + 1
        self.refuses(warehouse, "health", "ssd_cla_health.repeated_row", [last])
        assert refused(warehouse, "ssd_cla_health.clah_health_check_id.unique") == []

    def test_three_rows_of_a_key_two_of_them_equal(self, warehouse: Warehouse) -> None:
        def three(rows: Rows) -> None:
            rows.append(dict(rows[0]))
            rows.append({**rows[0], "clah_health_check_status": "Refused"})

        warehouse.change(HEALTH, three)
        last = len(warehouse.rows(HEALTH)) + 1
        self.refuses(
            warehouse, "health", "ssd_cla_health.clah_health_check_id.unique", [2, last - 1, last]
        )

    def test_end_before_start(self, warehouse: Warehouse) -> None:
        table = "ssd_involvements"
        start = warehouse.rows(table)[0]["invo_involvement_start_date"]
        earlier = f"{int(start[:4]) - 1}{start[4:]}"
        warehouse.change(table, lambda r: spoil(r, 2, invo_involvement_end_date=earlier))
        self.refuses(
            warehouse, "social_care", "ssd_involvements.invo_involvement_end_date.order", [2]
        )

    def test_end_equal_to_start_is_valid(self, warehouse: Warehouse) -> None:
        table = "ssd_involvements"
        start = warehouse.rows(table)[0]["invo_involvement_start_date"]
        warehouse.change(table, lambda r: spoil(r, 2, invo_involvement_end_date=start))
        assert warehouse.load("social_care").exit_code == 0
        assert warehouse.quarantined() == []

    def test_orphan_reference(self, warehouse: Warehouse) -> None:
        table = "ssd_cla_reviews"
        warehouse.change(table, lambda r: spoil(r, 6, clar_cla_id="NO-SUCH-PERIOD"))
        self.refuses(
            warehouse,
            "social_care",
            "ssd_cla_reviews.clar_cla_id.reference",
            [6],
            "names a valid row of ssd_cla_episodes",
        )

    def test_birth_date_in_the_future_takes_what_names_the_person(
        self, warehouse: Warehouse
    ) -> None:
        reviewed = warehouse.rows("ssd_cla_reviews")[0]["clar_cla_id"]
        person = next(
            row["clae_person_id"]
            for row in warehouse.rows("ssd_cla_episodes")
            if row["clae_cla_id"] == reviewed
        )

        def unborn(rows: Rows) -> None:
            next(r for r in rows if r["pers_person_id"] == person)["pers_dob"] = "2018-09-01"

        warehouse.change("ssd_person", unborn)
        result = warehouse.load("social_care")
        assert len(refused(warehouse, "ssd_person.pers_dob.not_in_future")) == 1
        named = [
            r["clae_cla_episode_id"]
            for r in warehouse.rows("ssd_cla_episodes")
            if r["clae_person_id"] == person
        ]
        gone = refused(warehouse, "ssd_cla_episodes.clae_person_id.reference")
        assert len(gone) == len(named) > 0
        assert refused(warehouse, "ssd_cla_reviews.clar_cla_id.reference")
        assert result.exit_code in (0, 1)

    def test_birth_62_days_after_the_month_is_valid(self, warehouse: Warehouse) -> None:
        warehouse.change("ssd_person", lambda r: spoil(r, 2, pers_dob="2018-08-31"))
        warehouse.load("social_care")
        assert refused(warehouse, "ssd_person.pers_dob.not_in_future") == []

    def test_overlapping_period_refuses_the_later(self, warehouse: Warehouse) -> None:
        def overlap(rows: Rows) -> None:
            first = next(r for r in rows if not r["clae_cla_episode_ceased_date"])
            again = {**first, "clae_cla_episode_id": "OVERLAP-E", "clae_cla_id": "OVERLAP"}
            rows.append({**again, "clae_cla_episode_start_date": "2018-06-20"})

        warehouse.change("ssd_cla_episodes", overlap)
        last = len(warehouse.rows("ssd_cla_episodes")) + 1
        self.refuses(warehouse, "social_care", "ssd_cla_episodes.periods_overlap", [last])

    def test_period_may_start_on_the_day_another_ends(self, warehouse: Warehouse) -> None:
        def adjoin(rows: Rows) -> None:
            ended = next(
                r
                for r in reversed(rows)
                if r["clae_cla_episode_ceased_date"]
                and r["clae_cla_episode_ceased_reason"] != "X1"
                and not any(
                    o["clae_person_id"] == r["clae_person_id"]
                    and o["clae_cla_id"] != r["clae_cla_id"]
                    for o in rows
                )
            )
            day = ended["clae_cla_episode_ceased_date"]
            rows.append(
                {
                    **ended,
                    "clae_cla_episode_id": "AGAIN-E",
                    "clae_cla_id": "AGAIN",
                    "clae_cla_episode_start_date": day,
                    "clae_cla_episode_ceased_date": day,
                }
            )

        warehouse.change("ssd_cla_episodes", adjoin)
        assert warehouse.load("social_care").exit_code == 0
        assert warehouse.quarantined() == []

    def test_rows_in_are_rows_loaded_and_rows_quarantined(self, warehouse: Warehouse) -> None:
        def several(rows: Rows) -> None:
            spoil(rows, 2, clah_person_id="", clah_health_check_status="?")
            spoil(rows, 3, clah_health_check_type="Eyes")

        warehouse.change(HEALTH, several)
        assert warehouse.load("health").exit_code == 0
        rows = {row for _, row, *_ in warehouse.quarantined()}
        assert rows == {2, 3}
        assert len(warehouse.quarantined()) == 3
        assert len(warehouse.lake(HEALTH)) + len(rows) == len(warehouse.rows(HEALTH))


class TestKeptRows:
    """A cell that may be empty costs no row: it is read as empty, and listed for correction."""

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("31/05/2018", "clah_health_check_date.type"),
            ("2018-02-30", "clah_health_check_date.type"),
            ("1900-01-01", "clah_health_check_date.placeholder"),
            ("#N/A", "clah_health_check_date.type"),
        ],
    )
    def test_date_that_is_none(self, warehouse: Warehouse, text: str, rule: str) -> None:
        warehouse.change(HEALTH, lambda r: spoil(r, 3, clah_health_check_date=text))
        before = len(warehouse.rows(HEALTH))
        result = warehouse.load("health")
        assert result.exit_code == 0, result.output
        assert warehouse.quarantined() == []
        assert len(warehouse.lake(HEALTH)) == before
        files = warehouse.home.lake / HEALTH / JUNE.path
        assert duckdb.sql(
            f"select clah_health_check_date from '{files}/*.parquet' where source_row = 3"
        ).fetchall() == [(None,)]
        assert (HEALTH, 3, f"{HEALTH}.{rule}") in {
            (table, row, id) for table, row, *_, id in warehouse.to_correct()
        }
        if "/0" in text or "-02-" in text:  # what stands for none is named in the rules
            assert text not in warehouse.everything_written()


class TestStoppedFeeds:
    """Exit code 1: a gate stops the feed; the message names the rule and its rows."""

    def stops(self, warehouse: Warehouse, feed: str, *said: str) -> None:
        result = warehouse.load(feed)
        assert result.exit_code == 1, result.output
        for words in said:
            assert words in result.output
        assert not warehouse.home.lake.exists()

    def test_all_dates_day_first(self, warehouse: Warehouse) -> None:
        def day_first(rows: Rows) -> None:
            for row in rows:
                year, month, day = row["csdq_sdq_completed_date"].split("-")
                row["csdq_sdq_completed_date"] = f"{day}/{month}/{year}"

        warehouse.change("ssd_sdq_scores", day_first)
        self.stops(
            warehouse,
            "health",
            "ssd_sdq_scores.csdq_sdq_completed_date.type (major",
            "ssd_sdq_scores.csv, row 2",
            "YYYY-MM-DD",
        )

    def test_no_person_at_all(self, warehouse: Warehouse) -> None:
        warehouse.write("ssd_person", [])
        self.stops(warehouse, "social_care", "ssd_person.has_rows (critical")

    def test_extract_of_another_month(self, warehouse: Warehouse) -> None:
        later = warehouse.home.landing / "886" / "2019-06"
        shutil.copytree(warehouse.home.landing / "886" / "2018-06", later)
        result = warehouse.load("social_care", month="2019-06")
        assert result.exit_code == 1
        assert "social_care.shows_month (critical" in result.output
        assert "belongs to another month" in result.output

    def test_load_before_stays(self, warehouse: Warehouse) -> None:
        assert warehouse.load("health").exit_code == 0
        before = warehouse.lake(HEALTH)
        warehouse.change(
            HEALTH, lambda rows: [r.update(clah_health_check_type="Eyes") for r in rows]
        )
        assert warehouse.load("health").exit_code == 1
        assert warehouse.lake(HEALTH) == before


class TestValid:
    """What looks odd and is valid."""

    def test_header_only_where_the_table_may_be_empty(self, warehouse: Warehouse) -> None:
        warehouse.write("local_complaints", [])
        assert warehouse.load("social_care").exit_code == 0
        assert warehouse.lake("local_complaints") == []

    def test_quoted_newline_and_blank_lines(self, warehouse: Warehouse) -> None:
        warehouse.change("local_establishment", lambda r: spoil(r, 2, area="North\nand West"))
        with warehouse.file("local_establishment").open("a") as handle:
            handle.write("\n\n")
        assert warehouse.load("social_care").exit_code == 0
        assert "North and West" in warehouse.lake("local_establishment")[0], "one place is one name"

    def test_row_numbers_after_a_quoted_newline_are_the_spreadsheets(
        self, warehouse: Warehouse
    ) -> None:
        def newline_then_fault(rows: Rows) -> None:
            spoil(rows, 2, area="North\nand West")
            spoil(rows, 4, qualified="maybe")

        warehouse.change("local_establishment", newline_then_fault)
        assert warehouse.load("social_care").exit_code == 0
        assert refused(warehouse, "local_establishment.qualified.code") == [
            ("local_establishment", 4)
        ]

    def test_byte_order_mark_other_order_and_unknown_columns(self, warehouse: Warehouse) -> None:
        before = sorted(map(str, warehouse.rows(HEALTH)))
        rows = [
            {
                "pupil_upn": "A123456789012",
                **dict(reversed(row.items())),
                "nhs_number": "9434765919",
            }
            for row in warehouse.rows(HEALTH)
        ]
        warehouse.write(HEALTH, rows)
        text = warehouse.file(HEALTH).read_text()
        warehouse.file(HEALTH).write_text(text, encoding="utf-8-sig")
        assert warehouse.load("health").exit_code == 0
        assert len(warehouse.lake(HEALTH)) == len(before)
        for path in warehouse.home.root.rglob("*"):
            if path.is_file() and "landing" not in path.parts:
                content = path.read_bytes()
                assert b"9434765919" not in content
                assert b"A123456789012" not in content

    def test_gzip_and_workbook_load_as_csv_does(self, warehouse: Warehouse) -> None:
        assert warehouse.load("health").exit_code == 0
        before = {t: warehouse.lake(t) for t in (HEALTH, "ssd_sdq_scores", "local_initial_health")}
        path = warehouse.file(HEALTH)
        path.with_name("ssd_cla_health.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
        for table in ("ssd_sdq_scores", "local_initial_health"):
            as_workbook(warehouse, table)
        result = warehouse.load("health")
        assert result.exit_code == 0, result.output
        assert "load version 2" in result.output
        assert {table: warehouse.lake(table) for table in before} == before

    def test_workbook_with_timestamps(self, warehouse: Warehouse) -> None:
        assert warehouse.load("social_care").exit_code == 0
        before = warehouse.lake("ssd_missing")
        as_workbook(warehouse, "ssd_missing")
        assert warehouse.load("social_care").exit_code == 0
        assert warehouse.lake("ssd_missing") == before
        assert before


def as_workbook(warehouse: Warehouse, table: str) -> None:
    """Turn a table's CSV into a workbook whose dates and numbers are such."""
    from datetime import datetime

    from cpw.contract.tables import contract

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    columns = contract().table(table).columns
    sheet.append([column.name for column in columns])
    for row in warehouse.rows(table):
        cells: list[object] = []
        for column in columns:
            text = row[column.name]
            if not text:
                cells.append(None)
            elif column.type in ("date", "timestamp"):
                cells.append(datetime.fromisoformat(text))
            elif column.type in ("integer", "number"):
                cells.append(float(text))
            else:
                cells.append(text)
        sheet.append(cells)
    book.save(warehouse.file(table).with_suffix(".xlsx"))
    warehouse.file(table).unlink()
