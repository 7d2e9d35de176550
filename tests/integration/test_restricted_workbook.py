"""The restricted workbook, read back: every child behind a figure, and only its owner reads it."""

from __future__ import annotations

import stat
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.workbook.workbook import Workbook

from cpw.reports.month.month import PublishedMonth
from cpw.reports.workbooks.figures import write_workbook
from cpw.reports.workbooks.subjects import write_restricted_workbook
from support.read_workbook import HOSTILE, all_cells, as_read, contrast, table, values
from support.report_month import indicator, month

LONG_NAMES = ("left_care_adopted_aged_5_plus_exc_uasc", "left_care_adopted_aged_5_plus_exc_other")

_SUBJECTS = """
    create table marts.kpi_subject (
        authority varchar, month varchar, kpi_id varchar, subject_type varchar,
        subject_id varchar, child_key varchar, in_numerator boolean, measure decimal(18, 4),
        weight decimal(18, 4), is_uasc boolean, sex varchar, age integer, area varchar,
        team varchar, placement_group varchar, legal_status_group varchar
    )
"""
_WORK = """
    create table marts.work_list (
        authority varchar, month varchar, as_at date, kpi_id varchar, subject_type varchar,
        subject_id varchar, child_key varchar, task varchar, due_date date,
        working_days_left integer, due_within varchar, is_uasc boolean, age integer,
        area varchar, team varchar
    )
"""


class Published:
    """A publication's two databases, made by hand: children ``P1``, ``P2`` ... as ``key-P1`` ..."""

    def __init__(self, folder: Path) -> None:
        self.restricted = folder / "it's restricted.duckdb"
        self._database = folder / "corporate_parenting.duckdb"
        with duckdb.connect(str(self._database)) as connection:
            connection.execute("create schema marts")
            connection.execute(_SUBJECTS)
            connection.execute(_WORK)
        with duckdb.connect(str(self.restricted)) as connection:
            connection.execute("create table person_key (child_key varchar, person_id varchar)")
            connection.execute(
                "create table subject_key "
                "(subject_type varchar, subject_id varchar, source_id varchar)"
            )

    def connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self._database), read_only=True)

    def _key(self, person: str, source: str, subject_type: str) -> None:
        with duckdb.connect(str(self.restricted)) as connection:
            connection.execute(
                "insert into person_key select $1, $2 where $1 not in "
                "(select child_key from person_key)",
                [f"key-{person}", person],
            )
            connection.execute(
                "insert into subject_key select $1, $2, $3 where ($1, $2) not in "
                "(select (subject_type, subject_id) from subject_key)",
                [subject_type, f"key-{source}", source],
            )

    def subject(self, kpi_id: str, person: str, source: str, counts: bool, **values: Any) -> None:
        self._key(person, source, "review")
        row = {
            "authority": "886",
            "month": "2018-06",
            "kpi_id": kpi_id,
            "subject_type": "review",
            "subject_id": f"key-{source}",
            "child_key": f"key-{person}",
            "in_numerator": counts,
            "is_uasc": False,
            "sex": "F",
            "age": 12,
            "area": "East",
            "team": "East 1",
            **values,
        }
        self._insert("kpi_subject", row)

    def work(self, person: str, due: str, left: int, within: str, **values: Any) -> None:
        self._key(person, f"R{person}", "review")
        row = {
            "authority": "886",
            "month": "2018-06",
            "kpi_id": "reviews_in_timescale",
            "subject_type": "review",
            "subject_id": f"key-R{person}",
            "child_key": f"key-{person}",
            "task": "Review",
            "due_date": due,
            "working_days_left": left,
            "due_within": within,
            "age": 12,
            "area": "East",
            "team": "East 1",
            **values,
        }
        self._insert("work_list", row)

    def _insert(self, mart: str, row: dict[str, Any]) -> None:
        with duckdb.connect(str(self._database)) as connection:
            connection.execute(
                f"insert into marts.{mart} ({', '.join(row)}) "
                f"values ({', '.join('?' for _ in row)})",
                list(row.values()),
            )


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "restricted" / "children.xlsx"


