"""The leads' commentary on the KPIs of a month: Markdown files, read, checked and made safe.

A KPI's file is ``$WAREHOUSE_HOME/commentary/<authority>/<YYYY-MM>/<kpi_id>.md``. It is read as
CommonMark without raw HTML. An image is shown as its description, a link as its text and address.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.reports.month.month import PublishedMonth
from cpw.reports.month.movement import RAG_NAMES

_SCHEMES = ("http://", "https://", "mailto:")
_SUFFIX = ".md"
BlockKind = Literal["paragraph", "heading", "bullets", "numbers"]
_LISTS: dict[str, BlockKind] = {"bullet_list": "bullets", "ordered_list": "numbers"}


@dataclass(frozen=True)
class Commentaries:
    """A month's Markdown by KPI, and a warning for each file that cannot be used."""

    texts: Mapping[str, str]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class TextRun:
    """A piece of text in one style; a newline in it is a line break."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading or a list; each item of a list is made of blocks."""

    kind: BlockKind
    runs: tuple[TextRun, ...] = ()
    items: tuple[tuple[Block, ...], ...] = field(default=())
    start: int = 1
    """The first number of a numbered list."""


def read_commentary(home: Home, partition: Partition, kpi_ids: Collection[str]) -> Commentaries:
    """Read a month's commentary; a file that cannot be used gives a warning.

    Args:
        home: the data home.
        partition: the authority and month.
        kpi_ids: the KPIs of the catalogue.
    """
    where = home.month(partition).commentary
    texts: dict[str, str] = {}
    warnings: list[str] = []
    for file in sorted(where.iterdir()) if where.is_dir() else ():
        if file.name.startswith("."):
            continue
        text, wrong = _checked(file, kpi_ids)
        if wrong:
            warnings.append(f"{file}: {wrong}")
        else:
            texts[file.stem] = text
    return Commentaries(texts, tuple(warnings))


def missing_commentary(month: PublishedMonth) -> tuple[str, ...]:
    """A warning for each amber or red KPI of the scorecard that nobody has commented on."""
    return tuple(
        f"{indicator.kpi_id} is {RAG_NAMES[indicator.rag]} and has no commentary. "
        f"{indicator.lead_role or 'Its lead'} should write "
        f"commentary/{month.partition}/{indicator.kpi_id}{_SUFFIX}"
        for indicator in month.scorecard
        if indicator.rag in ("A", "R") and not indicator.commentary
    )


def markdown_blocks(markdown: str) -> tuple[Block, ...]:
    """Markdown as paragraphs, headings and lists of plain text, for the paper."""
    return _blocks(SyntaxTreeNode(_parser().parse(_printable(markdown))))


def markdown_html(markdown: str, heading: int = 3) -> str:
    """Markdown as safe HTML; headings of every level become ``<h{heading}>``."""
    return "".join(_block_html(block, heading) for block in markdown_blocks(markdown))


def _checked(file: Path, kpi_ids: Collection[str]) -> tuple[str, str]:
    """A file's text and an empty string, or an empty text and what is wrong and to be done."""
    if file.suffix != _SUFFIX or not file.is_file():
        return "", f"this is no commentary. Name it <kpi_id>{_SUFFIX}, or remove it"
    if file.stem not in kpi_ids:
        return "", f"'{file.stem}' is no KPI. Name the file after a KPI of the catalogue"
    try:
        text = file.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        return "", "this is not UTF-8. Save it as UTF-8"
    except OSError as error:
        return "", f"this cannot be read ({error.strerror}). Check its permissions"
    return text, "" if markdown_blocks(text) else "this has no text. Write it, or remove the file"


@cache
def _parser() -> MarkdownIt:
    """A parser of CommonMark without raw HTML.

    It reads every link as a link, whatever its address; unsafe addresses are left out later.
    """
    parser = MarkdownIt("commonmark", {"html": False})
    parser.validateLink = _any_address  # type: ignore[assignment, method-assign]
    return parser


