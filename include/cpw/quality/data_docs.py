"""Data Docs: the rules and results of each gate, as HTML pages with an index.

Great Expectations renders the pages. Styles, scripts and pictures that a page would fetch from the
network are removed, and a few lines of style are added: the page then looks right offline, and
nobody outside can see that it was opened. The pages have counts, and no child-level value.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cpw.core.files import written_whole
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.quality.validation import Validation, render

_FETCHED = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<footer\b.*?</footer>", re.DOTALL
)
_ELSEWHERE = re.compile(r"""url\(\s*['"]?https?://[^)]*\)""")
_STYLE = """<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 2rem 4rem; color: #1b1b1b; }
nav ol, ul.nav { list-style: none; padding: 0; }
body > .container-fluid > .row { display: flex; gap: 2rem; align-items: flex-start; }
.col-lg-2 { flex: 0 0 21rem; position: sticky; top: 0; max-height: 100vh; overflow: auto; }
.col-lg-2 .mb-3, .modal, .ge-breadcrumbs { display: none; }
.fa-check-circle::before { content: "pass"; color: #0a7a35; font-style: normal; }
.fa-times::before { content: "FAIL"; color: #b00; font-weight: bold; font-style: normal; }
.fa-exclamation-triangle::before { content: "ERRORED"; color: #b00; font-style: normal; }
h5 { margin: 1.4rem 0 .3rem; }
ul.nav a { font-size: 13px; word-break: break-all; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1.4rem; }
th, td { border: 1px solid #d3d3d3; padding: .3rem .6rem; text-align: left; vertical-align: top; }
a { color: #0b5394; }
@media (max-width: 700px) {
  body > .container-fluid > .row { display: block; } .col-lg-2 { position: static; }
}
@media (prefers-color-scheme: dark) {
  body { background: #16191d; color: #e6e6e6; } a { color: #8ab8ff; }
}
</style>"""


def write_page(
    home: Home, partition: Partition, name: str, run: str, validation: Validation
) -> None:
    """Write the page of a gate's run, add it to the pages of earlier runs, and write the indexes.

    Args:
        home: the data home.
        partition: authority, month and source of the extract.
        name: the gate, with its feed if it has one; names the page of the newest run.
        run: the run; names the page that is kept.
        validation: the results of the rules.
    """
    folder = home.month(partition).data_docs
    history = folder / "history"
    history.mkdir(parents=True, exist_ok=True)
    page = _self_contained(render(f"{name}, {partition}", validation))
    kept = history / f"{run}.html"
    kept.write_text(page.replace('href="index.html"', 'href="../index.html"'), encoding="utf-8")
    with written_whole(folder / f"{name}.html") as made:
        made.write_text(page, encoding="utf-8")
    _write_index(folder, f"Gates of {partition}", _pages(folder))
    months = sorted(home.data_docs.glob("*/*/index.html"), reverse=True)
    _write_index(
        home.data_docs,
        "Data Docs",
        (("/".join(p.parts[-3:-1]), str(p.relative_to(home.data_docs))) for p in months),
    )


def _pages(folder: Path) -> list[tuple[str, str]]:
    """The newest page of each gate, then every run, the newest first."""
    newest = sorted(path for path in folder.glob("*.html") if path.name != "index.html")
    runs = sorted((folder / "history").glob("*.html"), reverse=True)
    reports = f"../../../reports/{folder.parent.name}/{folder.name}"
    sources = dict.fromkeys("-ssda903" if "-ssda903" in path.stem else "" for path in newest)
    return [
        *(
            (f"data-quality report{own}", f"{reports}/restricted/quality-report{own}.html")
            for own in sources
        ),
        *((path.stem, path.name) for path in newest),
        *((_run_label(path.stem), f"history/{path.name}") for path in runs),
    ]


def _run_label(run: str) -> str:
    """A run's name in readable form: ``gate_extract-health, run of 2018-07-02 08:15:00 UTC``."""
    moment, _, gate = run.partition("-")
    return f"{gate}, run of {datetime.strptime(moment, '%Y%m%dT%H%M%S%f'):%Y-%m-%d %H:%M:%S} UTC"


def _self_contained(page: str) -> str:
    page = _ELSEWHERE.sub("none", _FETCHED.sub("", page))
    page = page.replace('href="../../../../index.html"', 'href="index.html"')
    return page.replace("</head>", f"{_STYLE}</head>", 1)


def _write_index(folder: Path, title: str, links: Iterable[tuple[str, str]]) -> None:
    items = "\n".join(
        f'<li><a href="{html.escape(target)}">{html.escape(label)}</a></li>'
        for label, target in links
    )
    with written_whole(folder / "index.html") as made:
        made.write_text(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{html.escape(title)}</title>{_STYLE}</head>"
            f"<body><h1>{html.escape(title)}</h1><ul>\n{items}\n</ul></body></html>",
            encoding="utf-8",
        )
