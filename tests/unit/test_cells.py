"""A cell is read as it was meant, in extracts and returns alike."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cpw.contract.casting import Casting, cast_table
from cpw.contract.return_casting import casting_of
from cpw.contract.return_modules import modules
from cpw.contract.tables import Table, contract
from support.warehouse import JUNE

EXTRACT = Casting(contract(), JUNE.month.as_at)
NBSP, ZERO_WIDTH = "\u00a0", "\u200b"


def read(
    tmp_path: Path, casting: Casting, table: Table, column: str, text: str
) -> tuple[Any, str | None]:
    """The value of a cell, and why it could not be read."""
    names = table.column_names
    cells = {name: [text if name == column else None] for name in names}
    source, target = tmp_path / "text.parquet", tmp_path / "typed.parquet"
    rows = {"source_row": pa.array([2], pa.int32()), "_ragged": pa.array([None], pa.int32())}
    pq.write_table(
        pa.table(rows | {name: pa.array(found, pa.string()) for name, found in cells.items()}),
        source,
    )
    with duckdb.connect() as connection:
        cast_table(connection, casting, table, source, target)
        found = connection.execute(
            f'select "{column}", "{column}__unreadable" from read_parquet(?)', [str(target)]
        ).fetchone()
    assert found is not None
    return found


def of_extract(tmp_path: Path, place: str, text: str) -> tuple[Any, str | None]:
    table, column = place.split(".")
    return read(tmp_path, EXTRACT, contract().table(table), column, text)


def of_return(tmp_path: Path, place: str, text: str, year: int = 2018) -> tuple[Any, str | None]:
    module, column = place.split(".")
    return read(tmp_path, casting_of(year), modules()[f"ssda903_{module}"], column, text)


SCORE, DISTANCE = "ssd_sdq_scores.csdq_sdq_score", "ssd_cla_placement.clap_cla_placement_distance"
PLACED = "ssd_permanence.perm_placed_foster_carer_date"
POSTCODE = "ssd_cla_placement.clap_cla_placement_postcode"
MISSED = "ssd_missing.miss_missing_episode_end_date"


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [
        (SCORE, "16.0", 16),
        (SCORE, f"{NBSP}16 ", 16),
        (SCORE, "0", 0),
        (SCORE, "40", 40),
        (DISTANCE, "12.34565", Decimal("12.3457")),
        (DISTANCE, "1E-05", Decimal("0.0000")),
        (DISTANCE, "999.9", Decimal("999.9")),
        (PLACED, "2018-06-30", date(2018, 6, 30)),
        (PLACED, "2018-06-30 00:00:00", date(2018, 6, 30)),
        (PLACED, "2018-06-30T00:00", date(2018, 6, 30)),
        (MISSED, "2018-06-30 24:00:00", datetime(2018, 6, 30, 23, 59, 59)),
        (MISSED, "2018-06-30 10:05", datetime(2018, 6, 30, 10, 5)),
        (MISSED, "2018-06-30T10:05:07.5", datetime(2018, 6, 30, 10, 5, 7)),
        (POSTCODE, f"me14{NBSP}1xx", "ME14 1XX"),
        (POSTCODE, "ME141XX", "ME14 1XX"),
        (POSTCODE, "CR0 1", "CR01"),
        ("ssd_person.pers_person_id", '="K1"', "K1"),
        ("ssd_person.pers_person_id", f"K1{ZERO_WIDTH}", "K1"),
        ("ssd_person.pers_person_id", "300001.0", "300001"),
        ("ssd_cla_reviews.clar_cla_review_cancelled", "TRUE", "Y"),
        ("ssd_person.pers_ethnicity", "WBRI ", "WBRI"),
        ("ssd_person.pers_gender", f" {NBSP}", None),
    ],
)
def test_a_cell_of_an_extract(tmp_path: Path, place: str, text: str, value: Any) -> None:
    assert of_extract(tmp_path, place, text) == (value, None)


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [
        ("header.sex", "1.0", "M"),
        ("header.sex", "u", "U"),
        ("header.child", "300001.0", "300001"),
        ("header.child", '="K 1"', "K1"),
        ("header.dob", "1/02/2008", date(2008, 2, 1)),
        ("header.dob", "01/02/2008 00:00:00", date(2008, 2, 1)),
        ("oc2.sdq_score", "11.0", 11),
        ("oc2.convicted", "0.0", "0"),
        ("oc2.convicted", "TRUE", "1"),
        ("oc3.activ", "0.0", "0"),
        ("oc3.accom", "0.0", "0"),
        ("episodes.pl_post", f"ME14{NBSP}1XX", "ME14 1XX"),
    ],
)
def test_a_cell_of_a_return(tmp_path: Path, place: str, text: str, value: Any) -> None:
    assert of_return(tmp_path, place, text) == (value, None)


@pytest.mark.parametrize(
    ("place", "text", "reason"),
    [
        (SCORE, "41", "range"),
        (SCORE, "-1", "range"),
        (SCORE, "16.5", "type"),
        (SCORE, "high", "type"),
        (SCORE, "#N/A", "error_value"),
        (DISTANCE, "1000.1", "range"),
        (DISTANCE, "12,5", "type"),
        (PLACED, "30/06/2018", "type"),
        (PLACED, "2018-06-31", "type"),
        (PLACED, "43281", "type"),
        (PLACED, "1900-01-01", "placeholder"),
        (PLACED, "9999-12-31", "placeholder"),
        (PLACED, "0001-01-01", "placeholder"),
        (PLACED, "2048-07-01", "placeholder"),
        (PLACED, "1958-05-31", "placeholder"),
        (MISSED, "2018-06-30 24:00:01", "type"),
        ("ssd_cla_placement.clap_cla_placement_provider", "PR9", "code"),
        ("ssd_person.pers_gender", "#REF!", "error_value"),
    ],
)
def test_a_cell_that_cannot_be_read_is_empty_for_a_reason(
    tmp_path: Path, place: str, text: str, reason: str
) -> None:
    assert of_extract(tmp_path, place, text) == (None, reason)


def test_a_date_at_the_edge_of_what_a_child_can_have(tmp_path: Path) -> None:
    assert of_extract(tmp_path, PLACED, "1958-06-01") == (date(1958, 6, 1), None)
    assert of_extract(tmp_path, PLACED, "2048-06-01") == (date(2048, 6, 1), None)


def test_a_needed_code_keeps_its_value_for_its_rule(tmp_path: Path) -> None:
    assert of_extract(tmp_path, "ssd_person.pers_sex", "X") == ("X", None)
