"""Write a return, as read from either form, in the other: XML as CSV files, CSV files as XML."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from support.ssda903.plain_rows import MODULES, Raw

_IN_HEADER = {"uasc": "duc", "oc3": "in_touch activ accom", "ad1": "date_int date_match"}
_ELEMENTS = {
    "reviews": "AREVIEW",
    "missing": "AMISSING",
    "oc2": "OC2",
    "placed_for_adoption": "AD_PLACED",
    "previous_permanence": "PERMANENCE",
}
_ADOPTERS = "foster_care nb_adoptr sex_adoptr ls_adoptr"


def columns(module: str) -> list[str]:
    """The columns of a module's CSV file, lower case."""
    names = [column.split(":")[0] for column in MODULES[module].split()]
    if module == "header":
        names.insert(names.index("ethnic") + 1, "upn")
    return names


def children_of(raw: Raw, children: Collection[str]) -> Raw:
    """The rows of some children."""
    return {name: [r for r in rows if r["child"] in children] for name, rows in raw.items()}


def write_csv(raw: Raw, folder: Path) -> Path:
    """Write a folder of CSV files; a birth date that only the header has goes into every file."""
    folder.mkdir(parents=True)
    births = {row["child"]: row["dob"] for row in raw["header"]}
    for module, rows in raw.items():
        names = columns(module)
        with (folder / f"{module}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(name.upper() for name in names)
            for row in rows:
                cells = {"dob": births.get(row["child"], "")} | row
                writer.writerow(cells.get(name) or "" for name in names)
    return folder


def write_xml(raw: Raw, file: Path) -> Path:
    """Write an XML file; rows of children that the header does not have cannot be written."""
    by_child: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for module, rows in raw.items():
        for row in rows:
            by_child[module, row["child"]].append(row)
    root = ET.Element("EXPSSDA903")
    for row in raw["header"]:
        child = ET.SubElement(root, "CHILD")
        header = ET.SubElement(child, "HEADER")
        _add(header, {"childid": row["child"]}, "childid")
        _add(header, row, "upn sex dob ethnic mother mc_dob")
        for module, names in _IN_HEADER.items():
            more = _ADOPTERS if module == "ad1" else ""
            for cells in by_child[module, row["child"]]:
                _add(header, cells, f"{names} {more}")
        for module, element in _ELEMENTS.items():
            names = " ".join(n for n in columns(module) if n not in ("child", "dob"))
            for cells in by_child[module, row["child"]]:
                _add(ET.SubElement(header, element), cells, names)
        names = " ".join("pl" if n == "place" else n for n in columns("episodes")[1:])
        for cells in by_child["episodes", row["child"]]:
            _add(ET.SubElement(child, "EPISODE"), cells | {"pl": cells["place"]}, names)
    file.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
    return file


def _add(parent: ET.Element, cells: dict[str, str], names: str) -> None:
    for name in names.split():
        if cells.get(name):
            ET.SubElement(parent, name.upper()).text = cells[name]