def restricted(published: Published, target: Path, of: PublishedMonth | None = None) -> Workbook:
    with published.connect() as connection:
        write_restricted_workbook(of or month(), connection, published.restricted, target)
        databases = connection.execute("select database_name from duckdb_databases()").fetchall()
        assert ("restricted_keys",) not in databases, "the way back is closed again"
    return openpyxl.load_workbook(target)


def test_only_its_owner_can_read_it(published: Published, target: Path) -> None:
    published.subject("reviews_in_timescale", "P1", "R1", True)
    restricted(published, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700
    assert list(target.parent.iterdir()) == [target]


def test_it_says_first_what_it_is_and_who_may_have_it(published: Published, target: Path) -> None:
    published.subject("reviews_in_timescale", "P1", "R1", True)
    book = restricted(published, target)
    assert book.sheetnames == ["Restricted", "Work list", "KPIs", "reviews_in_timescale"]
    about = {str(line[0].value) for line in book["Restricted"].iter_rows(min_row=3)}
    assert {"What this is", "Who may have it", "Handling"} <= about
    assert all("Restricted" in str(sheet.oddFooter.left.text) for sheet in book.worksheets)


def test_the_work_list_begins_with_the_longest_overdue(published: Published, target: Path) -> None:
    published.work("P1", "2018-07-20", 15, "20")
    published.work("P2", "2018-06-28", -1, "overdue")
    published.work("P3", "2018-07-10", 7, "10")
    published.work("P4", "2018-01-05", -120, "overdue", area="West", age=None)
    published.work("P5", "2018-07-03", 2, "5")
    published.work("P6", "2018-05-01", -40, "overdue", month="2018-05")
    published.work("P7", "2018-05-01", -40, "overdue", authority="887")
    lines = table(restricted(published, target), "Work list")
    assert [line["Person id"].value for line in lines] == ["P4", "P2", "P5", "P3", "P1"]
    first = {heading: cell.value for heading, cell in lines[0].items()}
    assert first == {
        "Indicator": "% of reviews held in time",
        "Task": "Review",
        "Person id": "P4",
        "Source id": "RP4",
        "Due date": datetime(2018, 1, 5),
        "Working days left": -120,
        "Due within": "Overdue",
        "Area": "West",
        "Team": "East 1",
        "Age": None,
    }
    words = [line["Due within"].value for line in lines[1:]]
    assert words == ["Overdue", "5 working days", "10 working days", "20 working days"]
    assert len({line["Due within"].fill.fgColor.rgb for line in lines}) == 4
    assert all(contrast(line["Due within"]) >= 4.5 for line in lines[:4])


def test_every_subject_is_on_its_sheet_once_with_the_reason(
    published: Published, target: Path
) -> None:
    for number in range(12):
        published.subject("reviews_in_timescale", f"P{number % 5}", f"R{number}", number % 3 == 0)
    published.subject("reviews_in_timescale", "P98", "R98", True, month="2018-05")
    published.subject("reviews_in_timescale", "P99", "R99", True, authority="887")
    book = restricted(published, target)
    lines = values(book, "reviews_in_timescale")
    assert Counter(line["Source id"] for line in lines) == Counter(f"R{n}" for n in range(12))
    by_source = {line["Source id"]: line for line in lines}
    assert by_source["R4"]["Person id"] == "P4"
    assert [by_source[s]["In numerator"] for s in ("R3", "R4")] == ["yes", "no"]
    assert by_source["R3"]["Why"] == "every review was held in time"
    assert by_source["R4"]["Why"] == "a review was held late or not at all"
    assert [line["In numerator"] for line in lines] == ["no"] * 8 + ["yes"] * 4
    sheet = book["reviews_in_timescale"]
    assert sheet.auto_filter.ref == sheet.dimensions == "A1:K13"
    assert str(sheet.freeze_panes) == "C2"
    (index,) = values(book, "KPIs")
    assert (index["Subjects"], index["In numerator"]) == (12, 4)


def test_who_they_are_and_what_was_measured(published: Published, target: Path) -> None:
    published.subject("days_to_match", "P1", "R1", True, measure=12.5, is_uasc=True)
    published.subject("days_to_match", "P2", "R2", True, measure=14, is_uasc=None)
    published.subject("posts_filled", "P3", "R3", True, measure=1, weight=2, child_key=None)
    means = indicator("days_to_match", measure_means="days from care to match")
    of = month(means, indicator("posts_filled", position=2))
    book = restricted(published, target, of)
    first, second = values(book, "days_to_match")
    assert (first["Days from care to match"], first["UASC"]) == (12.5, "yes")
    assert (second["Days from care to match"], second["UASC"]) == (14, None)
    assert (first["Sex"], first["Age"], first["Area"], first["Team"]) == ("F", 12, "East", "East 1")
    assert (first["Placement group"], first["Legal status group"]) == (None, None)
    (post,) = values(book, "posts_filled")
    assert (post["Person id"], post["Source id"], post["Measure"], post["Weight"]) == (
        *(None, "R3"),
        *(1, 2),
    )


def test_long_names_have_sheets_of_their_own_that_the_index_leads_to(
    published: Published, target: Path
) -> None:
    for number, kpi_id in enumerate((*LONG_NAMES, "kpis")):
        published.subject(kpi_id, f"P{number}", f"R{number}", True)
    of = month(*(indicator(kpi_id, label=kpi_id) for kpi_id in (*LONG_NAMES, "kpis", "nobody")))
    book = restricted(published, target, of)
    assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)
    assert all(len(name) <= 31 for name in book.sheetnames)
    lines = table(book, "KPIs")
    assert [line["Indicator"].value for line in lines] == [*LONG_NAMES, "kpis"]
    for number, line in enumerate(lines):
        link = line["Sheet"].hyperlink
        assert link is not None
        assert link.location == f"'{line['Sheet'].value}'!A1"
        (subject,) = values(book, str(line["Sheet"].value))
        assert subject["Source id"] == f"R{number}"


