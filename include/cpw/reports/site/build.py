"""The static site of a month. Its pages fetch nothing and run only the scripts in ``assets``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from cpw.core import html_page
from cpw.reports.disclosure.folding import WITHHELD_GROUP
from cpw.reports.month import movement
from cpw.reports.month.commentary import markdown_html
from cpw.reports.month.month import (
    Audience,
    Figure,
    Indicator,
    PublishedMonth,
    QualityEffect,
    Topic,
)
from cpw.reports.projection.project import Population, Projection
from cpw.reports.site import alternatives, forecast, pictures, words
from cpw.reports.site.drawing import Chart, Drawing

ASSETS = Path(__file__).with_name("assets")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
)
_ABBREVIATIONS = {
    "ALB": "Adoption Leadership Board",
    "ADM": "agency decision maker, on adoption",
    "CIC": "child or children in care",
    "EHCP": "education, health and care plan",
    "IHA": "initial health assessment",
    "IRO": "independent reviewing officer",
    "NEET": "not in education, employment or training",
    "OLA": "other local authority",
    "PID": "performance indicator definition",
    "P&V": "private and voluntary",
    "QSW": "qualified social worker",
    "SDQ": "strengths and difficulties questionnaire",
    "SEN": "special educational need",
    "SGO": "special guardianship order",
    "UASC": "unaccompanied asylum-seeking child or children",
}


@dataclass(frozen=True)
class SiteContent:
    """What one audience may see of a month: figures, projection, and stocks of earlier months."""

    month: PublishedMonth
    projection: Projection
    past_stocks: forecast.PastStocks = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page: its path in the site and its HTML."""

    file: str
    html: str


class Gallery:
    """The charts of the public's and the panel's site.

    Each chart is drawn once, by other processes, while the pages are prepared. Use it in a ``with``
    statement, which stops the drawing at its end.
    """

    def __init__(self) -> None:
        """Start without charts."""
        self._drawings: list[tuple[tuple[str, ...], Drawing]] = []
        self._drawn: dict[str, str] = {}

    def __enter__(self) -> Gallery:
        """Return the gallery."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop drawing."""
        for _names, drawing in self._drawings:
            drawing.close()

    def add(self, content: SiteContent) -> None:
        """Start to draw the charts of a site, except for those that are drawn already."""
        known = {name for names, _ in self._drawings for name in names}
        wanted = {name: c for name, c in _wanted(content).items() if name not in known}
        if wanted:
            self._drawings.append((tuple(wanted), Drawing(wanted.values())))

    def svg(self, chart: Chart | None) -> Markup | None:
        """The SVG of a chart; waits until it is drawn.

        It is safe to include in a page: it is made of numbers, and of labels that the charting
        library escapes.

        Raises:
            ChartError: the process that draws it failed.
        """
        if chart is None:
            return None
        name = repr(chart)
        if name not in self._drawn:
            names, drawing = next(one for one in self._drawings if name in one[0])
            self._drawn.update(zip(names, drawing.result(), strict=True))
        return Markup(self._drawn[name])


def _wanted(content: SiteContent) -> dict[str, Chart]:
    found = (
        *_charts(content.month),
        *forecast.charts(content.projection, content.month, content.past_stocks),
    )
    return {repr(chart): chart for chart in found}


def _charts(month: PublishedMonth) -> Iterator[Chart]:
    found = [
        *(pictures.trend(i, month, count) for i in month.indicators for count in (12, 60)),
        *(pictures.breakdown(i) for i in month.indicators),
        *(pictures.table(table) for topic in month.topics for table in topic.tables),
    ]
    return (chart for chart in found if chart)


def pages(content: SiteContent, gallery: Gallery) -> Iterator[Page]:
    """Make the pages of a site."""
    month = content.month
    yield _scorecard(month)
    for topic in month.topics:
        yield _topic(month, topic, gallery)
    yield _projection(content, gallery)
    yield _quality(month)
    yield _page(month, "guidance.html", "guidance", abbreviations=_ABBREVIATIONS)
    around = [None, *month.indicators, None]
    for before, indicator, after in zip(around, month.indicators, around[2:], strict=False):
        yield _indicator(month, indicator, gallery, before=before, after=after)


