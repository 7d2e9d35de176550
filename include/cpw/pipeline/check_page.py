"""The page of a check: which tables and columns are there, what stops, what is refused."""

from __future__ import annotations

from pathlib import Path

from cpw.core.authorities import authorities
from cpw.core.files import written_whole
from cpw.core.html_page import environment
from cpw.pipeline.check import Checked

_VERDICTS = {
    "unusable": "These files cannot be loaded as they are (exit code 2).",
    "stopped": "A gate would stop this month (exit code 1).",
    "passed": "The gates would let this month through (exit code 0).",
}


def write_page(checked: Checked, target: Path) -> Path:
    """Write the page; it shows counts, names of files and columns, and no value of a row."""
    page = environment("cpw.pipeline").get_template("check.html.j2")
    text = page.render(
        checked=checked,
        authority=authorities()[checked.partition.authority].name,
        verdict=_VERDICTS[checked.state],
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as made:
        made.write_text(text, encoding="utf-8")
    return target
