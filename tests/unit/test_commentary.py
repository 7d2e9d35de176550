"""The leads' commentary: what is read, what is warned of, and that hostile Markdown is harmless."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.reports.month.commentary import (
    Block,
    TextRun,
    markdown_blocks,
    markdown_html,
    missing_commentary,
    read_commentary,
)
from cpw.reports.month.month import Figure, PrintedResult
from support.report_month import indicator, month

JUNE = Partition.of("886", "2018-06")
KPIS = ("reviews_in_timescale", "same_placement_2y")
HARMLESS = {"p", "h3", "ul", "ol", "li", "strong", "em", "br"}


class _Tags(HTMLParser):
    """The tags and attributes of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def _parsed(markdown: str) -> _Tags:
    tags = _Tags()
    tags.feed(markdown_html(markdown))
    return tags


@pytest.fixture
def home(tmp_path: Path) -> Home:
    Home(tmp_path).month(JUNE).commentary.mkdir(parents=True)
    return Home(tmp_path)


def _write(home: Home, name: str, content: bytes) -> None:
    (home.month(JUNE).commentary / name).write_bytes(content)


def test_a_month_without_a_folder_has_no_commentary(tmp_path: Path) -> None:
    found = read_commentary(Home(tmp_path), JUNE, KPIS)
    assert (found.texts, found.warnings) == ({}, ())


def test_files_are_read_by_kpi(home: Home) -> None:
    _write(home, "reviews_in_timescale.md", "Überprüft – wie immer.\n".encode())
    _write(home, "same_placement_2y.md", "\ufeffNo move.\r\n".encode())
    _write(home, ".swap.md", b"an editor's")
    found = read_commentary(home, JUNE, KPIS)
    assert found.texts == {
        "reviews_in_timescale": "Überprüft – wie immer.",
        "same_placement_2y": "No move.",
    }
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("reviews.md", b"Text.", "'reviews' is no KPI"),
        ("same_placement_2y.txt", b"Text.", "this is no commentary"),
        ("same_placement_2y.md", b"", "this has no text"),
        ("same_placement_2y.md", b" \n\n---\n", "this has no text"),
        ("same_placement_2y.md", "Caf\u00e9".encode("latin-1"), "this is not UTF-8. Save it"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_warning_that_names_it(
    home: Home, name: str, content: bytes, says: str
) -> None:
    _write(home, name, content)
    _write(home, "reviews_in_timescale.md", b"Fine.")
    found = read_commentary(home, JUNE, KPIS)
    assert found.texts == {"reviews_in_timescale": "Fine."}
    (warning,) = found.warnings
    assert str(home.month(JUNE).commentary / name) in warning
    assert says in warning


def test_a_folder_in_place_of_a_file_is_a_warning(home: Home) -> None:
    (home.month(JUNE).commentary / "same_placement_2y.md").mkdir()
    assert "this is no commentary" in read_commentary(home, JUNE, KPIS).warnings[0]


def test_red_and_amber_kpis_of_the_scorecard_are_missed() -> None:
    amber = indicator("amber", lead_role="Head of Adoption")
    red = indicator("red", printed=PrintedResult("50.0%", "R"), figure=Figure(1, 2, 50.0, "R"))
    green = indicator("green", printed=PrintedResult("99.0%", "G"))
    said = indicator("said", commentary="We know why.")
    unprinted = indicator("unprinted", position=None)
    warnings = missing_commentary(month(amber, red, green, said, unprinted))
    assert len(warnings) == 2
    assert "amber is Amber" in warnings[0]
    assert "Head of Adoption should write commentary/886/2018-06/amber.md" in warnings[0]
    assert "red is Red" in warnings[1]


def test_blocks_are_paragraphs_headings_and_lists() -> None:
    found = markdown_blocks(
        "# Why\n\nIt *is* **so**\nstill.  \nNext\n\n3. three\n4. four\n   - inner\n"
    )
    assert found == (
        Block("heading", (TextRun("Why"),)),
        Block(
            "paragraph",
            (
                *(
                    TextRun("It "),
                    TextRun("is", italic=True),
                    TextRun(" "),
                    TextRun("so", bold=True),
                ),
                TextRun(" still.\nNext"),
            ),
        ),
        Block(
            "numbers",
            start=3,
            items=(
                (Block("paragraph", (TextRun("three"),)),),
                (
                    Block("paragraph", (TextRun("four"),)),
                    Block("bullets", items=((Block("paragraph", (TextRun("inner"),)),),)),
                ),
            ),
        ),
    )


def test_html_keeps_the_structure_and_demotes_headings() -> None:
    assert markdown_html("# One\n\n###### Six\n\n- a **b** *c*\n\n2. d") == (
        "<h3>One</h3><h3>Six</h3>"
        "<ul><li><p>a <strong>b</strong> <em>c</em></p></li></ul>"
        '<ol start="2"><li><p>d</p></li></ol>'
    )
    assert markdown_html("# One", heading=4) == "<h4>One</h4>"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("[the guide](https://example.org/a)", "the guide (https://example.org/a)"),
        ("[write](mailto:lead@example.org)", "write (lead@example.org)"),
        ("<https://example.org>", "https://example.org"),
        ("<lead@example.org>", "lead@example.org"),
        ("[there](../other)", "there"),
        ("[run](javascript:alert(1))", "run"),
        ("[run](JaVaScRiPt:alert(1))", "run"),
        ("[run][x]\n\n[x]: data:text/html;base64,PHNjcmlwdD4=", "run"),
        ("![a chart](https://example.org/track.png)", "a chart"),
    ],
)
def test_links_and_images_are_text(markdown: str, text: str) -> None:
    parsed = _parsed(markdown)
    assert parsed.text == text
    assert parsed.tags == {"p"}


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)> text",
        "<div onclick=alert(1)>\n\n# <b onmouseover=x>h\n\n</div>",
        "[<svg onload=alert(1)>](https://x/'\"><script>alert(1)</script>)",
        "`<script>`\n\n```<script>\n</p><script>alert(1)</script>\n```",
        "    <script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;",
        '1. <a href="javascript:alert(1)">x</a>\n   > <iframe src=x>\n',
        '![<script>](x "<script>")',
        "<!-- <script> --> <![CDATA[<script>]]> <?php <script> ?>",
        "> " * 200 + "<script>",
        "*" * 5000 + "<b>" + "_" * 5000,
    ],
)
def test_hostile_markdown_is_escaped(markdown: str) -> None:
    parsed = _parsed(markdown)
    assert parsed.tags <= HARMLESS
    assert parsed.attributes <= {"start"}


def test_unseen_signs_are_left_out() -> None:
    assert markdown_blocks("a\x00b\x1b[31m\u202ec\u200bd\x07") == (
        Block("paragraph", (TextRun("ab[31mcd"),)),
    )