def _page(month: PublishedMonth, file: str, template: str, **context: Any) -> Page:
    html = _environment().get_template(f"{template}.html.j2")
    return Page(
        file,
        html.render(
            month=month,
            month_words=f"{month.as_at:%B %Y}",
            is_panel=month.audience is Audience.PANEL,
            policy=POLICY,
            root="../" * file.count("/"),
            here=file,
            pages=_pages(month),
            **context,
        ),
    )


def _pages(month: PublishedMonth) -> list[dict[str, str]]:
    """The pages in the navigation."""
    topics = [(f"{topic.topic_id}.html", topic.title) for topic in month.topics]
    named = [
        ("index.html", "Scorecard"),
        *topics,
        ("projection.html", "Projection"),
        ("data-quality.html", "Data quality"),
        ("guidance.html", "Guidance"),
    ]
    return [{"file": file, "title": title} for file, title in named]


def _scorecard(month: PublishedMonth) -> Page:
    rags = [indicator.rag for indicator in month.scorecard]
    bases = (i.national_basis for i in month.scorecard if i.national_result and i.national_basis)
    return _page(
        month,
        "index.html",
        "scorecard",
        counts=Counter(rags),
        changed=[i for i in month.scorecard if movement.rag_change(i)],
        previous_words=movement.month_name(month.previous_month) if month.previous_month else "",
        sections=list(dict.fromkeys(i.section for i in month.scorecard)),
        bases=list(dict.fromkeys(bases)),
        others=[i for i in month.indicators if i.position is None],
        lost=sum(1 for i in month.scorecard if i.no_source),
    )


def _topic(month: PublishedMonth, topic: Topic, gallery: Gallery) -> Page:
    indicators = [month.indicator(kpi_id) for kpi_id in topic.kpi_ids]
    by_area = [(i, _by_area(i)) for i in indicators]
    areas = sorted({area for _, found in by_area for area in found} - {"unknown", WITHHELD_GROUP})
    return _page(
        month,
        f"{topic.topic_id}.html",
        "topic",
        topic=topic,
        indicators=indicators,
        tables=[(table, gallery.svg(pictures.table(table))) for table in topic.tables],
        areas=areas,
        by_area=[
            (i, [found.get(area, found.get(WITHHELD_GROUP)) for area in areas])
            for i, found in by_area
            if any(area in found for area in areas)
        ],
    )


def _by_area(indicator: Indicator) -> dict[str, Figure]:
    return {group.value: group.figure for group in indicator.groups if group.dimension == "area"}


def _projection(content: SiteContent, gallery: Gallery) -> Page:
    found: tuple[Population, ...] = ("children_in_care", "care_leavers")
    return _page(
        content.month,
        "projection.html",
        "projection",
        populations=[
            {
                **forecast.population_section(content.projection, population, content.month),
                "svg": gallery.svg(_projected(content, population)),
            }
            for population in found
        ],
        assumptions=content.projection.assumptions,
        rates=content.projection.rates,
    )


def _projected(content: SiteContent, population: Population) -> Chart | None:
    return forecast.chart(content.projection, population, content.month, content.past_stocks)


def _quality(month: PublishedMonth) -> Page:
    touched = [(i, _what_it_may_be(i, i.quality)) for i in month.indicators if i.quality]
    return _page(month, "data-quality.html", "quality", touched=touched)


