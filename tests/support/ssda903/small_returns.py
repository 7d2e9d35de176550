"""Small returns made by hand, in both forms, and what was read of them."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.sax.saxutils import escape

import duckdb

from cpw.contract.return_modules import modules

Cells = dict[str, str]
Return = dict[str, list[Cells]]

_GROUPS = {
    "episodes": "EPISODE",
    "reviews": "AREVIEW",
    "oc2": "OC2",
    "placed_for_adoption": "AD_PLACED",
    "previous_permanence": "PERMANENCE",
    "missing": "AMISSING",
}
_IN_HEADER = ("header", "uasc", "oc3", "ad1")


def two_children() -> Return:
    """One child with two episodes and all else, and an unaccompanied child with one."""
    one, dob = "1001", "03/09/2003"
    return {
        "header": [
            {"CHILD": one, "SEX": "2", "DOB": dob, "ETHNIC": "WBRI", "UPN": "A123456789012",
             "MOTHER": "1", "MC_DOB": "04/02/2018"},
            {"CHILD": "1002", "SEX": "1", "DOB": "11/12/2001", "ETHNIC": "BAFR", "UPN": "UN2",
             "MOTHER": "", "MC_DOB": ""},
        ],
        "episodes": [
            {"CHILD": one, "DECOM": "05/06/2016", "RNE": "S", "LS": "V2", "CIN": "N1",
             "PLACE": "U6", "PLACE_PROVIDER": "PR1", "DEC": "07/08/2017", "REC": "X1",
             "REASON_PLACE_CHANGE": "CARPL", "HOME_POST": "CT1 1AA", "PL_POST": "ME1 2BB",
             "URN": "SC123456"},
            {"CHILD": one, "DECOM": "07/08/2017", "RNE": "P", "LS": "V2", "CIN": "N1",
             "PLACE": "A3", "PLACE_PROVIDER": "PR4", "DEC": "", "REC": "",
             "REASON_PLACE_CHANGE": "", "HOME_POST": "", "PL_POST": "", "URN": ""},
            {"CHILD": "1002", "DECOM": "09/10/2017", "RNE": "S", "LS": "V2", "CIN": "N8",
             "PLACE": "H5", "PLACE_PROVIDER": "PR4", "DEC": "", "REC": "",
             "REASON_PLACE_CHANGE": "", "HOME_POST": "", "PL_POST": "", "URN": ""},
        ],
        "reviews": [{"CHILD": one, "DOB": dob, "REVIEW": "12/11/2017", "REVIEW_CODE": "PN1"}],
        "uasc": [{"CHILD": "1002", "SEX": "1", "DOB": "11/12/2001", "DUC": "11/12/2019"}],
        "oc2": [
            {"CHILD": one, "DOB": dob, "SDQ_SCORE": "14", "SDQ_REASON": "", "CONVICTED": "0",
             "HEALTH_CHECK": "1", "IMMUNISATIONS": "1", "TEETH_CHECK": "0",
             "HEALTH_ASSESSMENT": "1", "SUBSTANCE_MISUSE": "0", "INTERVENTION_RECEIVED": "0",
             "INTERVENTION_OFFERED": "0"},
        ],
        "oc3": [
            {"CHILD": one, "DOB": dob, "IN_TOUCH": "YES", "ACTIV": "F1", "ACCOM": "U1"},
        ],
        "ad1": [
            {"CHILD": one, "DOB": dob, "DATE_INT": "01/02/2017", "DATE_MATCH": "02/03/2017",
             "FOSTER_CARE": "0", "NB_ADOPTR": "2", "SEX_ADOPTR": "MF", "LS_ADOPTR": "L11"},
        ],
        "placed_for_adoption": [
            {"CHILD": one, "DOB": dob, "DATE_PLACED": "03/01/2017", "DATE_PLACED_CEASED": "",
             "REASON_PLACED_CEASED": ""},
        ],
        "previous_permanence": [
            {"CHILD": one, "DOB": dob, "PREV_PERM": "Z1", "LA_PERM": "", "DATE_PERM": ""},
        ],
        "missing": [
            {"CHILD": one, "DOB": dob, "MISSING": "M", "MIS_START": "01/12/2017",
             "MIS_END": "03/12/2017"},
        ],
    }  # fmt: skip


def write_csv(folder: Path, content: Return) -> Path:
    """A return as a folder of CSV files, a module a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for module, rows in content.items():
        with (folder / f"{module}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_xml(path: Path, content: Return) -> Path:
    """The same return as one XML file."""
    children = "".join(_child(content, header["CHILD"]) for header in content["header"])
    path.write_text(
        f"<?xml version='1.0' encoding='utf-8'?>\n<EXPSSDA903>\n{children}</EXPSSDA903>\n",
        encoding="utf-8",
    )
    return path


def _child(content: Return, child: str) -> str:
    header: Cells = {"UASC": ""}
    groups: dict[str, str] = dict.fromkeys(_GROUPS, "")
    for module, rows in content.items():
        for cells in (row for row in rows if row["CHILD"] == child):
            if module in _IN_HEADER:
                header |= cells | ({"UASC": "1"} if module == "uasc" else {})
            else:
                own = {k: v for k, v in cells.items() if k not in ("CHILD", "DOB")}
                groups[module] += f"<{_GROUPS[module]}>{_elements(own)}</{_GROUPS[module]}>\n"
    episodes = groups.pop("episodes")
    return (
        f"<CHILD><HEADER>{_elements(header)}{''.join(groups.values())}</HEADER>{episodes}</CHILD>\n"
    )


def _elements(cells: Cells) -> str:
    names = {"CHILD": "CHILDID", "PLACE": "PL"}
    return "".join(
        f"<{names.get(name, name)}>{escape(value)}</{names.get(name, name)}>"
        for name, value in cells.items()
    )


def typed_rows(target: Path, module: str) -> list[tuple[object, ...]]:
    """The rows of a module as they were read and cast, without their numbers."""
    columns = modules()[f"ssda903_{module}"].column_names
    listed = ", ".join(f'"{name}"' for name in columns)
    file = f"{target}/typed/ssda903_{module}.parquet"
    return duckdb.sql(f"select {listed} from '{file}' order by source_row").fetchall()


def all_typed(target: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every module."""
    short = [module.short_name for module in modules().values()]
    return {name: typed_rows(target, name) for name in short}
