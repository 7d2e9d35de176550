"""The rows of one statutory return, read plainly from its files, and which of them are valid."""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

Raw = dict[str, list[dict[str, str]]]
"""The cells of each module as they came, with `row`, the row a spreadsheet shows."""

# Columns of each module and what their cells are; `!` says that a value is required.
MODULES = {
    "header": "child:id! sex:sex! dob:date! ethnic:ethnic! mother:flag mc_dob:date",
    "episodes": "child:id! decom:date! rne:rne! ls:ls! cin:cin! place:place! "
    "place_provider:provider dec:date rec:rec reason_place_change:change home_post:text "
    "pl_post:text urn:id",
    "reviews": "child:id! dob:date review:date! review_code:review",
    "uasc": "child:id! sex:sex dob:date duc:date",
    "oc2": "child:id! dob:date sdq_score:int sdq_reason:sdq convicted:flag health_check:flag "
    "immunisations:flag teeth_check:flag health_assessment:flag substance_misuse:flag "
    "intervention_received:flag intervention_offered:flag",
    "oc3": "child:id! dob:date in_touch:touch! activ:activ accom:accom",
    "ad1": "child:id! dob:date date_int:date date_match:date foster_care:flag nb_adoptr:int "
    "sex_adoptr:sexes ls_adoptr:status",
    "placed_for_adoption": "child:id! dob:date date_placed:date! date_placed_ceased:date "
    "reason_placed_ceased:reversal",
    "previous_permanence": "child:id! dob:date prev_perm:permanence! la_perm:text date_perm:text",
    "missing": "child:id! dob:date missing:missing! mis_start:date! mis_end:date",
    "sw_episodes": "child:id! dob:date sw_id:id! sw_decom:date! sw_dec:date sw_reason:text",
    "dol": "child:id! dob:date dol_start:date! dol_end:date",
}
KEYS = {
    "episodes": "decom",
    "reviews": "review",
    "placed_for_adoption": "date_placed",
    "missing": "mis_start",
    "sw_episodes": "sw_decom",
    "dol": "dol_start",
}
ENDS = {
    "episodes": ("decom", "dec"),
    "placed_for_adoption": ("date_placed", "date_placed_ceased"),
    "missing": ("mis_start", "mis_end"),
    "sw_episodes": ("sw_decom", "sw_dec"),
    "dol": ("dol_start", "dol_end"),
}
CODES = {
    "sex": "M F U",
    "flag": "0 1",
    "ethnic": "WBRI WIRI WOTH WIRT WROM MWBC MWBA MWAS MOTH AIND APKN ABAN AOTH BCRB BAFR BOTH "
    "CHNE OOTH REFU NOBT",
    "rne": "S L P T B U",
    "ls": "C1 C2 D1 E1 V2 V3 V4 L1 L2 L3 J1 J2 J3",
    "cin": "N1 N2 N3 N4 N5 N6 N7 N8",
    "place": "A3 A4 A5 A6 H5 K1 K2 K3 P1 P2 P3 R1 R2 R3 R5 S1 T0 T1 T2 T3 T4 U1 U2 U3 U4 U5 U6 "
    "Z1 Z11 Z12 Z13 Z14",
    "provider": "PR0 PR1 PR2 PR3 PR4 PR5",
    "rec": "X1 E11 E12 E2 E3 E4A E4B E13 E41 E43 E44 E45 E46 E47 E48 E5 E6 E7 E8 E9 E14 E15 E16 "
    "E17",
    "change": "CARPL CLOSE ALLEG STAND APPRR CREQB CREQO CHILD LAREQ PLACE CUSTOD OTHER",
    "review": "PN0 PN1 PN2 PN3 PN4 PN5 PN6 PN7",
    "sdq": "SDQ1 SDQ2 SDQ3 SDQ4 SDQ5",
    "touch": "YES NO DIED REFU NREQ RHOM",
    "activ": "F1 P1 F2 P2 F3 P3 F4 P4 F5 P5 G4 G5 G6 0",
    "accom": " ".join(a + n for a in "BCDEGHKRSTUVWXYZ" for n in "12") + " 0",
    "sexes": "M1 F1 MM FF MF",
    "status": "L0 L11 L12 L2 L3 L4",
    "reversal": "RD1 RD2 RD3 RD4",
    "permanence": "P1 P2 P3 P4 Z1",
    "missing": "M A",
}
MOST_SCORE = 40
# --- reading --------------------------------------------------------------------------------


def read_csv(folder: Path) -> Raw:
    """Read the modules of a folder, one file each."""
    raw: Raw = {}
    for name in MODULES:
        file = folder / f"{name}.csv"
        if file.exists():
            with file.open(newline="", encoding="utf-8-sig") as handle:
                rows = [{k.lower(): v for k, v in row.items()} for row in csv.DictReader(handle)]
            raw[name] = [row | {"row": str(n)} for n, row in enumerate(rows, 2)]
    return raw


_XML_ROWS = {
    "areview": "reviews",
    "amissing": "missing",
    "oc2": "oc2",
    "ad_placed": "placed_for_adoption",
    "permanence": "previous_permanence",
    "episode": "episodes",
}
_XML_FLAT = {"oc3": "in_touch activ accom", "uasc": "duc", "ad1": MODULES["ad1"]}


