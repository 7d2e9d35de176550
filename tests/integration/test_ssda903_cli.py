"""``cpw import-903`` on returns that cannot be used, and what the other commands say of returns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpw.core import audit
from cpw.core.partition import Partition
from cpw.pipeline.import_returns import import_returns
from cpw.warehouse.lake import accepted_feeds
from cpw.warehouse.return_coverage import coverage
from support.ssda903.imported import ImportHome
from support.ssda903.small_returns import Return, two_children, write_csv, write_xml

MARCH_OF_RETURN = Partition.of("886", "2018-03", "ssda903")
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<EXPSSDA903><CHILD><HEADER><CHILDID>&b;</CHILDID></HEADER></CHILD></EXPSSDA903>"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ImportHome:
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    return ImportHome.at(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A return of two children as CSVs."""
    return write_csv(tmp_path / "return", two_children())


def said(output: str) -> str:
    """What a command said, in one line."""
    return re.sub(r"\s+", " ", output)


def test_a_return_without_episodes_is_refused_and_says_what_to_give(
    home: ImportHome, folder: Path
) -> None:
    (folder / "episodes.csv").unlink()

    result = home.import_903(folder)

    assert result.exit_code == 2
    assert "Stopped." in result.output
    assert "episodes" in said(result.output)
    assert "Traceback" not in result.output


def test_a_wrong_header_names_file_and_column(home: ImportHome, folder: Path) -> None:
    text = (folder / "episodes.csv").read_text()
    (folder / "episodes.csv").write_text(text.replace("DEC,", "ENDED,", 1))

    result = home.import_903(folder)

    assert result.exit_code == 2
    assert "return/episodes.csv" in said(result.output)
    assert re.search(r"\bDEC\b", said(result.output), re.IGNORECASE)


