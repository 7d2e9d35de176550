"""Postcodes: the upper-tier authority they lie in, and those a synthetic extract can use."""

from __future__ import annotations

from pathlib import Path
from string import ascii_uppercase

import duckdb
import pytest

from cpw.core.authorities import Authority, authorities
from cpw.core.errors import InputError
from cpw.core.paths import seed_rows
from cpw.ingest import postcodes

KENT, MEDWAY, CROYDON = "E10000016", "E06000035", "E09000008"


def test_postcode_is_found_however_it_is_written() -> None:
    found = postcodes.upper_tiers(["ME14 1XX", "me44tr", " CR0  1EA "])
    assert found == {"ME141XX": KENT, "ME44TR": MEDWAY, "CR01EA": CROYDON}


def test_district_that_the_list_of_authorities_does_not_have_is_its_own_upper_tier() -> None:
    edinburgh, belfast, sheffield = "S12000036", "N09000003", "E08000039"
    found = postcodes.upper_tiers(["EH1 1YZ", "BT1 5GS", "S1 2HH"])
    assert found == {"EH11YZ": edinburgh, "BT15GS": belfast, "S12HH": sheffield}


def test_an_authority_whose_code_was_replaced_stops_and_the_newer_code_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the old code, every child would count as placed outside the area."""
    listed = {"370": Authority("370", "E08000016", "Barnsley", "BMBC")}
    monkeypatch.setattr(postcodes, "authorities", lambda: listed)
    with pytest.raises(InputError, match=r"E08000016 of authority 370 .*E08000038 \(Barnsley\)"):
        postcodes.check_ons_code("370")


def test_an_authority_with_a_code_that_is_nowhere_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {"999": Authority("999", "E99999999", "Nowhere", "NC")}
    monkeypatch.setattr(postcodes, "authorities", lambda: listed)
    with pytest.raises(InputError, match="Enter the code that is in force"):
        postcodes.check_ons_code("999")


def test_known_authorities_and_the_codes_that_replaced_others_are_in_the_directory() -> None:
    for authority in authorities():
        postcodes.check_ons_code(authority)
    changes = seed_rows("ons_code_changes")
    found = set().union(*(postcodes._upper_tiers_of_letter(one) for one in ascii_uppercase))
    assert {row["new_ons_code"] for row in changes} <= found
    assert found.isdisjoint(row["ons_code"] for row in changes)


@pytest.mark.parametrize(
    "text", ["", " ", "ZZ1 1ZZ", "Q", "ME14", "unknown", "É1 1AA", "/", "*1 1AA"]
)
def test_what_is_no_postcode_is_not_found(text: str) -> None:
    assert postcodes.upper_tiers([text]) == {}


def test_grid_reference_is_in_metres_where_the_directory_has_one_of_great_britain() -> None:
    guernsey, belfast = "GY1 1AA", "BT1 5GS"
    found = postcodes.grid_references(["me14 1xx", "CR01EA", guernsey, belfast, "ZZ1 1ZZ", "", "?"])
    assert found == {"ME141XX": (575937.0, 156314.0), "CR01EA": (532430.0, 165317.0)}


def test_synthetic_postcodes_lie_in_the_authority_and_are_the_same_every_time() -> None:
    for authority, count in ((KENT, 300), (MEDWAY, 50)):
        chosen = postcodes.postcodes_in(authority, count)
        assert len(set(chosen)) == count
        assert chosen == postcodes.postcodes_in(authority, count)
        assert set(postcodes.upper_tiers(chosen).values()) == {authority}
    areas = {postcode[:2] for postcode in postcodes.postcodes_in(KENT, 100)}
    assert areas == {"BR", "CT", "DA", "ME", "TN"}


def test_more_synthetic_postcodes_than_there_are_is_an_error() -> None:
    with pytest.raises(ValueError, match="only 0 postcodes of E99999999"):
        postcodes.postcodes_in("E99999999", 1)
    assert postcodes.postcodes_in(KENT, 0) == []


def _placements(folder: Path, *written: str | None) -> None:
    values = ", ".join("(null)" if text is None else f"('{text}')" for text in written)
    duckdb.sql(
        f"select * from (values {values}) as placements (clap_cla_placement_postcode)"
    ).write_parquet(str(folder / "ssd_cla_placement.parquet"))


def test_build_gets_the_upper_tier_of_each_postcode_of_a_placement(tmp_path: Path) -> None:
    _placements(tmp_path, "ME14 1XX", "me14 1xx", "CR0 1EA", "nowhere", "", None)
    path = postcodes.write_placement_postcodes(tmp_path)
    found = duckdb.sql(f"from read_parquet('{path}') order by postcode").fetchall()
    assert found == [("CR01EA", CROYDON), ("ME141XX", KENT)]
    assert path.stat().st_mode & 0o077 == 0


def test_extract_without_postcodes_gives_the_build_an_empty_list(tmp_path: Path) -> None:
    _placements(tmp_path, "nowhere", None)
    path = postcodes.write_placement_postcodes(tmp_path)
    assert duckdb.sql(f"select postcode, upper_tier from read_parquet('{path}')").fetchall() == []