def _any_address(_address: str) -> bool:
    """Accept every address.

    The parser would show a link with an address it refuses as Markdown; we want its text alone.
    """
    return True


def _printable(markdown: str) -> str:
    """The text without invisible characters: control codes and changes of writing direction."""
    unseen = {"\n": "\n", "\t": "    "}
    return "".join(
        unseen.get(sign, "" if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn") else sign)
        for sign in markdown.replace("\r\n", "\n").replace("\r", "\n")
    )


def _blocks(parent: SyntaxTreeNode) -> tuple[Block, ...]:
    return tuple(block for node in parent.children for block in _block(node))


def _block(node: SyntaxTreeNode) -> tuple[Block, ...]:
    """The blocks of a node; a quotation gives the quoted blocks, a horizontal rule none."""
    if node.type in ("paragraph", "heading"):
        runs = _joined([run for inline in node.children for run in _runs(inline, TextRun(""))])
        kind: BlockKind = "heading" if node.type == "heading" else "paragraph"
        return (Block(kind, runs),) if runs else ()
    if node.type in ("code_block", "fence"):
        text = node.content.strip("\n")
        return (Block("paragraph", (TextRun(text),)),) if text.strip() else ()
    if node.type in _LISTS:
        items = tuple(found for item in node.children if (found := _blocks(item)))
        start = int(node.attrs.get("start", 1))
        return (Block(_LISTS[node.type], items=items, start=start),) if items else ()
    return _blocks(node)


def _runs(node: SyntaxTreeNode, style: TextRun) -> list[TextRun]:
    """The text of an inline node, in pieces of one style; an image gives its description."""
    if node.type in ("text", "code_inline", "image"):
        return [replace(style, text=node.content)]
    if node.type in ("softbreak", "hardbreak"):
        return [replace(style, text=" " if node.type == "softbreak" else "\n")]
    if node.type == "strong":
        style = replace(style, bold=True)
    if node.type == "em":
        style = replace(style, italic=True)
    runs = [run for child in node.children for run in _runs(child, style)]
    return runs + _address(node, runs, style) if node.type == "link" else runs


def _address(node: SyntaxTreeNode, text: list[TextRun], style: TextRun) -> list[TextRun]:
    """A link's address, to be shown after its text; nothing if it is unsafe or the text itself."""
    href = str(node.attrs.get("href", ""))
    address, shown = href.removeprefix("mailto:"), "".join(run.text for run in text)
    if not href.lower().startswith(_SCHEMES) or shown in (address, href):
        return []
    return [replace(style, text=f" ({address})")]


def _joined(runs: list[TextRun]) -> tuple[TextRun, ...]:
    """Neighbouring pieces of one style joined; nothing where they have no text at all."""
    joined: list[TextRun] = []
    for run in runs:
        if joined and replace(joined[-1], text="") == replace(run, text=""):
            joined[-1] = replace(run, text=joined[-1].text + run.text)
        elif run.text:
            joined.append(run)
    return tuple(joined) if any(run.text.strip() for run in joined) else ()


def _block_html(block: Block, heading: int) -> str:
    inline = "".join(_run_html(run) for run in block.runs)
    if block.kind == "heading":
        return f"<h{heading}>{inline}</h{heading}>"
    if block.kind == "paragraph":
        return f"<p>{inline}</p>"
    items = "".join(
        f"<li>{''.join(_block_html(inner, heading) for inner in item)}</li>" for item in block.items
    )
    if block.kind == "bullets":
        return f"<ul>{items}</ul>"
    return f'<ol start="{block.start}">{items}</ol>' if block.start != 1 else f"<ol>{items}</ol>"


def _run_html(run: TextRun) -> str:
    text = escape(run.text).replace("\n", "<br>")
    text = f"<em>{text}</em>" if run.italic else text
    return f"<strong>{text}</strong>" if run.bold else text