def test_a_truncated_xml_and_an_entity_bomb_are_refused(home: ImportHome, tmp_path: Path) -> None:
    whole = write_xml(tmp_path / "whole.xml", two_children()).read_text()
    (tmp_path / "cut.xml").write_text(whole[: len(whole) // 2])
    (tmp_path / "bomb.xml").write_text(BOMB)

    for name in ("cut.xml", "bomb.xml"):
        result = home.import_903(tmp_path / name)
        assert result.exit_code == 2
        assert name in said(result.output)
        assert "Traceback" not in result.output


def test_a_month_outside_the_return_is_refused_with_the_months_there_are(
    home: ImportHome, folder: Path
) -> None:
    result = home.import_903(folder, month="2018-06")

    assert result.exit_code == 2
    assert "2017-04 to 2018-03" in said(result.output)


def test_returns_with_a_year_missing_between_them_are_refused(
    home: ImportHome, folder: Path, tmp_path: Path
) -> None:
    other = write_csv(tmp_path / "other", two_children())

    result = home.import_903(other, folder, years=(2016, 2018))

    assert result.exit_code == 2
    assert "no return of 2017 was given" in said(result.output)


def test_a_stopped_return_leaves_the_lake_as_it_was(home: ImportHome, folder: Path) -> None:
    header = (folder / "header.csv").read_text()
    (folder / "header.csv").write_text(re.sub(r"\d\d/\d\d/(\d{4})", r"\1-02-30", header))

    result = home.import_903(folder)

    assert result.exit_code == 1
    assert "return/header.csv, row 2, column dob" in said(result.output)
    assert audit.latest(home.home, MARCH_OF_RETURN, "feed_accepted", feed="social_care") is None
    assert not (home.home.root / "lake").exists()
    assert not (home.home.root / "work" / "ssda903" / "886" / "2018-03" / "returns").exists()


def test_load_says_which_sources_there_are(home: ImportHome) -> None:
    wrong = home.cpw("load", "-a", "886", "-m", "2018-03", "--source", "csv")
    assert wrong.exit_code == 2
    assert "Sources are extract, ssda903" in said(wrong.output)

    missing = home.cpw("load", "-a", "886", "-m", "2018-03", "--source", "ssda903")
    assert missing.exit_code == 2
    assert "cpw import-903" in said(missing.output)


def test_load_of_a_return_has_no_feeds(home: ImportHome) -> None:
    arguments = ("load", "-a", "886", "-m", "2018-03", "--source", "ssda903", "--feed", "health")

    result = home.cpw(*arguments)

    assert result.exit_code == 2
    assert "the feeds of a return cannot be loaded one by one" in said(result.output)


def test_status_shows_a_return_beside_the_feeds(home: ImportHome, folder: Path) -> None:
    import_returns(home.home, MARCH_OF_RETURN, [folder], [2018])

    shown = home.cpw("status").output

    assert re.search(r"ssda903\s*│\s*2018\s*│\s*v1\s*│\s*passed\s*│\s*v1", shown)


def many_children(count: int) -> Return:
    """A return of many children, each with an episode and an OC2 row."""
    made: Return = {"header": [], "episodes": [], "oc2": []}
    small = two_children()
    for number in range(count):
        child = {"CHILD": f"{5000 + number}"}
        for module in made:
            made[module].append({**small[module][0], **child, "UPN": ""})
        made["episodes"][-1] |= {"DECOM": "05/06/2017", "DEC": "", "REC": ""}
    return made


@pytest.mark.parametrize(
    ("refused", "held"),
    [
        (10, True),  # a few
        (11, False),  # more than a few, and more than a fifth
    ],
)
def test_a_module_of_which_too_little_is_valid_is_no_source(
    home: ImportHome, tmp_path: Path, refused: int, held: bool
) -> None:
    content = many_children(40)
    for row in content["oc2"][:refused]:
        row["CHILD"] += "9"  # no child of the header
    for row in content["oc2"]:
        row["TEETH_CHECK"] = ""
    import_returns(home.home, MARCH_OF_RETURN, [write_csv(tmp_path / "r", content)], [2018])

    given = coverage(home.home, MARCH_OF_RETURN, accepted_feeds(home.home, MARCH_OF_RETURN))

    assert given is not None
    lacking = given.lacking(
        ["oc2", "oc2.health_assessment", "oc2.teeth_check", "reviews", "missing", "episodes.dec"],
        MARCH_OF_RETURN.month,
        0,
    )
    never = {"oc2.teeth_check", "reviews", "missing", "episodes.dec"}
    assert set(lacking) == never | (set() if held else {"oc2", "oc2.health_assessment"})


def test_a_module_with_a_header_alone_says_that_nothing_happened(
    home: ImportHome, folder: Path
) -> None:
    for name in ("missing", "reviews"):
        text = (folder / f"{name}.csv").read_text()
        (folder / f"{name}.csv").write_text(text.splitlines()[0] + "\n")
    import_returns(home.home, MARCH_OF_RETURN, [folder], [2018])

    given = coverage(home.home, MARCH_OF_RETURN, accepted_feeds(home.home, MARCH_OF_RETURN))

    assert given is not None
    assert given.lacking(["missing", "reviews"], MARCH_OF_RETURN.month, 0) == ["reviews"]


def test_the_rows_of_a_return_are_listed_with_its_files_and_can_be_released(
    home: ImportHome, folder: Path
) -> None:
    text = (folder / "missing.csv").read_text()
    (folder / "missing.csv").write_text(text.replace("03/12/2017", "03/11/2017"))  # before it began
    import_returns(home.home, MARCH_OF_RETURN, [folder], [2018])

    listed = home.cpw("quarantine", "list", "-a", "886", "--feed", "ssda903_2018", "--entries")
    (line,) = [line for line in listed.output.splitlines() if "missing.csv" in line]
    entry = line.split("\t")[0]
    assert line.split("\t")[1:] == [
        "return/missing.csv", "2", "mis_end", "ssda903_missing.mis_end.order", "99/99/9999",
        "open, refused",
    ]  # fmt: skip

    who = ("--by", "statutory returns lead", "--reason", "seen in the file")
    released = home.cpw("quarantine", "release", entry, "-a", "886", *who)
    assert "Run next: cpw import-903" in said(released.output)
    again = import_returns(home.home, MARCH_OF_RETURN, [folder], [2018])
    assert (again.changed, again.tables["ssd_missing"]) == (True, 1)
