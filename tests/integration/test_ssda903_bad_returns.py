"""Bad returns end in an error that says what to do, or in a quarantined row: never in a trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from cpw.core.errors import GateBlockedError, InputError
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.ingest.returns.reading import note_upns, read_return
from cpw.pipeline.gate_return import gate_return
from cpw.pipeline.gates import GateReport
from support.ssda903.small_returns import Cells, Return, two_children, write_csv, write_xml

MARCH = Partition.of("886", "2018-03", "ssda903")


def edit(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def edited(folder: Path) -> None:
        path = folder / f"{name}.csv"
        path.write_bytes(change(path.read_bytes()))

    return edited


def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def twice(folder: Path) -> None:
    (folder / "OC 2.csv").write_bytes((folder / "oc2.csv").read_bytes())


def as_folder(folder: Path) -> None:
    (folder / "episodes.csv").unlink()
    (folder / "episodes.csv").mkdir()


BAD_FOLDERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no header": (lambda f: (f / "header.csv").unlink(), "given/: header.csv missing"),
    "no episodes": (lambda f: (f / "episodes.csv").unlink(), "given/: episodes.csv missing"),
    "nothing at all": (
        emptied,
        "header.csv and episodes.csv missing from the return",
    ),
    "a column is missing": (
        edit("episodes", lambda text: text.replace(b",DEC,", b",ENDED,")),
        "given/episodes.csv, row 1, column DEC: required column(s) missing from the header: DEC",
    ),
    "a column is there twice": (
        edit("episodes", lambda text: text.replace(b",URN", b",DEC")),
        "given/episodes.csv, row 1, column dec: the header has 'dec' more than once",
    ),
    "semicolons": (
        edit("episodes", lambda text: text.replace(b",", b";")),
        "given/episodes.csv, row 1: the columns are separated by semicolons",
    ),
    "cp1252": (
        edit("header", lambda text: text.replace(b"WBRI", b"\xe9")),
        "given/header.csv, row 2, column ethnic: byte 0xe9 is not UTF-8",
    ),
    "an empty file": (edit("oc2", lambda _: b""), "given/oc2.csv: the file is empty"),
    "a quotation mark that is not closed": (
        edit("reviews", lambda text: text + b'1001,"03/09'),
        "given/reviews.csv, row 3: the row is not valid CSV",
    ),
    "a module is there twice": (
        twice,
        "given/oc2.csv: there are two files for the module oc2: OC 2.csv and oc2.csv",
    ),
    "a folder for a file": (as_folder, "given/episodes.csv: this is not a file that can be read"),
}


@pytest.mark.parametrize(("spoil", "said"), BAD_FOLDERS.values(), ids=BAD_FOLDERS.keys())
def test_a_folder_that_cannot_be_read_is_an_error_that_says_where(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    folder = write_csv(tmp_path / "given", two_children())
    spoil(folder)
    with pytest.raises(InputError) as raised:
        read_return(folder, 2018, tmp_path / "read")
    assert said in str(raised.value)


BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE EXPSSDA903 [<!ENTITY a "aaaaaaaaaa">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;">]>\n<EXPSSDA903><CHILD><HEADER><CHILDID>&b;</CHILDID>'
    "</HEADER></CHILD></EXPSSDA903>"
)
BAD_XML: dict[str, tuple[Callable[[str], str], str]] = {
    "cut short": (
        lambda text: text[: text.index("<DEC>")],
        "return.xml: the XML is cut short or damaged at line 8",
    ),
    "no XML": (lambda _: "CHILD,SEX\n1001,2\n", "cut short or damaged at line 1, character 1"),
    "empty": (lambda _: "", "cut short or damaged at line 1"),
    "an entity bomb": (lambda _: BOMB, "return.xml: the XML has a document type (DOCTYPE)"),
    "a document type that names a file": (
        lambda text: text.replace("<EXPSSDA903>", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x>', 1),
        "the XML has a document type (DOCTYPE)",
    ),
    "an entity that nothing defines": (
        lambda text: text.replace("WBRI", "&ethnic;"),
        "cut short or damaged at line 3",
    ),
    "an encoding that is none": (
        lambda text: text.replace("utf-8", "utf-88"),
        "the XML declares an encoding that cannot be read",
    ),
    "an encoding of several bytes": (
        lambda text: text.replace("utf-8", "shift_jis"),
        "the XML declares an encoding that cannot be read",
    ),
    "another document": (lambda _: "<CINreturn/>", "the XML does not begin with EXPSSDA903"),
    "no child": (lambda _: "<EXPSSDA903></EXPSSDA903>", "the XML has no CHILD element"),
}


@pytest.mark.parametrize(("spoil", "said"), BAD_XML.values(), ids=BAD_XML.keys())
def test_an_xml_that_cannot_be_read_is_an_error_that_says_where(
    tmp_path: Path, spoil: Callable[[str], str], said: str
) -> None:
    path = write_xml(tmp_path / "return.xml", two_children())
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_return(path, 2018, tmp_path / "read")
    assert said in str(raised.value)
    with pytest.raises(InputError):
        note_upns(path, {})


@pytest.mark.parametrize("name", ["nowhere", "return.zip", "nowhere.xml"])
def test_a_path_that_is_no_return_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "return.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match=name):
        read_return(tmp_path / name, 2018, tmp_path / "read")


def spoilt() -> Return:
    """Children enough that ten bad rows stop nothing, and rows that are bad in every way."""
    content = two_children()
    header, first = content["header"][0], content["episodes"][0]
    content["header"] += [header | {"CHILD": str(n), "UPN": ""} for n in range(2000, 2060)]

    def episode(child: int, **cells: str) -> None:
        content["episodes"].append(first | {"CHILD": str(child), **cells})

    for child in range(2010, 2060):
        episode(child)
    episode(2001, DECOM="2016-06-05")
    episode(2002, DECOM="31/02/2016")
    episode(2003, DECOM="05/06/16")
    episode(2004, PLACE="QQ")
    episode(2005, DECOM="02/09/2003")
    episode(2006, DECOM="01/04/2018", DEC="")
    episode(2007, DEC="04/06/2016")
    episode(2009, CHILD=" 20 09", LS="")
    episode(9999)
    episode(2010, DECOM="06/08/2017", DEC="")
    content["header"].append(content["header"][5] | {"SEX": "3", "CHILD": "2100"})
    content["missing"] += [{name: name for name in content["missing"][0]}]
    content["oc3"].append(content["oc3"][0] | {"CHILD": "2010", "ACCOM": "U3"})
    content["oc2"].append(content["oc2"][0] | {"CHILD": "2010", "SDQ_SCORE": "twelve"})
    content["reviews"].append(dict(content["reviews"][0]))
    content["reviews"].append(content["reviews"][0] | {"REVIEW": "13/13/2017"})
    content["ad1"].append(content["ad1"][0] | {"LS_ADOPTR": "L9"})
    return content


REFUSED: list[tuple[str, int, str | None, str]] = [
    ("episodes", 55, "decom", "ssda903_episodes.decom.type"),
    ("episodes", 56, "decom", "ssda903_episodes.decom.type"),
    ("episodes", 57, "decom", "ssda903_episodes.decom.type"),
    ("episodes", 58, "place", "ssda903_episodes.place.code"),
    ("episodes", 59, "decom", "ssda903_episodes.before_birth"),
    ("episodes", 60, "decom", "ssda903_episodes.after_the_year"),
    ("episodes", 61, "dec", "ssda903_episodes.dec.order"),
    ("episodes", 62, "ls", "ssda903_episodes.ls.required"),
    ("episodes", 63, "child", "ssda903_episodes.child.reference"),
    ("episodes", 64, "decom", "ssda903_episodes.overlap"),
    ("header", 64, "sex", "ssda903_header.sex.code"),
    ("missing", 3, None, "ssda903_missing.second_header"),
    ("reviews", 3, None, "ssda903_reviews.repeated_row"),
    ("reviews", 4, "review", "ssda903_reviews.review.type"),
    ("ad1", 2, "child", "ssda903_ad1.child.unique"),
    ("ad1", 3, "child", "ssda903_ad1.child.unique"),
]
# rows that stay, with a cell that is read as empty
KEPT = [
    ("ssda903_oc2.sdq_score.type", 3, "ssda903_oc2"),
    ("ssda903_oc3.accom.code", 3, "ssda903_oc3"),
]


@dataclass(frozen=True)
class Gated:
    """What a gate made of a return."""

    home: Home
    folder: Path
    report: GateReport
    refused: pd.DataFrame


def gate(root: Path, content: Return, patch: pytest.MonkeyPatch) -> Gated:
    patch.setenv("WAREHOUSE_HOME", str(root / "home"))
    home = Home.from_environment()
    folder = root / "read"
    found = read_return(write_csv(root / "given", content), 2018, folder)
    report = gate_return(home, MARCH, found, folder, 3)
    path = home.month(MARCH).quarantine / "ssda903_2018-v3.parquet"
    with duckdb.connect() as connection:
        kept = connection.execute(f"from '{path}'").df() if path.exists() else pd.DataFrame()
    return Gated(home, folder, report, kept)


@pytest.fixture(scope="module")
def spoilt_gated(tmp_path_factory: pytest.TempPathFactory) -> Gated:
    with pytest.MonkeyPatch.context() as patch:
        return gate(tmp_path_factory.mktemp("spoilt"), spoilt(), patch)


def test_each_bad_row_is_refused_by_name_and_no_other(spoilt_gated: Gated) -> None:
    found = {
        (line["file"], line["source_row"], line["column_name"] or None, line["rule_id"])
        for line in spoilt_gated.refused.astype(object)
        .where(lambda cell: cell.notna(), None)
        .to_dict("records")
    }
    assert found == {(f"given/{name}.csv", *rest) for name, *rest in REFUSED}


def test_a_cell_that_may_be_empty_costs_no_row(spoilt_gated: Gated) -> None:
    (path,) = spoilt_gated.home.month(MARCH).failures.glob("*.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select rule_id, source_row, table_name from '{path}' where not is_refused "
            "and rule_id in ('ssda903_oc2.sdq_score.type', 'ssda903_oc3.accom.code') order by all"
        ).fetchall()
        assert found == KEPT
        for _, row, table in KEPT:
            cell = "sdq_score" if table == "ssda903_oc2" else "accom"
            assert connection.execute(
                f"select {cell} from '{spoilt_gated.folder}/valid/{table}.parquet' "
                f"where source_row = {row}"
            ).fetchall() == [(None,)]


def test_a_failure_names_the_child_as_it_is_loaded(spoilt_gated: Gated) -> None:
    (path,) = spoilt_gated.home.month(MARCH).failures.glob("*.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(
            "select row_key, person_id, feed, load_version "
            f"from '{path}' where rule_id = 'ssda903_episodes.ls.required'"
        ).fetchall()
    assert found == [("2009 05/06/2016", "2009", "ssda903_2018", 3)]


def test_what_is_valid_is_written_without_the_bad_rows(spoilt_gated: Gated) -> None:
    valid = spoilt_gated.folder / "valid"
    with duckdb.connect() as connection:
        for module, rows in {"header": 62, "episodes": 53, "reviews": 1, "missing": 1}.items():
            found = connection.execute(
                f"select count(*) from '{valid}/ssda903_{module}.parquet'"
            ).fetchone()
            assert found == (rows,), module
        columns = connection.execute(f"describe from '{valid}/ssda903_missing.parquet'").fetchall()
    assert [name for name, *_ in columns] == [
        "source_row", "child", "dob", "missing", "mis_start", "mis_end",
    ]  # fmt: skip


def test_no_line_of_the_report_shows_a_value(spoilt_gated: Gated) -> None:
    lines = "\n".join(spoilt_gated.report.refusals)
    assert "given/episodes.csv, row 55, column decom: found 9999-99-99" in lines
    for value in ("2016-06-05", "31/02/2016", "QQ", "twelve", "9999\n"):
        assert value not in lines


def test_what_is_odd_but_loaded_is_reported_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = two_children()
    episodes: list[Cells] = content["episodes"]
    episodes[1] |= {"DEC": "01/05/2018", "REC": "E11"}
    episodes[2] |= {"RNE": "L", "REC": "X1"}
    content["reviews"][0]["DOB"] = "04/09/2003"
    content["header"][1]["UPN"] = content["header"][0]["UPN"]
    found = gate(tmp_path, content, monkeypatch)
    assert found.report.rows_refused == 0
    (path,) = found.home.month(MARCH).rule_results.glob("*.parquet")
    with duckdb.connect() as connection:
        failed = connection.execute(
            f"select rule_id, rows_failed from '{path}' where outcome = 'fail'"
        ).fetchall()
    assert dict(failed) == {
        "ssda903_header.upn_shared": 2,
        "ssda903_episodes.ends_after": 1,
        "ssda903_episodes.end_and_reason": 1,
        "ssda903_episodes.first_start": 1,
        "ssda903_reviews.dob.differs": 1,
    }


def test_a_return_of_which_too_little_is_left_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = two_children()
    header, first = content["header"][0], content["episodes"][0]
    content["header"] += [header | {"CHILD": str(n), "UPN": ""} for n in range(2000, 2040)]
    content["episodes"] += [first | {"CHILD": str(n)} for n in range(2000, 2029)]
    content["episodes"] += [first | {"CHILD": str(n), "CIN": "?"} for n in range(2029, 2040)]
    with pytest.raises(GateBlockedError, match=r"ssda903_episodes\.rows_lost"):
        gate(tmp_path, content, monkeypatch)
    assert not (tmp_path / "read" / "valid").exists()
