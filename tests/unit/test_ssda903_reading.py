"""Reading an SSDA903 return: both forms say the same, however a program wrote the files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cpw.core.partition import Partition
from cpw.ingest.returns.reading import note_upns, read_return
from support.ssda903.small_returns import (
    Return,
    all_typed,
    two_children,
    typed_rows,
    write_csv,
    write_xml,
)

MARCH = Partition.of("886", "2018-03", "ssda903")


def read(tmp_path: Path, content: Return) -> dict[str, list[tuple[object, ...]]]:
    folder = write_csv(tmp_path / "given", content)
    read_return(folder, 2018, tmp_path / "read")
    return all_typed(tmp_path / "read")


def test_dates_are_day_first_and_codes_as_the_contract_has_them(tmp_path: Path) -> None:
    rows = read(tmp_path, two_children())
    assert rows["header"] == [
        ("1001", "F", date(2003, 9, 3), "WBRI", "1", date(2018, 2, 4), None),
        ("1002", "M", date(2001, 12, 11), "BAFR", None, None, None),
    ]
    assert rows["episodes"][0] == (
        "1001", date(2016, 6, 5), "S", "V2", "N1", "U6", "PR1", date(2017, 8, 7), "X1", "CARPL",
        "CT1 1AA", "ME1 2BB", "SC123456",
    )  # fmt: skip
    assert rows["oc2"] == [
        ("1001", date(2003, 9, 3), 14, None, "0", "1", "1", "0", "1", "0", "0", "0")
    ]
    assert rows["missing"] == [
        ("1001", date(2003, 9, 3), "M", date(2017, 12, 1), date(2017, 12, 3))
    ]


def test_both_forms_of_one_return_read_the_same(tmp_path: Path) -> None:
    by_csv = read(tmp_path / "csv", two_children())
    xml = write_xml(tmp_path / "return.xml", two_children())
    found = read_return(xml, 2018, tmp_path / "xml")
    assert all_typed(tmp_path / "xml") == by_csv
    assert found.form == "xml"
    assert found.rows["ssda903_episodes"] == 3


def columns_turned(content: Return) -> Return:
    return {name: [dict(reversed(row.items())) for row in rows] for name, rows in content.items()}


def names_in_lower_case(content: Return) -> Return:
    return {
        name: [{f" {column.lower()} ": cell for column, cell in row.items()} for row in rows]
        for name, rows in content.items()
    }


def cells(change: Callable[[str, str], str]) -> Callable[[Return], Return]:
    def changed(content: Return) -> Return:
        return {
            name: [{column: change(column, cell) for column, cell in row.items()} for row in rows]
            for name, rows in content.items()
        }

    return changed


WAYS: dict[str, Callable[[Return], Return]] = {
    "columns in another order": columns_turned,
    "names in lower case": names_in_lower_case,
    "codes in lower case": cells(
        lambda name, cell: cell if name in ("CHILD", "UPN", "URN") else cell.lower()
    ),
    "stray spaces": cells(lambda _, cell: f" {cell}\t\u00a0"),
    "spaces in ids": cells(
        lambda name, cell: f"{cell[:2]} {cell[2:]}" if name == "CHILD" else cell
    ),
    "sex as a letter": cells(
        lambda name, cell: {"1": "m", "2": "F"}[cell] if name == "SEX" else cell
    ),
    "numbers of a spreadsheet": cells(
        lambda name, cell: f"{cell}.0" if cell and name in ("SDQ_SCORE", "MOTHER") else cell
    ),
    "days without a nought": cells(
        lambda _, cell: (
            "/".join(part.lstrip("0") for part in cell.split("/")) if cell.count("/") == 2 else cell
        )
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_return_reads_the_same_however_it_is_written(
    tmp_path: Path, way: Callable[[Return], Return]
) -> None:
    as_it_is = read(tmp_path / "one", two_children())
    assert read(tmp_path / "two", way(two_children())) == as_it_is


def test_files_have_the_names_that_programs_give_them(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "given", two_children())
    names = {
        "header": "HEADER.CSV", "episodes": "Episodes.csv", "oc2": "OC 2.csv",
        "placed_for_adoption": "PlacedAdoption.csv", "previous_permanence": "PrevPerm.csv",
    }  # fmt: skip
    for name, other in names.items():
        (folder / f"{name}.csv").rename(folder / other)
    header = folder / "HEADER.CSV"
    header.write_bytes(b"\xef\xbb\xbf" + header.read_bytes())
    found = read_return(folder, 2018, tmp_path / "read")
    assert found.files["ssda903_previous_permanence"] == "given/PrevPerm.csv"
    assert set(found.absent) == {"ssda903_sw_episodes", "ssda903_dol"}
    assert len(typed_rows(tmp_path / "read", "placed_for_adoption")) == 1


def test_what_a_return_lacks_is_absent_or_empty_and_said(tmp_path: Path) -> None:
    content = two_children()
    for name in ("oc3", "reviews"):
        del content[name]
    for row in content["episodes"]:
        del row["URN"]
        row["NOTES"] = "left aside"
    folder = write_csv(tmp_path / "given", content)
    (folder / "staff.csv").write_text("name\n")
    found = read_return(folder, 2018, tmp_path / "read")
    assert set(found.absent) == {
        "ssda903_oc3", "ssda903_reviews", "ssda903_sw_episodes", "ssda903_dol",
    }  # fmt: skip
    assert found.notes == (
        "given/staff.csv is not a module of the return and was ignored",
        "given/episodes.csv has no column URN: it was read as empty",
        "given/episodes.csv has columns that are in no module and were ignored: NOTES",
    )
    assert [row[-1] for row in typed_rows(tmp_path / "read", "episodes")] == [None] * 3


def test_in_xml_nothing_happened_or_nothing_was_returned(tmp_path: Path) -> None:
    content = two_children()
    for name in ("oc2", "reviews", "missing", "uasc"):
        del content[name]
    found = read_return(write_xml(tmp_path / "r.xml", content), 2018, tmp_path / "read")
    assert set(found.absent) == {"ssda903_oc2", "ssda903_reviews", "ssda903_sw_episodes"}
    assert found.rows["ssda903_missing"] == 0


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_two_ids_with_one_pupil_number_are_marked(tmp_path: Path, form: str) -> None:
    content = two_children()
    first = content["header"][0]
    content["header"] += [
        first | {"CHILD": "2001", "UPN": " a123456789012 "},
        first | {"CHILD": "2002", "UPN": "UN2"},
        first | {"CHILD": "2003", "UPN": ""},
    ]
    path = tmp_path / "return.xml"
    given = write_csv(tmp_path / "csv", content) if form == "csv" else write_xml(path, content)
    read_return(given, 2018, tmp_path / "read")
    marks = {row[0]: row[-1] for row in typed_rows(tmp_path / "read", "header")}
    assert marks == {"1001": "Y", "1002": None, "2001": "Y", "2002": None, "2003": None}


def test_two_ids_with_one_pupil_number_are_marked_across_returns(tmp_path: Path) -> None:
    later = two_children()
    later["header"][0]["CHILD"] = "3001"
    paths = [write_csv(tmp_path / "a", two_children()), write_xml(tmp_path / "b.xml", later)]
    upns: dict[str, set[str]] = {}
    for path in paths:
        note_upns(path, upns)
    for number, path in enumerate(paths):
        read_return(path, 2018, tmp_path / f"read-{number}", upns)
    marks = [typed_rows(tmp_path / f"read-{n}", "header")[0][-1] for n in (0, 1)]
    assert marks == ["Y", "Y"]


def test_the_content_changes_with_any_byte_and_not_with_the_folder(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "a", two_children())
    other = write_csv(tmp_path / "b", two_children())
    as_it_is = read_return(folder, 2018, tmp_path / "read").content
    assert read_return(other, 2018, tmp_path / "read").content == as_it_is
    with (other / "missing.csv").open("a") as handle:
        handle.write("\n")
    assert read_return(other, 2018, tmp_path / "read").content != as_it_is
