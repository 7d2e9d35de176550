"""The staging models, their YAML and docs/contract.md follow from the contract."""

from __future__ import annotations

import shutil
from pathlib import Path

from cpw.contract import SEEDS, contract, read_contract
from cpw.generate import STAGING, drifted_files, generated_files, write_files


def test_checked_in_files_are_what_the_contract_says() -> None:
    assert drifted_files(contract()) == []


def test_column_added_to_the_contract_reaches_the_model_and_its_yaml(tmp_path: Path) -> None:
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    with (seeds / "extract_contract.csv").open("a", encoding="utf-8") as handle:
        handle.write("social_care,ssd_person,pers_arrival_date,date,no,,,,local,blank,,no\n")

    changed = read_contract(seeds)

    assert drifted_files(changed) == [
        STAGING / "stg_ssd_person.sql",
        STAGING / "stg_ssd_person.yml",
        Path("docs/contract.md"),
    ]
    model = generated_files(changed)[STAGING / "stg_ssd_person.sql"]
    assert "when pers_arrival_date <= {{ as_at() }}" in model


def test_row_of_an_absent_date_is_filtered_by_its_day() -> None:
    model = generated_files(contract())[STAGING / "stg_ssd_missing.sql"]

    assert "where cast(miss_missing_episode_start_date as date) <= {{ as_at() }}" in model


def test_model_edited_by_hand_or_left_behind_is_drift_and_is_put_right(tmp_path: Path) -> None:
    write_files(contract(), tmp_path)
    edited = STAGING / "stg_ssd_person.sql"
    left_behind = STAGING / "stg_gone.sql"
    (tmp_path / edited).write_text("select 1", encoding="utf-8")
    (tmp_path / left_behind).write_text("select 1", encoding="utf-8")

    assert drifted_files(contract(), tmp_path) == [left_behind, edited]

    write_files(contract(), tmp_path)
    assert drifted_files(contract(), tmp_path) == []
