"""What the reports say of a month made of statutory returns: no source is not zero."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml

from cpw.core.partition import Partition
from cpw.core.paths import DBT_PROJECT
from cpw.reports.month.month import NO_FIGURE, Figure, PublishedMonth, Topic
from cpw.reports.month.read import read_source
from cpw.reports.month.topics import read_topics
from cpw.reports.paper.paper import paper_content, write_paper
from cpw.reports.projection.project import project
from cpw.reports.site.build import Gallery, SiteContent, pages
from cpw.reports.workbooks.figures import write_workbook
from support.read_workbook import values
from support.report_month import indicator, month, without_figure
from support.small_marts import counted, database, for_the_public, of_children

JUNE = Partition.of("886", "2018-06")
REASON = "the return has no review due dates"
NOTE = "The figure follows the national definition. Nationally: one. Locally: another."


def _of_returns(**overrides: Any) -> PublishedMonth:
    """A month with an indicator without a source, one by the national definition, one as ever."""
    return month(
        without_figure(
            kpi_id="reviews_in_timescale",
            status="no_source",
            note=f"No source: {REASON}",
            no_source=REASON,
        ),
        indicator(kpi_id="sdq_average", label="SDQ", position=2, definition_note=NOTE),
        indicator(
            kpi_id="same_placement_2y",
            label="Same placement",
            position=3,
            exc_uasc=NO_FIGURE,
            lacks_exc_uasc=True,
        ),
        topics=(Topic("demographics", "Demographics", "Who they are.", (), (), ("Nationality",)),),
        **{"source": "ssda903", "previous_month": None, **overrides},
    )


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, str]]:
    """The text of each page, as a reader sees it."""
    with Gallery() as gallery:
        edition = SiteContent(_of_returns(), project([], date(2018, 6, 30)))
        gallery.add(edition)
        yield {
            page.file: " ".join(re.sub(r"<[^>]+>", " ", page.html).split())
            for page in pages(edition, gallery)
        }


def test_every_page_says_what_the_month_is_made_of(site: dict[str, str]) -> None:
    assert all("As at 30 June 2018, from SSDA903 returns." in text for text in site.values())


def test_the_index_counts_what_has_no_source(site: dict[str, str]) -> None:
    lost = "These have no data for 1 of the indicators below, which show “no source”."
    assert lost in site["index.html"]
    assert f"No source: {REASON}" in site["index.html"]
    assert "The figure follows the national definition." in site["index.html"]


def test_a_page_of_an_indicator_without_a_source_says_why(site: dict[str, str]) -> None:
    page = site["kpi/reviews_in_timescale.html"]

    assert f"No source: {REASON}. That is not the same as zero." in page
    assert "No failed check" not in page


def test_a_figure_by_the_national_definition_says_how_the_two_part(site: dict[str, str]) -> None:
    assert NOTE in site["kpi/sdq_average.html"]
    assert "definition. Nationally" not in site["kpi/same_placement_2y.html"]


def test_without_the_module_the_cohort_has_no_source(site: dict[str, str]) -> None:
    page = site["kpi/same_placement_2y.html"]

    assert "No source: the returns do not record who was an unaccompanied child." in page


def test_a_topic_names_the_tables_that_have_no_source(site: dict[str, str]) -> None:
    page = site["demographics.html"]

    assert "which have no data on these. That is not the same as zero. Nationality" in page


def test_a_month_of_extracts_says_so_and_has_no_such_words() -> None:
    with Gallery() as gallery:
        edition = SiteContent(month(indicator()), project([], date(2018, 6, 30)))
        gallery.add(edition)
        shown = {page.file: page.html for page in pages(edition, gallery)}

    assert "from the monthly extracts" in shown["index.html"]
    assert "No source" not in shown["index.html"]


def test_the_paper_says_its_source_and_why_a_line_is_empty(tmp_path: Path) -> None:
    content = paper_content(_of_returns())
    lines = {line.label: line for section in content.scorecard for line in section.lines}

    assert content.source == (
        "From SSDA903 returns, which have no data for one indicator; that does not mean zero"
    )
    assert lines["% of reviews held in time"].note == f"No source: {REASON}"
    assert lines["% of reviews held in time"].result == ""
    assert lines["SDQ"].note == "The figure follows the national definition."
    assert content.lacking == "No source: SSDA903 returns have no data on Nationality."
    write_paper(_of_returns(), tmp_path / "paper.pdf")
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")


def test_the_paper_of_a_month_of_extracts_says_its_source() -> None:
    content = paper_content(month(indicator()))

    assert content.source == "From the monthly extracts"
    assert content.lacking == ""


def test_the_workbook_says_source_status_and_reason(tmp_path: Path) -> None:
    write_workbook(_of_returns(), tmp_path / "workbook.xlsx")
    book = openpyxl.load_workbook(tmp_path / "workbook.xlsx")

    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True) if row[0]}
    assert about["Source"] == "From SSDA903 returns"
    results = {(row["Id"], row["Cohort"]): row for row in values(book, "Results")}
    lost = results["reviews_in_timescale", "all"]
    assert (lost["Status"], lost["Numerator"], lost["Shown"]) == ("no_source", None, None)
    assert lost["Why no source"] == REASON
    cohort = results["same_placement_2y", "exc_uasc"]
    assert (cohort["Status"], cohort["Shown"]) == ("no_source", None)
    assert results["same_placement_2y", "all"]["Status"] == "computed"
    notes = {row["Id"]: row["Definition of this figure"] for row in values(book, "Definitions")}
    assert notes["sdq_average"] == NOTE
    assert [(row["Table"], row["Value"]) for row in values(book, "Tables")] == [
        ("Nationality", "no source")
    ]


def test_the_public_edition_keeps_what_has_no_source_and_withholds_nothing_of_it() -> None:
    marts = database(of_children("same_placement_2y", 90, 100), counted("number_of_cic", 100))
    marts.execute(
        "insert into marts.kpi_result values "
        "('886', '2018-06', 'reviews_in_timescale', 'all', 'no_source', null, null)"
    )
    shown = for_the_public(_of_returns(), marts)

    lost = shown.indicator("reviews_in_timescale")
    assert (lost.no_source, lost.figure, lost.printed.hidden) == (REASON, NO_FIGURE, False)
    assert shown.source == "ssda903"
    assert shown.topics[0].lacking == ("Nationality",)
    assert shown.indicator("same_placement_2y").figure == Figure(90, 100, 90.0, "A")


def test_the_source_is_read_from_the_results_and_earlier_releases_knew_extracts_alone() -> None:
    marts = database(counted("number_of_cic", 100))
    assert read_source(marts, JUNE) == "extract"

    marts.execute("alter table marts.dim_kpi add column source varchar")
    assert read_source(marts, JUNE) == "extract"
    marts.execute("update marts.dim_kpi set source = 'ssda903'")
    assert read_source(marts, JUNE) == "ssda903"


def test_of_returns_the_tables_without_rows_are_named_and_of_extracts_left_out() -> None:
    marts = _empty_marts()
    marts.execute(
        "insert into marts.cic_flow by name select '886' as authority, '2018-06' as month, "
        "5 as children_before, 1 as entered, 2 as exited, 4 as children_after"
    )

    of_returns = next(
        t for t in read_topics(marts, JUNE, "ssda903") if t.topic_id == "demographics"
    )
    of_extracts = next(t for t in read_topics(marts, JUNE) if t.topic_id == "demographics")

    assert [t.table_id for t in of_returns.tables] == ["flow"]
    assert "Age" in of_returns.lacking
    assert of_extracts == replace(of_returns, lacking=())


def _empty_marts() -> duckdb.DuckDBPyConnection:
    """The marts, as the YAML beside their models describes them, without rows."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    for path in (DBT_PROJECT / "models" / "marts").glob("*.yml"):
        model = yaml.safe_load(path.read_text())["models"][0]
        columns = ", ".join(
            f"{column['name']} {column['data_type']}" for column in model["columns"]
        )
        connection.execute(f"create table marts.{model['name']} ({columns})")
    return connection