@pytest.mark.parametrize("text", HOSTILE)
def test_an_id_is_never_a_formula_or_lost(text: str, published: Published, target: Path) -> None:
    published.subject("reviews_in_timescale", "P1", text, True, team=text)
    published.subject("reviews_in_timescale", "0012", "0013", False)
    published.work("P1", "2018-07-03", 2, "5", team=text)
    book = restricted(published, target)
    assert not [c.coordinate for c in all_cells(book) if c.data_type in ("f", "e")]
    safe = text.replace("\a", "\ufffd")
    plain, line = table(book, "reviews_in_timescale")
    assert (plain["Person id"].value, plain["Source id"].value) == ("0012", "0013")
    assert as_read(line["Source id"].value) == as_read(line["Team"].value) == safe
    assert line["Source id"].quotePrefix
    assert as_read(values(book, "Work list")[0]["Team"]) == safe


def test_a_month_without_work_or_subjects_has_headers_alone(
    published: Published, target: Path
) -> None:
    book = restricted(published, target)
    assert book.sheetnames == ["Restricted", "Work list", "KPIs"]
    assert book["Work list"].max_row == book["KPIs"].max_row == 1


def test_one_that_fails_leaves_the_one_before_and_closes_the_way_back(
    published: Published, target: Path
) -> None:
    published.subject("reviews_in_timescale", "P1", "R1", True)
    restricted(published, target)
    before = target.read_bytes()
    published.work("P1", "2018-07-03", 2, "no such span")
    with published.connect() as connection:
        with pytest.raises(KeyError):
            write_restricted_workbook(month(), connection, published.restricted, target)
        databases = connection.execute("select database_name from duckdb_databases()").fetchall()
    assert ("restricted_keys",) not in databases
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]


def test_only_the_restricted_workbook_names_children(
    published: Published, target: Path, tmp_path: Path
) -> None:
    published.subject("reviews_in_timescale", "P123456", "R123456", True)
    published.work("P123456", "2018-07-03", 2, "5")
    of = month()
    named = {str(cell.value) for cell in all_cells(restricted(published, target, of))}
    write_workbook(of, tmp_path / "public.xlsx")
    public = {
        str(cell.value) for cell in all_cells(openpyxl.load_workbook(tmp_path / "public.xlsx"))
    }
    assert {"P123456", "R123456"} <= named
    assert not any("key-" in text for text in named), "ids, not pseudonyms"
    assert not [text for text in public if "123456" in text or "key-" in text]
