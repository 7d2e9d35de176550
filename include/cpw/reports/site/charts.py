"""The charts of the site: declared with Altair, compiled once for each kind, drawn as SVG.

As a program, this module reads charts as JSON and writes an SVG element for each.

An SVG element takes its colours from the page (CSS variables) and has no style and no script.
Assistive technology skips it: the page describes the chart in words and has its numbers in a table.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from cpw.reports.site.drawing import Chart

Rows = Sequence[Mapping[str, Any]]

_MONTH_NAMES = json.dumps([f"{date(2000, month, 1):%b}" for month in range(1, 13)])
_MONTH = f"{_MONTH_NAMES}[+slice(datum.value, 5) - 1] + ' ' + slice(datum.value, 2, 4)"
_EVEN_MONTHS = f"+slice(datum.value, 5) % 2 == 0 ? {_MONTH} : ''"
_APRILS = f"slice(datum.value, 5) == '04' ? {_MONTH} : ''"
_ZONES = ["G", "A", "R", "none"]
_ZONE_COLOURS = ["var(--zone-g)", "var(--zone-a)", "var(--zone-r)", "transparent"]
_INK = "var(--chart-1)"
_SECOND = "var(--chart-2)"


def _drawn(chart: Chart) -> str:
    return _element(vl_convert.vega_to_svg(_filled(chart)))


def _filled(chart: Chart) -> dict[str, Any]:
    """The compiled chart of the kind, with the data of this chart."""
    spec = dict(_compiled(chart.kind))
    spec["data"] = [
        {**data, "values": list(chart.datasets[data["name"]])}
        if data["name"] in chart.datasets
        else data
        for data in spec["data"]
    ]
    return spec


@cache
def _compiled(kind: str) -> dict[str, Any]:
    chart: Any = _KINDS[kind]().configure(**_CONFIG)
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(chart.to_dict(validate=False))
    return compiled


_CONFIG: dict[str, Any] = {
    "aria": False,
    "background": "transparent",
    "font": "inherit",
    "view": {"stroke": None},
    "mark": {"invalid": "break-paths-show-domains"},
    "axis": {
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "gridColor": "var(--line)",
        "gridOpacity": 0.5,
        "labelFontSize": 13,
        "labelLimit": 240,
        "title": None,
    },
    "header": {"labelColor": "currentColor", "labelFontSize": 13, "labelFontWeight": "bold"},
    "legend": {
        "labelColor": "currentColor",
        "labelFontSize": 13,
        "orient": "top",
        "title": None,
        "symbolStrokeColor": "currentColor",
    },
    "text": {"color": "currentColor", "fontSize": 13},
}

_HEIGHT = re.compile(r'(<svg [^>]*?)height="[^"]*" ')
_UNUSED = re.compile(r' (?:role|aria-[a-z]+|xmlns:xlink|version)="[^"]*"')
_SPOKEN = re.compile(r' class="(?:mark|role)[^"]*"')


def _element(svg: str) -> str:
    """An SVG element that the page can shrink, without what only a separate SVG file needs."""
    svg = _SPOKEN.sub("", _UNUSED.sub("", svg))
    svg = _HEIGHT.sub(r"\1", svg, count=1)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _trend(every_month: bool) -> alt.LayerChart | alt.FacetChart:
    """Results by month, with and without UASC, over bands of red, amber and green."""
    zones = alt.NamedData(name="zones")
    points = alt.NamedData(name="points")
    month = alt.X(
        "month:O",
        axis=alt.Axis(
            labelExpr=_EVEN_MONTHS if every_month else _APRILS,
            labelAngle=0,
            ticks=False,
            grid=False,
        ),
        scale=alt.Scale(padding=0.3 if every_month else 0),
    )
    value = alt.Y(
        "value:Q", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(tickCount=5, grid=False)
    )
    dash = alt.StrokeDash(
        "series:N",
        scale=alt.Scale(domain=["All", "Without UASC"], range=[[1, 0], [5, 4]]),
    )
    areas = (
        alt.Chart(zones)
        .mark_rect()
        .encode(
            y=alt.Y("low:Q", scale=alt.Scale(zero=False, nice=False)),
            y2="high:Q",
            color=alt.Color(
                "zone:N", scale=alt.Scale(domain=_ZONES, range=_ZONE_COLOURS), legend=None
            ),
        )
    )
    letters = (
        alt.Chart(zones)
        .mark_text(align="left", dx=6, fontWeight="bold")
        .encode(x=alt.value("width"), y="middle:Q", text="letter:N")
    )
    line = (
        alt.Chart(points)
        .mark_line(color=_INK, strokeWidth=2)
        .encode(x=month, y=value, strokeDash=dash)
    )
    dots = (
        alt.Chart(points)
        .mark_point(color=_INK, filled=True, size=36 if every_month else 16, opacity=1)
        .encode(x=month, y=value, detail="series:N")
    )
    return alt.layer(areas, letters, line, dots).properties(width=470, height=190)


def _bars() -> alt.LayerChart | alt.FacetChart:
    """A bar for each row, with its label and number before it; a row may be a heading.

    The labels are text marks and not an axis, as an axis measures its texts, which is slow.
    """
    rows = alt.Chart().encode(
        y=alt.Y("order:O", axis=None, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1))
    )
    bars = rows.mark_bar(color=_INK).encode(
        x=alt.X("number:Q", axis=alt.Axis(labels=False, ticks=False, domain=False, tickCount=4))
    )
    labels = rows.mark_text(
        align="right", dx=-6, fontWeight=alt.expr("datum.is_heading ? 'bold' : 'normal'")
    ).encode(x=alt.value(0), text="label:N")
    return alt.layer(bars, labels, data=alt.NamedData(name="bars")).properties(
        width=270, height=alt.Step(25)
    )


def _months() -> alt.LayerChart | alt.FacetChart:
    """Counts by month, as bars."""
    return alt.layer(
        alt.Chart(alt.NamedData(name="points"))
        .mark_bar(color=_INK)
        .encode(
            x=alt.X(
                "month:O",
                axis=alt.Axis(labelExpr=_MONTH, labelAngle=-45, ticks=False, grid=False),
            ),
            y=alt.Y("value:Q", axis=alt.Axis(tickCount=5)),
        )
    ).properties(width=470, height=190)


def _projection() -> alt.LayerChart | alt.FacetChart:
    """The numbers counted, then the numbers projected, with their interval."""
    month = alt.X(
        "month:O",
        axis=alt.Axis(
            labelExpr=_MONTH, labelAngle=-45, labelOverlap="greedy", ticks=False, grid=False
        ),
    )
    scale = alt.Scale(zero=False)
    band = (
        alt.Chart(alt.NamedData(name="points"))
        .mark_area(color=_SECOND, opacity=0.25)
        .encode(x=month, y=alt.Y("low:Q", scale=scale), y2="high:Q")
    )
    line = (
        alt.Chart(alt.NamedData(name="points"))
        .mark_line(strokeWidth=2)
        .encode(
            x=month,
            y=alt.Y("value:Q", scale=scale, axis=alt.Axis(tickCount=5)),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=["Counted", "Projected"], range=[_INK, _SECOND]),
            ),
            strokeDash=alt.StrokeDash(
                "series:N",
                scale=alt.Scale(domain=["Counted", "Projected"], range=[[1, 0], [5, 4]]),
            ),
        )
    )
    limit = (
        alt.Chart(alt.NamedData(name="limits"))
        .mark_rule(strokeDash=[2, 3], color="currentColor")
        .encode(y="value:Q")
    )
    words = (
        alt.Chart(alt.NamedData(name="limits"))
        .mark_text(align="left", baseline="bottom", dx=4, dy=-2)
        .encode(x=alt.value(0), y="value:Q", text="words:N")
    )
    return alt.layer(band, line, limit, words).properties(width=470, height=220)


_KINDS: dict[str, Callable[[], Any]] = {
    "trend_12": lambda: _trend(every_month=True),
    "trend_60": lambda: _trend(every_month=False),
    "bars": _bars,
    "months": _months,
    "projection": _projection,
}


if __name__ == "__main__":
    json.dump([_drawn(Chart(**chart)) for chart in json.load(sys.stdin)], sys.stdout)
