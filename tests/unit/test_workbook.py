"""The workbook, read back: numbers are numbers, text is text, and what is withheld is nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook.workbook import Workbook

from cpw.reports.month.month import (
    WITHHELD,
    Audience,
    Figure,
    Group,
    PrintedResult,
    PublishedMonth,
    Topic,
    TopicColumn,
    TopicRow,
    TopicTable,
    TrendPoint,
)
from cpw.reports.workbooks.figures import write_workbook
from support.read_workbook import HOSTILE, all_cells, as_read, contrast, table, values
from support.report_month import indicator, month, without_figure

DATA_SHEETS = ("Scorecard", "Results", "Trend", "Breakdowns", "Tables", "Definitions")


def written(of: PublishedMonth, folder: Path) -> Workbook:
    target = folder / "workbook.xlsx"
    write_workbook(of, target)
    return openpyxl.load_workbook(target)


def full_month(**overrides: Any) -> PublishedMonth:
    reviews = indicator(
        printed=PrintedResult("98.8%", "G"),
        figure=Figure(1533, 1551, 98.8, "G"),
        outturn=PrintedResult("1,605", "R"),
        national_result="63",
        national_basis="England, 2016/17",
        exc_uasc=Figure(1290, 1300, 99.2, "G"),
        trend=(
            TrendPoint("2018-03", Figure(9, 10, 90.0)),
            TrendPoint("2018-06", Figure(1533, 1551, 98.8)),
        ),
        exc_uasc_trend=(TrendPoint("2018-05", Figure(9, 10, 91.5)),),
        groups=(Group("area", "East", Figure(500, 504, 99.2)),),
    )
    count = indicator(
        "number_of_cic",
        position=2,
        unit="count",
        target=None,
        floor=None,
        printed=PrintedResult("1,605", None),
        figure=Figure(1605, None, 1605),
    )
    noted = without_figure(kpi_id="external_one", position=3, note="Not collected in this edition")
    other = indicator("staff_mean", position=None, unit="mean", figure=Figure(41.25, 2, 20.6))
    ages = TopicTable(
        table_id="ages",
        title="Age",
        population="children_in_care",
        dimension="age",
        adds_up=True,
        columns=(
            TopicColumn("All", "count"),
            TopicColumn("Share", "derived", 1, "%"),
            TopicColumn("Target", "fact"),
            TopicColumn("Since", "fact"),
        ),
        rows=(
            TopicRow("4", (7.0, 12.5, 3.0, "May"), "0-4"),
            TopicRow("5", (None, None, 2.0, None)),
        ),
        total=TopicRow("All children", (7.0, None, None, None)),
    )
    topic = Topic("demographics", "Demographics", "Who they are.", (ages,), ())
    return month(reviews, count, noted, other, **{"topics": (topic,), **overrides})


def test_every_sheet_of_data_has_one_header_row_and_prints_well(tmp_path: Path) -> None:
    book = written(full_month(), tmp_path)
    assert book.sheetnames == ["About", *DATA_SHEETS]
    for name in DATA_SHEETS:
        sheet = book[name]
        assert str(sheet.freeze_panes) == ("C2" if name == "Trend" else "A2")
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$1"
        assert all(cell.value and cell.font.bold for cell in sheet[1])
        assert len({cell.value for cell in sheet[1]}) == sheet.max_column
    assert book.properties.title == "Corporate parenting scorecard, Kent, June 2018"


def test_the_scorecard_is_as_printed_and_its_numbers_are_numbers(tmp_path: Path) -> None:
    lines = table(written(full_month(), tmp_path), "Scorecard")
    assert [line["Id"].value for line in lines] == [
        "reviews_in_timescale",
        "number_of_cic",
        "external_one",
    ]
    first = {heading: cell.value for heading, cell in lines[0].items()}
    assert (first["Result"], first["Numerator"], first["Denominator"]) == (98.8, 1533, 1551)
    assert (first["Target"], first["Floor"], first["RAG"]) == (95, 85, "G")
    assert (first["Direction"], first["Previous"], first["Previous RAG"]) == ("Improved", 88, "A")
    assert (first["Outturn"], first["Outturn RAG"]) == (1605, "R")
    assert (first["Benchmark"], first["Benchmark basis"]) == (63, "England, 2016/17")
    assert [first[f"{what} without UASC"] for what in ("Result", "Numerator", "Denominator")] == [
        99.2,
        1290,
        1300,
    ]
    assert lines[0]["Result"].number_format == '#,##0.0"%"'
    assert lines[0]["Target"].number_format == '#,##0"%"'
    assert lines[0]["Benchmark"].number_format == '#,##0"%"'
    assert lines[1]["Result"].number_format == "#,##0"
    assert lines[1]["Denominator"].value is None
    assert lines[2]["Note"].value == "Not collected in this edition"
    assert lines[2]["Result"].value is None


def test_words_printed_in_place_of_a_figure_stay_words(tmp_path: Path) -> None:
    words = without_figure(printed=PrintedResult("See note 2", None), national_result="n/a")
    (line,) = values(written(month(words), tmp_path), "Scorecard")
    assert (line["Result"], line["Benchmark"]) == ("See note 2", "n/a")


@pytest.mark.parametrize("rag", ["G", "A", "R"])
def test_a_rag_is_a_letter_that_can_be_read_on_its_colour(rag: Any, tmp_path: Path) -> None:
    (line,) = table(
        written(month(indicator(printed=PrintedResult("90.0%", rag))), tmp_path), "Scorecard"
    )
    assert line["RAG"].value == rag
    assert contrast(line["RAG"]) >= 4.5


def test_results_and_trends_hold_both_cohorts(tmp_path: Path) -> None:
    book = written(full_month(), tmp_path)
    results = {(line["Id"], line["Cohort"]): line for line in values(book, "Results")}
    assert results["reviews_in_timescale", "exc_uasc"]["Shown"] == 99.2
    assert results["staff_mean", "all"]["Numerator"] == 41.25
    assert ("number_of_cic", "exc_uasc") not in results
    trends = {(line["Id"], line["Cohort"]): line for line in values(book, "Trend")}
    months = ("2018-03", "2018-05", "2018-06")
    assert list(trends["reviews_in_timescale", "all"])[-3:] == list(months)
    assert [trends["reviews_in_timescale", "all"][m] for m in months] == [90, None, 98.8]
    assert [trends["reviews_in_timescale", "exc_uasc"][m] for m in months] == [None, 91.5, None]


def test_breakdowns_tables_and_definitions_are_whole(tmp_path: Path) -> None:
    book = written(full_month(), tmp_path)
    (group,) = values(book, "Breakdowns")
    assert (group["Dimension"], group["Value"], group["Shown"]) == ("area", "East", 99.2)
    lines = table(book, "Tables")
    assert len(lines) == 12  # three rows, the total among them, of four columns
    assert [cell.value for cell in lines[1].values()] == [
        *("Demographics", "Age", "4", "0-4", "Share", 12.5)
    ]
    assert lines[1]["Value"].number_format == '#,##0.0"%"'
    assert lines[3]["Value"].value == "May"
    assert lines[8]["Row"].value == "All children"
    definitions = values(book, "Definitions")
    assert [line["Id"] for line in definitions][-1] == "staff_mean", "not printed, but defined"
    assert definitions[0]["Lead role"] == "Head of Children in Care Teams"


def test_what_is_withheld_is_marked_and_no_number_is_left(tmp_path: Path) -> None:
    hidden = PrintedResult(None, None, hidden=True)
    withheld = indicator(
        printed=hidden,
        figure=WITHHELD,
        previous=hidden,
        before=WITHHELD,
        outturn=hidden,
        exc_uasc=WITHHELD,
        trend=(TrendPoint("2018-06", WITHHELD),),
        groups=(Group("area", "East", WITHHELD),),
    )
    (topic,) = full_month().topics
    rows = (TopicRow("4", (None, None, 3.0, "May"), hidden=True),)
    ages = replace(topic.tables[0], rows=rows, total=None)
    topics = (replace(topic, tables=(ages,)),)
    book = written(month(withheld, topics=topics, audience=Audience.PUBLIC), tmp_path)
    (line,) = values(book, "Scorecard")
    shown = ("Result", "RAG", "Numerator", "Denominator", "Previous", "Outturn")
    assert {line[heading] for heading in shown} == {"[c]"}
    assert table(book, "Scorecard")[0]["Numerator"].alignment.horizontal == "right"
    assert line["Numerator without UASC"] == "[c]"
    assert {values(book, "Results")[1][h] for h in ("Numerator", "Denominator", "Shown")} == {"[c]"}
    assert values(book, "Trend")[0]["2018-06"] == "[c]"
    assert values(book, "Breakdowns")[0]["Shown"] == "[c]"
    assert [line["Value"] for line in values(book, "Tables")] == ["[c]", "[c]", 3, "May"]
    kept = {line["Target"].coordinate for line in table(book, "Scorecard")}
    numbers = [c.coordinate for r in book["Scorecard"] for c in r if c.data_type == "n" and c.value]
    assert set(numbers) == kept | {"J2"}, "of what is withheld, the target and the floor alone"


def test_nothing_is_withheld_of_an_indicator_without_a_target_but_its_figures(
    tmp_path: Path,
) -> None:
    count = indicator(
        unit="count",
        target=None,
        printed=PrintedResult(None, None, hidden=True),
        figure=WITHHELD,
    )
    (line,) = values(written(month(count), tmp_path), "Scorecard")
    assert (line["Result"], line["Numerator"]) == ("[c]", "[c]")
    assert (line["RAG"], line["Denominator"]) == (None, None)


@pytest.mark.parametrize(
    ("audience", "mark"), [(Audience.PUBLIC, "Public"), (Audience.PANEL, "Restricted")]
)
def test_whom_it_is_for_is_said_first_and_on_every_page(
    audience: Audience, mark: str, tmp_path: Path
) -> None:
    book = written(full_month(audience=audience, authority_name="Brighton & Hove"), tmp_path)
    about = {str(line[0].value): str(line[1].value) for line in book["About"].iter_rows(min_row=3)}
    assert about["For whom"].startswith(mark)
    assert about["Authority"] == "Brighton & Hove (886)"
    assert "withheld" in about["[c]"].lower()
    assert set(DATA_SHEETS) <= set(about)
    links = {cell.hyperlink.location for row in book["About"] for cell in row if cell.hyperlink}
    assert links == {f"'{name}'!A1" for name in DATA_SHEETS}
    for sheet in book.worksheets:
        assert str(sheet.oddFooter.left.text).startswith(mark)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_a_formula_a_link_or_lost(text: str, tmp_path: Path) -> None:
    (topic,) = full_month().topics
    ages = replace(topic.tables[0], rows=(TopicRow(text, (1.0, None, None, text)),), total=None)
    hostile = indicator(
        label=text, definition=text, note=text, groups=(Group("area", text, Figure(9, 10, 90.0)),)
    )
    of = month(hostile, topics=(replace(topic, title=text, tables=(ages,)),))
    book = written(of, tmp_path)
    assert not [c.coordinate for c in all_cells(book) if c.data_type in ("f", "e")]
    found = {
        values(book, "Scorecard")[0]["Indicator"],
        values(book, "Definitions")[0]["Definition"],
        values(book, "Breakdowns")[0]["Value"],
        values(book, "Tables")[0]["Row"],
    }
    assert {as_read(one) for one in found} == {text.replace("\a", "\ufffd")}
    assert table(book, "Scorecard")[0]["Indicator"].quotePrefix
    assert table(book, "Scorecard")[0]["Indicator"].hyperlink is None


def test_text_that_no_cell_can_hold_is_cut_and_says_so(tmp_path: Path) -> None:
    (line,) = values(written(month(indicator(definition="x" * 40_000)), tmp_path), "Definitions")
    assert len(line["Definition"]) < 32_767
    assert line["Definition"].endswith("(40,000 characters)")


def test_a_publication_gives_the_same_bytes_whenever_it_is_written(tmp_path: Path) -> None:
    first, again = tmp_path / "first.xlsx", tmp_path / "again.xlsx"
    write_workbook(full_month(), first)
    write_workbook(full_month(), again)
    assert first.read_bytes() == again.read_bytes()
    assert openpyxl.load_workbook(first).properties.created == datetime(2018, 6, 30)
    write_workbook(full_month(publication_version=2), again)
    assert first.read_bytes() != again.read_bytes()


def test_a_workbook_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "workbook.xlsx"
    write_workbook(full_month(), target)
    before = target.read_bytes()
    (topic,) = full_month().topics
    torn = replace(topic.tables[0], rows=(TopicRow("4", (1.0,)),))
    with pytest.raises(ValueError, match="zip"):
        write_workbook(full_month(topics=(replace(topic, tables=(torn,)),)), target)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_rows_are_as_high_as_their_longest_text(tmp_path: Path) -> None:
    long = "Of the children in care, those whose every review was held in time. " * 6
    sheet = written(month(indicator(definition=long), indicator("b")), tmp_path)["Definitions"]
    heights = [sheet.row_dimensions[row].height or 15 for row in (2, 3)]
    assert heights[0] >= 60
    assert heights[1] < heights[0]
