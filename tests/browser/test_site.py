"""The static site in a browser: clicked through, read by axe, on a phone, printed, in the dark.

The site is built from months made by hand, and opened from its files, as a councillor would.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cpw.reports.month.month import (
    NO_FIGURE,
    WITHHELD,
    Audience,
    Figure,
    Group,
    PrintedResult,
    PublishedMonth,
    QualityEffect,
    QualitySummary,
    Topic,
    TopicColumn,
    TopicRow,
    TopicTable,
    TrendPoint,
)
from cpw.reports.projection.project import Flow, project
from cpw.reports.projection.public import public_projection
from cpw.reports.site import alternatives, pictures, words
from cpw.reports.site.build import ASSETS, Gallery, SiteContent, pages
from support.report_month import indicator, month

pytestmark = pytest.mark.xdist_group("site")

HOSTILE = "<script>alert(1)</script> \"Team\" & 'co'"
KINDS = (
    "index.html",
    "kpi/reviews_in_timescale.html",
    "kpi/complaints_in_month.html",
    "demographics.html",
    "projection.html",
    "data-quality.html",
    "guidance.html",
)


def a_month(audience: Audience) -> PublishedMonth:
    groups = tuple(
        Group("team", value, Figure(numerator, 50, 2.0 * numerator))
        for value, numerator in (("East 1", 41), (HOSTILE, 49))
    )
    trend = tuple(
        TrendPoint(f"{year}-0{at}", Figure(84 + at, 100, 84.0 + at, "A"))
        for year, at in ((2017, 3), (2018, 2), (2018, 3), (2018, 5), (2018, 6))
    )
    reviews = indicator(
        label=f"% of reviews held in time {HOSTILE}",
        groups=(*groups, *(Group("sex", sex, Figure(45, 50, 90.0)) for sex in "FM")),
        trend=trend,
        exc_uasc=Figure(80, 88, 90.9, "A"),
        exc_uasc_trend=tuple(replace(p, figure=Figure(80, 88, 90.9, "A")) for p in trend),
        quality=QualityEffect(100, 12, 20, 2, 84.0, 96.0, "R", "G"),
        commentary=f"Better **than** before.\n\n- {HOSTILE}\n\n[a](javascript:alert(1))",
        national_result="88",
        national_basis="national figures of 2016/17",
    )
    stability = indicator(
        "three_or_more_placements_12m",
        position=2,
        section="Placements",
        label="3 or more placements",
        polarity="L",
        printed=PrintedResult("16.0%", "R"),
        figure=Figure(16, 100, 16.0, "R"),
        target=10.0,
        floor=15.0,
        direction="worsened",
        previous=PrintedResult("12.0%", "A"),
    )
    dental = indicator(
        "dental_check_in_timescale",
        position=3,
        section="Health",
        label="Dental checks in time",
        printed=PrintedResult("96.0%", "G"),
        figure=Figure(96, 100, 96.0, "G"),
    )
    complaints = indicator(
        "complaints_in_month",
        position=4,
        section="Complaints",
        label="Complaints in the month",
        unit="count",
        polarity="L",
        target=None,
        floor=None,
        printed=PrintedResult(None, None, hidden=True),
        figure=WITHHELD,
        previous=PrintedResult(None, None),
        direction=None,
    )
    unprinted = indicator(
        "persistent_absence",
        position=None,
        label="Persistent absence",
        status="no_source",
        printed=PrintedResult(None, None),
        figure=NO_FIGURE,
        previous=PrintedResult(None, None),
        before=None,
        direction=None,
    )
    return month(
        *(reviews, stability, dental, complaints, unprinted),
        audience=audience,
        topics=(a_topic(),),
        quality=QualitySummary(825, 740, 2, 0, 83, 12, (("health lead", 2),)),
    )


def a_topic() -> Topic:
    table = TopicTable(
        table_id="children-by-age",
        title="Age",
        population="children_in_care",
        dimension="age",
        adds_up=True,
        columns=(
            TopicColumn("Female", "count"),
            TopicColumn("Male", "count"),
            TopicColumn("All", "count"),
        ),
        rows=(
            TopicRow("0", (26.0, 34.0, 60.0)),
            TopicRow("1", (None, None, None), hidden=True),
            TopicRow(HOSTILE, (15.0, 10.0, 25.0)),
        ),
        total=TopicRow("All children", (50.0, 60.0, 110.0)),
    )
    arrivals = replace(
        table,
        table_id="uasc-arrivals",
        title="Arrivals",
        columns=(TopicColumn("Arrivals", "count"),),
        rows=(TopicRow("2018-05", (12.0,)), TopicRow("2018-06", (9.0,))),
        total=None,
        chart="line",
    )
    kpi_ids = ("reviews_in_timescale", "complaints_in_month")
    return Topic("demographics", "Demographics", "Who they are.", (table, arrivals), kpi_ids)


def flows() -> list[Flow]:
    """Three years of a steady forty children, one in and one out a month."""
    months = [f"{2015 + at // 12}-{at % 12 + 1:02d}" for at in range(6, 42)]
    return [
        Flow("children_in_care", month, age, False, 10, 1, 1, 10)
        for month in months
        for age in (3, 8, 12, 15)
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public site, and in ``panel/`` the panel's."""
    root = tmp_path_factory.mktemp("site")
    projection, shown = project(flows(), date(2018, 6, 30)), a_month(Audience.PUBLIC)
    editions = {
        root: SiteContent(shown, public_projection(projection, shown)),
        root / "panel": SiteContent(a_month(Audience.PANEL), projection),
    }
    with Gallery() as gallery:
        for edition in editions.values():
            gallery.add(edition)
        for folder, edition in editions.items():
            shutil.copytree(ASSETS, folder / "assets")
            (folder / "kpi").mkdir()
            for made in pages(edition, gallery):
                (folder / made.file).write_text(made.html, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is not installed: apt-get install chromium"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test where it fetches anything, or logs an error."""
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    opened.on(
        "request",
        lambda r: None if r.url.startswith("file://") else complaints.append(f"fetched {r.url}"),
    )
    yield opened
    context.close()
    assert complaints == []


def open_file(page: Page, site: Path, file: str = "index.html") -> None:
    page.goto((site / file).as_uri())


def rows_shown(page: Page) -> list[str]:
    return page.locator("#scorecard tbody tr[data-rag] th a").all_inner_texts()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA: the rule and the elements."""
    found = Axe().run(
        page,
        options={
            "preload": False,
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        },
    )
    return [
        f"{broken['id']}: {[node['html'][:120] for node in broken['nodes']]}"
        for broken in found.response["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("file", KINDS)
def test_no_kind_of_page_breaks_wcag(page: Page, site: Path, file: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    open_file(page, site, file)
    page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
    assert violations(page) == []


def test_axe_finds_what_is_broken(page: Page, site: Path) -> None:
    open_file(page, site)
    page.evaluate("document.querySelector('main').append(new Image())")
    page.evaluate("document.querySelector('h1').style.color = '#bbb'")
    assert [found.split(":")[0] for found in violations(page)] == ["color-contrast", "image-alt"]


def test_the_panels_edition_is_marked_on_every_page(page: Page, site: Path) -> None:
    for file in KINDS:
        open_file(page, site / "panel", file)
        expect(page.locator(".edition")).to_contain_text("Restricted")
        open_file(page, site, file)
        expect(page.locator(".edition")).to_contain_text("Public edition")
    assert violations(page) == []


def test_the_scorecard_is_filtered_by_rag_section_and_words(page: Page, site: Path) -> None:
    open_file(page, site)
    assert len(rows_shown(page)) == 4
    page.get_by_role("checkbox", name="amber").check()
    assert len(rows_shown(page)) == 1
    assert rows_shown(page)[0].startswith("% of reviews held in time")
    page.get_by_role("checkbox", name="red").check()
    expect(page.get_by_role("status")).to_have_text("2 of 4 indicators")
    page.get_by_role("combobox", name="Section").select_option("Placements")
    assert rows_shown(page) == ["3 or more placements"]
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("status")).to_have_text("4 of 4 indicators")
    page.get_by_label("Search").fill("dental")
    assert rows_shown(page) == ["Dental checks in time"]


def test_the_scorecard_is_sorted_by_keyboard(page: Page, site: Path) -> None:
    open_file(page, site)
    heading = page.locator("#scorecard thead th", has_text="Result")
    heading.locator("[role=button], button").first.focus()
    page.keyboard.press("Enter")
    assert rows_shown(page)[0] == "Complaints in the month"  # withheld: nothing to sort by
    assert rows_shown(page)[1:3] == ["3 or more placements", rows_shown(page)[2]]
    expect(heading).to_have_attribute("aria-sort", "ascending")


def test_a_reader_gets_from_the_scorecard_to_the_figures_behind_an_indicator(
    page: Page, site: Path
) -> None:
    open_file(page, site)
    page.get_by_role("link", name="% of reviews held in time").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("% of reviews held in time")
    expect(page.locator(".result")).to_contain_text("90 of 100")
    expect(page.locator(".commentary")).to_contain_text("Better than before.")
    expect(page.locator("dl.facts")).to_contain_text("Head of Children in Care Teams")
    expect(page.locator("#quality + p")).to_have_text("Between 84.0% and 96.0%: red or green.")
    page.get_by_text("The numbers, by month").click()
    expect(page.locator("#trend ~ details tbody tr")).to_have_count(5)
    expect(page.locator("#trend ~ details tbody tr").first).to_contain_text("Jun 2018")
    page.get_by_role("link", name="3 or more placements →").click()
    expect(page.locator(".missing")).to_contain_text("no commentary for June 2018")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Scorecard").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Scorecard, June 2018")


def test_charts_show_as_many_marks_as_there_are_numbers(page: Page, site: Path) -> None:
    open_file(page, site, "kpi/reviews_in_timescale.html")
    charts = page.locator(".chart")
    expect(charts).to_have_count(3)  # twelve months, five years, groups
    for letter in "GAR":
        expect(charts.first.get_by_text(letter, exact=True)).to_have_count(1)
    expect(charts.last.get_by_text("98.0%")).to_have_count(1)
    expect(charts.last.get_by_text("90.0%")).to_have_count(2)
    expect(charts.last.get_by_text("Female: 90.0%")).to_have_count(1)


def test_what_is_withheld_is_marked_and_nowhere_a_number(page: Page, site: Path) -> None:
    open_file(page, site)
    row = page.locator("tr", has_text="Complaints in the month")
    expect(row.locator(".withheld").first).to_have_text("[c]")
    open_file(page, site, "demographics.html")
    page.get_by_text("The numbers").first.click()
    hidden = page.locator("#children-by-age ~ details tbody tr").nth(1)
    assert hidden.locator("td").all_inner_texts() == ["[c]", "[c]", "[c]"]
    expect(page.locator("#children-by-age ~ figure figcaption")).to_have_text(
        "Not drawn: what is withheld; the table has every line."
    )


def test_charts_are_told_in_words(page: Page, site: Path) -> None:
    open_file(page, site, "kpi/reviews_in_timescale.html")
    spoken = [chart.get_attribute("aria-label") for chart in page.get_by_role("img").all()]
    assert spoken[0] == (
        "Line chart. All: from 86.0% in Feb 2018 to 90.0% in Jun 2018, lowest 86.0% (Feb 2018), "
        "highest 90.0% (Jun 2018). "
        "Without UASC: from 90.9% in Feb 2018 to 90.9% in Jun 2018, the same throughout."
    )
    assert "from 87.0% in Mar 2017 to 90.0% in Jun 2018" in str(spoken[1])
    assert "Team: lowest 82.0% (East 1), highest 98.0%" in str(spoken[2])
    assert "Sex: 90.0% each." in str(spoken[2])
    open_file(page, site, "demographics.html")
    spoken = [chart.get_attribute("aria-label") for chart in page.get_by_role("img").all()]
    assert spoken[1] == "Bar chart, Arrivals: from 12 in May 2018 to 9 in Jun 2018."


def test_what_leaving_out_unaccompanied_children_changes_is_told_with_its_average(
    page: Page, site: Path
) -> None:
    open_file(page, site, "kpi/reviews_in_timescale.html")
    rows = page.locator("#uasc ~ div tbody tr")
    expect(rows.nth(2)).to_have_text("Difference (percentage points)+0.9")
    # of February, March, May and June: +4.9, +3.9, +1.9, +0.9
    expect(rows.nth(3)).to_contain_text("Average difference")
    expect(rows.nth(3)).to_contain_text("+2.9")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("in care on `as_at`", "in care on the last day of the month"),
        ("due in R12M, not YTD", "due in the last twelve months, not the financial year to date"),
        ("after `end(M-12)`", "after the month&#39;s end 12 months before"),
        ("as `dental`", 'as “<a href="dental.html">Checks &lt;b&gt;</a>”'),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_definitions_are_told_without_the_terms_of_formulas(written: str, read: str) -> None:
    assert words.in_words(written, {"dental": "Checks <b>"}) == read


def test_charts_of_nothing_are_not_drawn() -> None:
    zeros = tuple(TrendPoint(f"2018-0{at}", Figure(0, 100, 0.0)) for at in (5, 6))
    groups = (Group("team", "East", WITHHELD), Group("team", "West", Figure(9, 10, 90.0)))
    shown = indicator(trend=zeros, groups=groups)
    assert pictures.trend(shown, month(shown), 12) is None
    assert pictures.trend(replace(shown, trend=zeros[:1]), month(shown), 12) is None
    assert pictures.breakdown(shown) is None
    assert (
        pictures.table(replace(a_topic().tables[0], rows=(TopicRow("0", (1.0, 2.0, 3.0)),))) is None
    )


def test_of_a_very_long_table_the_largest_rows_are_drawn() -> None:
    rows = tuple(TopicRow(f"row {at}", (0.0, 0.0, float(at))) for at in range(40))
    long = replace(a_topic().tables[0], rows=rows)
    chart = pictures.table(long)
    assert chart is not None
    assert [bar["label"] for bar in chart.datasets["bars"]][:2] == ["All", "Row 39: 39"]
    assert alternatives.omitted(long) == (
        "Not drawn: 1 with none, 21 smaller; the table has every line."
    )


def test_no_source_is_said_and_is_not_zero(page: Page, site: Path) -> None:
    open_file(page, site, "kpi/persistent_absence.html")
    expect(page.locator(".result")).to_contain_text("No source")
    expect(page.locator(".result .big")).to_have_text("–")


def test_rag_and_direction_are_told_without_colour(page: Page, site: Path) -> None:
    open_file(page, site)
    row = page.locator("tr", has_text="3 or more placements")
    expect(row.locator(".rag").first).to_have_text("R red")
    expect(row.locator(".way")).to_have_text("↓ worsened")


def test_the_keyboard_reaches_the_content_first(page: Page, site: Path) -> None:
    open_file(page, site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("file", KINDS)
def test_a_phone_scrolls_tables_and_not_the_page(page: Page, site: Path, file: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    open_file(page, site, file)
    page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_print_shows_everything_and_no_controls(page: Page, site: Path) -> None:
    open_file(page, site, "kpi/reviews_in_timescale.html")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.get_by_role("cell", name="East 1").or_(page.locator("th", has_text="East 1")))
    assert page.locator("details:not([open])").count() == 0
    expect(page.locator(".top nav")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    open_file(page, site)
    expect(page.locator("#filters")).to_be_hidden()


def test_the_site_is_whole_without_script(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_file(page, site)
    expect(page.locator("#scorecard tbody tr")).to_have_count(4)
    expect(page.locator("#filters")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("file", KINDS)
def test_the_policy_lets_nothing_in(page: Page, site: Path, file: str) -> None:
    html = (site / file).read_text(encoding="utf-8")
    assert "unsafe" not in html
    assert " style=" not in html
    assert "<style" not in html
    assert "onclick" not in html
    open_file(page, site, file)
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )
    # an element put in by a hole in the escaping would be there
    assert page.locator("script:not([src])").count() == 0
    assert page.locator("a[href^='javascript:']").count() == 0


def test_every_link_leads_somewhere(page: Page, site: Path) -> None:
    outside = {"panel-paper.pdf", "workbook.xlsx", "quality-report.html"}
    for root in (site, site / "panel"):
        for file in root.rglob("*.html"):
            if root == site and "panel" in file.relative_to(root).parts:
                continue
            open_file(page, file.parent, file.name)
            links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
            targets = {Path(link.split("#")[0].removeprefix("file://")) for link in links}
            assert [t for t in targets if not t.exists() and t.name not in outside] == []