def _what_it_may_be(indicator: Indicator, quality: QualityEffect) -> str:
    """In words: what a figure may become once its open failures are corrected."""
    rags = [words.RAG_WORDS[rag] for rag in (quality.worst_rag, quality.best_rag) if rag]
    colours = f"{rags[0]} or {rags[1]}" if len(rags) == 2 else "another colour"
    if quality.worst is None or quality.best is None:
        unchanged = "Its colour stays." if indicator.rag else "It may change a little."
        return f"It may be {colours}." if quality.changes_colour else unchanged
    if not quality.is_open:
        return "The same whatever is corrected."
    low, high = sorted((quality.worst, quality.best))
    between = f"{words.result(low, indicator.unit)} and {words.result(high, indicator.unit)}"
    colour = f": {colours}" if quality.changes_colour else ", its colour stays"
    return f"Between {between}{colour}."


def _indicator(
    month: PublishedMonth,
    indicator: Indicator,
    gallery: Gallery,
    before: Indicator | None,
    after: Indicator | None,
) -> Page:
    is_shown = indicator.printed.result or indicator.printed.hidden
    return _page(
        month,
        f"kpi/{indicator.kpi_id}.html",
        "indicator",
        i=indicator,
        shown_as_printed=indicator.position is not None and is_shown,
        movement=movement.describe_movement(indicator, month).text if indicator.position else "",
        commentary=Markup(markdown_html(indicator.commentary)) if indicator.commentary else None,
        trends=[
            (svg, alternatives.trend(indicator, month, count), caption)
            for count, caption in ((12, "Last twelve months"), (60, "Five years"))
            if (svg := gallery.svg(pictures.trend(indicator, month, count)))
        ],
        zones=_zones(indicator),
        exc={point.month: point.figure for point in indicator.exc_uasc_trend},
        bars=gallery.svg(pictures.breakdown(indicator)),
        groups=pictures.known_groups(indicator),
        quality=_what_it_may_be(indicator, indicator.quality) if indicator.quality else None,
        average=_average_difference(indicator, month),
        labels={i.kpi_id: i.label for i in month.indicators},
        before=before,
        after=after,
    )


def _zones(indicator: Indicator) -> str:
    """The meaning of the coloured bands behind a trend."""
    if indicator.target is None:
        return ""
    side = "or less" if indicator.polarity == "L" else "or more"
    green = f"Green is {words.target(indicator)} {side}"
    if indicator.floor is None:
        return f"{green}, as in the edition in force."
    amber = f"amber as far as {words.floor(indicator)}"
    return f"{green}, {amber}, red beyond: the target and floor of the edition in force."


def _difference(other: Figure | None, figure: Figure, unit: str) -> str:
    """By how much a result without UASC is above or below the result of all children."""
    change = _change(other, figure)
    return words.NOTHING if change is None else _signed(change, unit)


def _change(other: Figure | None, figure: Figure) -> float | None:
    if other is None or other.shown is None or figure.shown is None:
        return None
    return round(other.shown - figure.shown, 1)


def _signed(change: float, unit: str) -> str:
    """A difference with its sign; the unit is in the heading of its column."""
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return sign + words.number(abs(change), 0 if unit == "count" else 1)


def _average_difference(indicator: Indicator, month: PublishedMonth) -> str:
    """The mean difference that leaving out UASC makes, over the last twelve months.

    Empty if fewer than two of them have both results.
    """
    others = {point.month: point.figure for point in indicator.exc_uasc_trend}
    last = set(pictures.months_to(month, 12))
    changes = [
        change
        for point in indicator.trend
        if point.month in last
        and (change := _change(others.get(point.month), point.figure)) is not None
    ]
    if len(changes) < 2:
        return ""
    return _signed(round(sum(changes) / len(changes), 1), "mean")


@cache
def _environment() -> Environment:
    made = html_page.environment("cpw.reports.site", "templates")
    made.filters.update(words.FILTERS)
    made.filters["difference"] = _difference
    made.filters["short_month"] = pictures.month_words
    made.globals.update(_NAMES, alternatives=alternatives)
    return made


_NAMES: Mapping[str, Any] = {
    "rag_words": words.RAG_WORDS,
    "arrows": words.ARROWS,
    "polarities": words.POLARITIES,
    "periods": words.PERIODS,
    "dimensions": words.DIMENSIONS,
    "units": words.UNITS,
}