def read_xml(file: Path) -> Raw:
    """Read the modules of an XML return; the n-th element of a module has row n + 1."""
    raw: Raw = {name: [] for name in MODULES}
    for child in ET.parse(file).getroot():
        header = _cells(child.find("HEADER"))
        header["child"] = header["childid"]
        rows = [("header", header)]
        for name, columns in _XML_FLAT.items():
            names = [c.split(":")[0] for c in columns.split()]
            if any(header.get(c) for c in names if c not in ("child", "dob")):
                rows.append((name, {c: header.get(c, "") for c in (*names, "dob", "sex")}))
        for element in [*(child.find("HEADER") or ()), *child.findall("EPISODE")]:
            if module := _XML_ROWS.get(element.tag.lower()):
                rows.append((module, _cells(element)))
        for module, cells in rows:
            cells["child"] = header["child"]
            if "pl" in cells:
                cells["place"] = cells.pop("pl")
            raw[module].append(cells | {"row": str(len(raw[module]) + 2)})
    return {name: rows for name, rows in raw.items() if rows}


def _cells(element: ET.Element | None) -> dict[str, str]:
    assert element is not None
    return {e.tag.lower(): (e.text or "") for e in element if len(e) == 0}


# --- what is valid --------------------------------------------------------------------------


@dataclass
class Return:
    """The valid rows of a return, and the rows refused of each module."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refused: dict[str, set[int]] = field(default_factory=dict)
    overlapping: set[int] = field(default_factory=set)


class BadCellError(Exception):
    """A cell that is not valid."""


def _cell(text: str, kind: str) -> Any:
    text = (text or "").strip()
    if kind.startswith("date") and text:
        parts = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
        try:
            return date(*(int(part) for part in reversed(parts.groups()))) if parts else _bad()
        except ValueError:
            raise BadCellError from None
    if kind == "int" and text:
        return int(text) if text.isdigit() and int(text) <= MOST_SCORE else _bad()
    text = text.upper() if kind not in ("id", "text") else text
    if kind == "sex":
        text = {"1": "M", "2": "F"}.get(text, text)
    if kind == "flag":
        text = text.removesuffix(".0")
    if text and kind in CODES and text not in CODES[kind].split():
        raise BadCellError
    return text or None


def _bad() -> Any:
    raise BadCellError


def _typed(cells: dict[str, str], columns: str) -> dict[str, Any]:
    row: dict[str, Any] = {"row": int(cells["row"])}
    for column in columns.split():
        name, kind = column.split(":")
        try:
            row[name] = _cell(cells.get(name, ""), kind.rstrip("!"))
        except BadCellError:
            row[name] = None  # a cell that may be empty costs no row
        if kind.endswith("!") and row[name] is None:
            raise BadCellError
    return row


def valid(raw: Raw, year: int) -> Return:
    """Tell the rows of a return that count from those that do not."""
    found = Return()
    births: dict[str, date] = {}
    for name, columns in MODULES.items():
        rows = []
        for cells in raw.get(name, []):
            try:
                rows.append(_typed(cells, columns))
            except BadCellError:
                continue
        rows = _unique(name, rows)
        if name == "header":
            births = {row["child"]: row["dob"] for row in rows}
        rows = [row for row in rows if row["child"] in births and _in_order(name, row)]
        if name == "episodes":
            last = date(year, 3, 31)
            rows = [r for r in rows if births[r["child"]] <= r["decom"] <= last]
            rows, found.overlapping = _apart(rows)
        found.rows[name] = rows
        everything = {int(cells["row"]) for cells in raw.get(name, [])}
        found.refused[name] = everything - {row["row"] for row in rows}
    return found


def _in_order(name: str, row: dict[str, Any]) -> bool:
    start, end = ENDS.get(name, ("child", ""))
    return row.get(end) is None or row[end] >= row[start]


def _unique(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One of rows that are equal; none of those that share their key and differ."""
    once = {tuple(v for k, v in row.items() if k != "row"): row for row in reversed(rows)}
    kept = sorted(once.values(), key=lambda row: row["row"])
    keys = Counter(_key(name, row) for row in kept if not _is_of_a_moment(name, row))
    return [row for row in kept if _is_of_a_moment(name, row) or keys[_key(name, row)] == 1]


def _key(name: str, row: dict[str, Any]) -> tuple[Any, ...]:
    """What no two rows share; an unauthorised absence may begin on the day of a missing episode."""
    return row["child"], row.get(KEYS.get(name, "")), row.get("missing")


def _is_of_a_moment(name: str, row: dict[str, Any]) -> bool:
    """Whether a row ends on the day it begins; another may begin on that day."""
    start, end = ENDS.get(name, ("", ""))
    return row.get(end) is not None and row.get(end) == row.get(start)


def _apart(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], set[int]]:
    """The episodes that do not overlap an earlier one, and the rows of those that do.

    An episode without an end is in nobody's way: it is taken to end where the next one begins.
    """
    kept, overlapping = [], set()
    busy: dict[str, date] = {}
    for row in sorted(rows, key=lambda row: (row["child"], row["decom"])):
        if row["decom"] < busy.get(row["child"], date.min):
            overlapping.add(row["row"])
        else:
            kept.append(row)
            busy[row["child"]] = row["dec"] or date.min
    return kept, overlapping
