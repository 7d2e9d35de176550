"""The panel paper: what it says of June 2018 against the printed paper, and the PDF made of it."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from cpw.reports.month.month import (
    WITHHELD,
    Audience,
    Figure,
    Indicator,
    PrintedResult,
    PublishedMonth,
    QualityEffect,
    QualitySummary,
    Topic,
    TopicColumn,
    TopicRow,
    TopicTable,
)
from cpw.reports.paper.paper import PaperContent, ScorecardLine, paper_content, write_paper
from cpw.reports.paper.sections import Paragraph
from support.june_2018 import demographics, june_2018
from support.report_month import indicator, month, without_previous

HIDDEN = PrintedResult(None, None, hidden=True)
# Section 3.4 of the printed paper: which KPI went from what to what, and, where it prints it, how
# many children or posts that is. (It heads the fourth with the other KPI on return interviews.)
IMPROVED = [
    ("same_social_worker_12m", "from 46.0% in May 2018 to 48.4% in June 2018"),
    ("iha_referral_within_5_working_days", "from 83.9% in May 2018 to 84.8% in June 2018"),
    ("iha_within_20_working_days", "from 77.8% in May 2018 to 80.1% in June 2018"),
    ("return_interviews_within_3_working_days", "from 73.9% in May 2018 to 74.1% in June 2018"),
    ("average_caseload_social_worker", "from 17.0 in May 2018 to 15.8 in June 2018"),
]
SAME = [
    ("three_or_more_placements_12m", "stayed the same: 11.2%"),
    ("same_placement_2y", "stayed the same: 69.1%"),
]
WORSENED = [
    ("in_house_foster_exc_uasc", "from 84.3% in May 2018 to 84.2% in June 2018"),
    ("within_20_miles_exc_uasc", "from 77.4% in May 2018 to 76.7% in June 2018"),
    ("posts_filled_permanent_qsw", "from 79.3% in May 2018 to 77.8% in June 2018"),
]


@pytest.fixture(scope="module")
def june() -> PublishedMonth:
    return june_2018()


@pytest.fixture(scope="module")
def content(june: PublishedMonth) -> PaperContent:
    return paper_content(june)


def _paragraphs(content: PaperContent, prefix: str = "3.") -> dict[str, Paragraph]:
    return {p.number: p for p in content.sections[2].paragraphs if p.number.startswith(prefix)}


def _headings(content: PaperContent) -> list[str]:
    return [p.text for p in content.sections[2].paragraphs if not p.number]


def _performance(*indicators: Indicator, **overrides: Any) -> dict[str, Paragraph]:
    return _paragraphs(paper_content(month(*indicators, **overrides)))


def _line(content: PaperContent, label: str) -> ScorecardLine:
    return next(line for part in content.scorecard for line in part.lines if line.label == label)


# June 2018, as the printed paper has it


def test_the_ratings_are_the_printed_ones(content: PaperContent) -> None:
    said = _paragraphs(content)
    assert "24 Key Performance Indicators (KPIs)" in said["3.1"].text
    assert (
        said["3.2"].text == "Of the 24 KPIs assessed, the RAG status for June 2018 is as follows:"
    )
    assert said["3.2"].bullets == (
        "14 are rated Green – target achieved or exceeded",
        "10 are rated Amber – target not met, floor standard achieved",
        "0 are rated Red – floor standard not achieved",
    )


def test_one_rating_changed(content: PaperContent) -> None:
    said = _paragraphs(content, "3.3")
    assert list(said) == ["3.3", "3.3.1"]
    assert "compared with that for May 2018" in said["3.3"].text
    assert "the RAG status of 1 KPI changed:" in said["3.3"].text
    assert said["3.3.1"].label.startswith("% of CIC who turned 18 during the month")
    assert "improved from 93.9% in May 2018 to 100.0% in June 2018." in said["3.3.1"].text
    assert "The target is 100% or more: it is met exactly." in said["3.3.1"].text
    assert "The rating moves from Amber to Green" in said["3.3.1"].text


def test_the_amber_kpis_are_grouped_as_printed(content: PaperContent, june: PublishedMonth) -> None:
    said = _paragraphs(content, "3.4")
    assert (
        said.pop("3.4").text
        == "For the 10 KPIs rated Amber an update on performance is given below."
    )
    assert _headings(content) == [
        "Five of these KPIs show improved performance between May 2018 and June 2018:",
        "Two of these KPIs show the same performance in May 2018 and June 2018:",
        "Three of these KPIs show worsened performance between May 2018 and June 2018:",
    ]
    assert list(said) == [f"3.4.{place}" for place in range(1, 11)]
    for (kpi_id, moved), paragraph in zip(IMPROVED + SAME + WORSENED, said.values(), strict=True):
        assert paragraph.label == june.indicator(kpi_id).label
        assert paragraph.rag == "A"
        assert moved in paragraph.text
    order = [p.number or p.text.split()[0] for p in content.sections[2].paragraphs]
    assert order[order.index("Two") - 1] == "3.4.5"
    assert order[order.index("Three") - 1] == "3.4.7"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("3.4.5", "falling from 17.0 in May 2018 to 15.8 in June 2018 (lower is better)"),
        ("3.4.5", "The target is 15.0 or less: it is missed by 0.8 cases."),
        ("3.4.6", "The target is 10% or less: it is missed by 1.2 percentage points."),
        ("3.4.6", "The benchmark is 10% (national 2016/17 (LAIT))."),
        ("3.4.7", "The target is 70% or more: it is missed by 0.9 percentage points."),
        ("3.4.8", "1 child more than in May 2018"),
        ("3.4.9", "not met for 300: 3 children more than in May 2018 (297 of 1,314)"),
        ("3.4.10", "89.4 of 114.9 FTE: 1.7 FTE fewer than in May 2018 (91.1 of 114.9)"),
    ],
)
def test_numbers_of_the_printed_paper_are_said(
    content: PaperContent, number: str, says: str
) -> None:
    assert says in _paragraphs(content)[number].text


def test_the_scorecard_has_every_printed_line(content: PaperContent, june: PublishedMonth) -> None:
    assert sum(len(part.lines) for part in content.scorecard) == len(june.scorecard) == 48
    assert content.footnotes == (
        "* national 2016/17 (LAIT)",
        "** national 2016/17 (DfE statutory returns)",
        "*** Statistical First Release 2016/17",
        "**** ALB Return 2016/17",
    )
    assert _line(content, "% of CIC placed within 20 miles from home (exc UASC)") == ScorecardLine(
        label="% of CIC placed within 20 miles from home (exc UASC)",
        note="",
        polarity="H",
        period="SS",
        result="76.7%",
        rag="A",
        numerator="986",
        denominator="1,286",
        target="80%",
        direction="↓",
        previous="77.4%",
        previous_rag="A",
        outturn="76.7%",
        outturn_rag="A",
        benchmark="",
    )
    days = _line(content, june.indicator("adoption_days_court_to_match").label)
    assert (days.target, days.benchmark, days.direction) == ("121.0", "190 ****", "→")
    count = _line(content, "Number of Kent CIC")
    assert (count.result, count.numerator, count.denominator) == ("1,605", "", "")
    assert _line(content, june.indicator("sen_support_or_ehcp").label).note.startswith("Data not")


# Other months


def test_a_first_month_says_that_it_is_the_first() -> None:
    said = _performance(without_previous(), previous_month=None)
    assert said["3.3"].text == "No earlier scorecard is published to compare this one with."
    content = paper_content(month(without_previous(), previous_month=None))
    assert _headings(content) == ["One of these KPIs has no earlier result to compare with:"]


def test_without_red_and_amber_there_are_no_updates() -> None:
    green = indicator(printed=PrintedResult("99.0%", "G"), previous=PrintedResult("98.0%", "G"))
    said = _performance(green)
    assert said["3.3"].text.endswith("the RAG status of no KPI changed.")
    assert said["3.4"].text == "No KPI is rated Amber or Red."
    assert list(said) == ["3.1", "3.2", "3.3", "3.4"]


def test_red_and_amber_are_both_named_and_a_new_red_stands_twice() -> None:
    red = indicator("red", label="Red", printed=PrintedResult("80.0%", "R"), direction="worsened",
                    commentary="It is being mended.")  # fmt: skip
    said = _performance(red, indicator("amber", label="Amber"))
    assert said["3.2"].bullets[2] == "1 is rated Red – floor standard not achieved"
    assert said["3.4"].text.startswith("For the 1 KPI rated Red and the 1 KPI rated Amber")
    assert (said["3.3.1"].label, said["3.4.2"].label) == ("Red", "Red")
    assert said["3.3.1"].commentary == ()
    assert said["3.4.2"].commentary[0].runs[0].text == "It is being mended."
    assert said["3.4.2"].lead == "Head of Children in Care Teams"


def test_commentary_on_a_kpi_that_became_green_stands_with_its_change() -> None:
    green = indicator(printed=PrintedResult("96.0%", "G"), commentary="Well done.")
    assert _performance(green)["3.3.1"].commentary[0].runs[0].text == "Well done."


def test_a_target_without_a_rating_is_counted_apart() -> None:
    few = indicator("few", printed=PrintedResult("75.0%", None), figure=Figure(3, 4, 75.0))
    bullets = _performance(indicator(), few)["3.2"].bullets
    assert bullets[-1].startswith("1 more has a target and no rating – too few are counted")


def test_what_the_edition_does_not_print_is_not_in_the_paper() -> None:
    content = paper_content(month(indicator(), indicator("other", label="Other", position=None)))
    assert "Other" not in str(asdict(content))


def test_sections_are_whole_though_the_edition_mixes_them() -> None:
    mixed = [("Children", "a"), ("Placements", "b"), ("Children", "c")]
    content = paper_content(
        month(*(indicator(label, label=label, section=section) for section, label in mixed))
    )
    parts = [(part.title, [line.label for line in part.lines]) for part in content.scorecard]
    assert parts == [("Children", ["a", "c"]), ("Placements", ["b"])]


def test_a_quarterly_edition_compares_with_the_quarter_before(tmp_path: Path) -> None:
    quarterly = month(indicator(), frequency="quarterly", previous_month="2018-03")
    content = paper_content(quarterly)
    assert (content.compares_with, content.previous) == ("quarter", "March 2018")
    write_paper(quarterly, tmp_path / "paper.pdf")
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF-")


# Data quality


def _quality(
    worst: float | None, best: float | None, worst_rag: str, best_rag: str
) -> QualityEffect:
    return QualityEffect(100, 3, 4, 2, worst, best, worst_rag, best_rag)  # type: ignore[arg-type]


SUMMARY = QualitySummary(312, 300, 12, 0, 0, 7, ())


def test_a_rating_that_may_change_is_told() -> None:
    doubtful = indicator(quality=_quality(84.0, 96.0, "R", "G"))
    firm = indicator("firm", quality=_quality(89.0, 91.0, "A", "A"))
    said = _performance(doubtful, firm, quality=SUMMARY)
    assert "312 rules" in said["3.5"].text
    assert "12 found something" in said["3.5"].text
    assert said["3.5"].text.endswith("could change the rating of 1 KPI:")
    assert "from Red to Green, with a result from 84% to 96%." in said["3.5.1"].text
    assert "3.5.2" not in said


def test_a_public_rating_that_may_change_has_no_range() -> None:
    said = _performance(indicator(quality=_quality(None, None, "R", "A")), audience=Audience.PUBLIC)
    assert "anything from Red to Amber. The published result is 90.0%." in said["3.5.1"].text


def test_firm_ratings_are_told_as_firm() -> None:
    assert "cannot change the rating of any KPI" in _performance(quality=SUMMARY)["3.5"].text


def test_where_nothing_was_found_nothing_is_in_doubt() -> None:
    clean = replace(SUMMARY, failed=0, not_run=2)
    assert _performance(quality=clean)["3.5"].text == (
        "The month's data were checked against 310 rules of data quality, and none found anything "
        "to correct."
    )


def test_without_gates_nothing_is_said_of_quality() -> None:
    assert "3.5" not in _performance()


# Editions


def test_the_panels_edition_is_restricted(content: PaperContent) -> None:
    assert content.classification == "Restricted"
    assert content.bar.startswith("Restricted: for members of the panel only.")


def test_the_public_edition_shows_nothing_withheld() -> None:
    gone = indicator(
        "gone", label="Gone", printed=HIDDEN, figure=WITHHELD, previous=HIDDEN, before=WITHHELD,
        outturn=HIDDEN, direction="improved", quality=_quality(None, None, "R", "G"),
    )  # fmt: skip
    before = indicator("before", label="Before", previous=HIDDEN, before=WITHHELD, direction=None)
    content = paper_content(month(gone, before, audience=Audience.PUBLIC))
    assert (content.classification, content.bar) == ("Unrestricted", "")
    assert content.has_withheld
    line = _line(content, "Gone")
    assert (line.result, line.numerator, line.denominator) == ("[c]", "[c]", "[c]")
    assert (line.previous, line.outturn) == ("[c]", "[c]")
    assert (line.rag, line.previous_rag, line.outturn_rag, line.direction) == ("", "", "", "")
    said = _paragraphs(content)
    assert (
        "the RAG status of no KPI changed (that of 2 is withheld for one of the months)."
        in said["3.3"].text
    )
    assert [p.label for p in said.values() if p.label] == ["Before"]
    assert "that for May 2018 is withheld" in said["3.4.1"].text


def test_a_month_with_nothing_withheld_does_not_explain_the_sign(content: PaperContent) -> None:
    assert not content.has_withheld


# The demographic page


def test_the_demographic_page_is_laid_in_two_columns() -> None:
    content = paper_content(june_2018(topics=(demographics(),)))
    tables = {table.title: table for column in content.demographics for table in column}
    assert len(content.demographics) == 2
    assert tables["Age"].rows[17] == ("17", "82", "195", "277")
    assert tables["Age"].total == ("All children", "631", "974", "1,605")
    assert sum(len(t.rows) for t in content.demographics[0]) > 30
    assert sum(len(t.rows) for t in content.demographics[1]) > 30


def test_without_the_topic_there_is_no_demographic_page(content: PaperContent) -> None:
    assert content.demographics == ()


def test_a_hidden_row_shows_facts_alone_and_other_populations_are_left_out() -> None:
    columns = (
        TopicColumn("Children", "count"),
        TopicColumn("Mean", "derived", 1),
        TopicColumn("Target", "fact", 1, "%"),
    )
    rows = (TopicRow("A", (3.0, 1.25, 9.0), hidden=True), TopicRow("B", (1204.0, None, 9.0)))
    table = TopicTable("t", "T", "children_in_care", "by", False, columns, rows)
    other = replace(table, title="Arrivals", population="arrivals")
    content = paper_content(month(topics=(Topic("demographics", "D", "", (table, other), ()),)))
    (cells,), nothing = content.demographics
    assert nothing == ()
    assert cells.rows == (("A", "[c]", "[c]", "9.0%"), ("B", "1,204", "", "9.0%"))
    assert content.has_withheld


def test_a_table_withheld_whole_is_not_set_out(tmp_path: Path) -> None:
    column = (TopicColumn("Children", "count"),)
    rows = tuple(TopicRow(str(age), (None,), hidden=True) for age in range(18))
    table = TopicTable("age", "Age", "children_in_care", "age", True, column, rows)
    given = month(topics=(Topic("demographics", "D", "", (table,), ()),), audience=Audience.PUBLIC)
    (cells,), _ = paper_content(given).demographics
    assert (cells.rows, cells.total) == ((), ())
    assert cells.note == "Withheld, as its numbers could identify single people."
    write_paper(given, tmp_path / "paper.pdf")


def test_a_withheld_count_has_its_sign_once() -> None:
    count = indicator(label="Count", unit="count", printed=HIDDEN, figure=WITHHELD)
    line = _line(paper_content(month(count)), "Count")
    assert (line.result, line.numerator, line.denominator) == ("[c]", "", "")


# The PDF


@pytest.fixture(scope="module")
def pdf(june: PublishedMonth, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("paper") / "886" / "2018-06" / "panel-paper.pdf"
    write_paper(replace(june, topics=(demographics(),)), target)
    assert [file.name for file in target.parent.iterdir()] == [target.name]
    return target.read_bytes()


def test_the_pdf_is_tagged_and_has_its_pages(pdf: bytes) -> None:
    assert pdf.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in pdf
    assert b"pdfuaid:part" in pdf
    assert re.search(rb"/Lang\s*\(en-GB\)", pdf)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 7


def test_the_pdf_names_its_title_and_author(pdf: bytes) -> None:
    assert b"Kent Management Information" in pdf
    assert b"Performance scorecard for children in care: Kent, June 2018" in pdf


def test_the_same_month_gives_the_same_bytes(pdf: bytes, tmp_path: Path) -> None:
    write_paper(june_2018(topics=(demographics(),)), tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == pdf


def test_signs_of_any_markup_are_only_text(tmp_path: Path) -> None:
    hostile = '#panic("x") *a* _b_ $x$ `c` <d> @e \\ [f] // g "h" = i\n+ j'
    poor = indicator(label=hostile, section=hostile, note=hostile, commentary=hostile)
    write_paper(month(poor, authority_name=hostile), tmp_path / "paper.pdf")
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF-")


def test_a_sign_that_no_font_has_is_named(tmp_path: Path) -> None:
    poor = indicator(label="Zoë\u0001 😀", commentary="Ça va – 中 👍🏽 ✓")
    write_paper(month(poor), tmp_path / "paper.pdf")
    named = indicator(
        label="Zoë□ [grinning face]",
        commentary="Ça va – [cjk unified ideograph-4e2d] [thumbs up sign] ✓",
    )
    write_paper(month(named), tmp_path / "named.pdf")
    assert (tmp_path / "paper.pdf").read_bytes() == (tmp_path / "named.pdf").read_bytes()


def test_a_word_longer_than_a_line_goes_on_in_the_next(tmp_path: Path) -> None:
    """Else its letters beyond the edge of the page are lost."""

    def pages(commentary: str) -> int:
        write_paper(month(indicator(commentary=commentary)), tmp_path / "paper.pdf")
        return len(re.findall(rb"/Type/Page\b", (tmp_path / "paper.pdf").read_bytes()))

    assert pages("x" * 4000) == pages("xxxxxxxxx " * 400) > pages("x")
