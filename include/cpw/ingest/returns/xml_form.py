"""Read a return that is one XML file, EXPSSDA903, child by child as it comes.

A file with a document type is refused before any entity in it is expanded: a return needs no
document type, and an entity can be written to fill the memory. Pupil numbers are dropped here; only
the fact that two ids share one is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from cpw.contract.return_modules import HEADER, modules
from cpw.core.errors import InputError
from cpw.ingest.returns.text_files import TextFile, Upns, note_upn

ROOT = "EXPSSDA903"
CHILD = "CHILD"
# The elements that become one row each; the tables whose columns are elements directly below CHILD.
_ROWS = {
    "EPISODE": "ssda903_episodes",
    "AREVIEW": "ssda903_reviews",
    "AMISSING": "ssda903_missing",
    "OC2": "ssda903_oc2",
    "PERMANENCE": "ssda903_previous_permanence",
    "AD_PLACED": "ssda903_placed_for_adoption",
    "SW_EPISODE": "ssda903_sw_episodes",
    "SW_EPISODES": "ssda903_sw_episodes",
    "SWEPISODE": "ssda903_sw_episodes",
    "DOL": "ssda903_dol",
    "DOLO": "ssda903_dol",
}
_IN_HEADER = ("ssda903_oc3", "ssda903_ad1")
_RENAMED = {"childid": "child", "pl": "place"}
_OF_THE_CHILD = {"child", "sex", "dob"}
_NOT_READ = {"upn", "uasc"}
_YES = {"1", "Y", "YES", "TRUE"}
_ENCODINGS = ("utf-8", "utf-16", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252")

Cells = dict[str, str]


@dataclass
class _Child:
    fields: Cells = field(default_factory=dict)
    rows: list[tuple[str, Cells]] = field(default_factory=list)


@dataclass
class _Element:
    name: str
    is_leaf: bool = True
    text: list[str] = field(default_factory=list)


class _Reader:
    """Handlers of the parser; never more than one child is in memory."""

    def __init__(self, label: str, files: Mapping[str, TextFile], upns: Upns) -> None:
        self.label, self.files, self.upns = label, files, upns
        self.open: list[_Element] = []
        self.child: _Child | None = None
        self.row: Cells | None = None
        self.children = 0
        self.unknown: set[str] = set()

    def parse(self, path: Path) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = self.check_encoding
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        try:
            with path.open("rb") as handle:
                parser.ParseFile(handle)
        except expat.ExpatError as error:
            raise _not_well_formed(self.label, error) from None

    def check_encoding(self, _: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise InputError(
                "the XML declares an encoding that cannot be read",
                file=self.label,
                remedy=f"Export it in one of {', '.join(_ENCODINGS)}",
            )

    def refuse_doctype(self, *_: object) -> None:
        raise InputError(
            "the XML has a document type (DOCTYPE), which may define entities",
            file=self.label,
            remedy="Export the return again without it: a return needs no document type",
        )

    def start(self, name: str, _: dict[str, str]) -> None:
        tag = name.rpartition(":")[2].upper()
        if not self.open and tag != ROOT:
            raise InputError(
                f"the XML does not begin with {ROOT}",
                file=self.label,
                remedy="Use the SSDA903 return as it was exported for the collection",
            )
        if self.open:
            self.open[-1].is_leaf = False
        self.open.append(_Element(tag))
        if len(self.open) == 2 and tag == CHILD:
            self.child = _Child()
        elif self.child is not None and self.row is None and tag in _ROWS:
            self.row = {}

    def characters(self, text: str) -> None:
        if self.open:
            self.open[-1].text.append(text)

    def end(self, _: str) -> None:
        element = self.open.pop()
        if self.child is None:
            return
        if element.name == CHILD and len(self.open) == 1:
            self._write(self.child)
            self.child = None
        elif self.row is not None and element.name in _ROWS:
            if any(text.strip() for text in self.row.values()):
                self.child.rows.append((_ROWS[element.name], self.row))
            self.row = None
        elif element.is_leaf:
            name = element.name.lower()
            cells = self.child.fields if self.row is None else self.row
            cells[_RENAMED.get(name, name)] = "".join(element.text)

    def _write(self, child: _Child) -> None:
        self.children += 1
        fields = child.fields
        note_upn(self.upns, fields.get("child"), fields.get("upn"))
        if not self.files:
            return
        own = {name: fields[name] for name in _OF_THE_CHILD if name in fields}
        self._add(HEADER, fields)
        if fields.get("uasc", "").strip().upper() in _YES or fields.get("duc", "").strip():
            self._add("ssda903_uasc", fields)
        for name in _IN_HEADER:
            columns = set(modules()[name].column_names) - _OF_THE_CHILD
            if any(fields.get(column, "").strip() for column in columns):
                self._add(name, fields)
        for name, cells in child.rows:
            cells = {modules()[name].column_named(tag): text for tag, text in cells.items()}
            self.unknown |= cells.keys() - set(modules()[name].column_names)
            self._add(name, cells | own)
        self.unknown |= fields.keys() - _known_in_header()

    def _add(self, name: str, cells: Mapping[str, str | None]) -> None:
        file = self.files[name]
        file.add(file.rows + 2, cells)


def _known_in_header() -> set[str]:
    names = (HEADER, "ssda903_uasc", *_IN_HEADER)
    return {column for name in names for column in modules()[name].column_names} | _NOT_READ


def _not_well_formed(label: str, error: expat.ExpatError) -> InputError:
    what = expat.errors.messages.get(error.code, "not well formed")
    return InputError(
        f"the XML is cut short or damaged at line {error.lineno}, "
        f"character {error.offset + 1} ({what})",
        file=label,
        remedy="Export or transfer it again; nothing of it was loaded",
    )


def read_xml(path: Path, label: str, files: Mapping[str, TextFile], upns: Upns) -> list[str]:
    """Read a return in XML: each row element becomes a row.

    Without files, only the pupil numbers are collected.

    Returns:
        A note on the elements that are in no module, if there are any.

    Raises:
        InputError: the file is incomplete, is not a return, or has a document type.
    """
    reader = _Reader(label, files, upns)
    reader.parse(path)
    if reader.children == 0:
        raise InputError(
            "the XML has no CHILD element",
            file=label,
            remedy="Use the SSDA903 return as it was exported for the collection",
        )
    if not reader.unknown:
        return []
    names = ", ".join(sorted(name.upper() for name in reader.unknown))
    return [f"{label} has elements that are in no module and were ignored: {names}"]
