"""The glossary explains every abbreviation that a report explains, in the same words."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from cpw.core.paths import PROJECT_ROOT
from cpw.reports.site.build import ABBREVIATIONS
from cpw.reports.site.words import PERIODS

GLOSSARY = (PROJECT_ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
_LINE = re.compile(r"^\| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_PAPER_TERM = re.compile(r'\("([^"]+)", "([^"]+)"\)')


def meanings() -> dict[str, str]:
    """The meaning of each term of the glossary."""
    return {term: meaning for term, meaning in _LINE.findall(GLOSSARY) if term.strip("- ")}


@pytest.mark.parametrize(("short", "words"), [*ABBREVIATIONS.items(), *PERIODS.items()])
def test_what_the_site_explains_has_the_same_words(short: str, words: str) -> None:
    assert words in meanings()[short]


def test_what_the_paper_explains_is_explained() -> None:
    template = (files("cpw.reports.paper") / "paper.typ").read_text(encoding="utf-8")
    terms = _PAPER_TERM.findall(template[template.index("#let terms") :])
    assert len(terms) > 15
    missing = {short for short, _ in terms} - meanings().keys() - {"Num", "Denom"}
    assert missing == set()


def test_terms_are_in_alphabetical_order() -> None:
    for section in _SECTION.split(GLOSSARY)[2::2]:
        terms = [term.casefold() for term, _ in _LINE.findall(section) if term.strip("- ")][1:]
        assert terms == sorted(terms)
