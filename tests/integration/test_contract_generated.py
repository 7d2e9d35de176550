"""What is generated follows from the contract and from the KPIs' own documentation."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cpw.contract.tables import contract, read_contract
from cpw.core.errors import InputError
from cpw.core.paths import DBT_PROJECT, SEEDS
from cpw.docgen.generate import STAGING, drifted_files, generated_files, write_files
from cpw.docgen.indicators import read_indicators
from cpw.docgen.kpi_pages import PAGES, page, read_kpis
from cpw.docgen.model_yaml import doc_blocks, read_model_yaml
from cpw.warehouse.pseudonyms import SUBJECT_SOURCES


def test_the_models_know_the_tables_of_all_subject_types() -> None:
    """Pseudonyms and the models both say whose record a subject is."""
    model = DBT_PROJECT / "models/intermediate/data_quality/int_kpi_subject_sources.sql"
    named = dict(re.findall(r"'(\w+)': '(\w+)',", model.read_text()))
    assert named == {subject: table for subject, (table, _) in SUBJECT_SOURCES.items()}


def test_checked_in_files_are_what_the_contract_says() -> None:
    assert drifted_files(contract()) == []


def test_column_added_to_the_contract_reaches_the_model_and_its_yaml(tmp_path: Path) -> None:
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    with (seeds / "contract" / "extract_contract.csv").open("a", encoding="utf-8") as handle:
        handle.write("social_care,ssd_person,pers_arrival_date,date,no,,,,local,blank,,no\n")

    changed = read_contract(seeds)

    assert drifted_files(changed) == [
        STAGING / "stg_ssd_person.sql",
        STAGING / "stg_ssd_person.yml",
        Path("docs/reference/contract.md"),
    ]
    model = generated_files(changed)[STAGING / "stg_ssd_person.sql"]
    assert "when source.pers_arrival_date <= partitions.as_at" in model


def test_row_of_an_absent_date_is_filtered_by_its_day() -> None:
    model = generated_files(contract())[STAGING / "stg_ssd_missing.sql"]

    known = "where cast(source.miss_missing_episode_start_date as date) <= partitions.as_at"
    assert known in model


def test_model_edited_by_hand_or_left_behind_is_drift_and_is_put_right(tmp_path: Path) -> None:
    write_files(contract(), tmp_path)
    edited = STAGING / "stg_ssd_person.sql"
    left_behind = STAGING / "stg_gone.sql"
    (tmp_path / edited).write_text("select 1", encoding="utf-8")
    (tmp_path / left_behind).write_text("select 1", encoding="utf-8")

    assert drifted_files(contract(), tmp_path) == [left_behind, edited]

    write_files(contract(), tmp_path)
    assert drifted_files(contract(), tmp_path) == []


def test_every_kpi_has_a_page_with_its_definition_editions_and_tests() -> None:
    kpis = {kpi.of.kpi_id: kpi for kpi in read_kpis(read_indicators())}
    text = page(kpis["sen_support_or_ehcp"])

    assert len(kpis) == 80
    assert "whose SEN status in force on `as_at` is SUPPORT or EHCP" in text
    assert "| 2018-06 | 2017-04-01 |" in text
    assert "Data not available due to new system implementation |" in text
    assert "- support and ehcp count and a statement does not" in text


def test_description_has_the_text_of_the_doc_block_it_names(tmp_path: Path) -> None:
    described = tmp_path / "model.yml"
    described.write_text(
        "models:\n  - name: model\n    description: One row per child.\n    columns:\n"
        "      - {name: as_at, description: \"{{ doc('as_at') }} Not later.\"}\n"
    )
    (tmp_path / "docs.md").write_text("{% docs as_at %}\nThe month's\nlast day.\n{% enddocs %}\n")

    model = read_model_yaml(described, doc_blocks(tmp_path))["models"][0]

    assert model["columns"] == [
        {"name": "as_at", "description": "The month's last day. Not later."}
    ]
    with pytest.raises(InputError, match="names the doc block as_at, which no file has"):
        read_model_yaml(described, {})


def test_every_doc_block_is_the_description_of_columns_of_several_models() -> None:
    texts = [path.read_text() for path in (DBT_PROJECT / "models").rglob("*.yml")]
    users = {name: sum(f"doc('{name}')" in text for text in texts) for name in doc_blocks()}

    assert {name: number for name, number in users.items() if number < 2} == {}


def test_page_of_a_kpi_that_is_no_more_is_drift_and_is_removed(tmp_path: Path) -> None:
    write_files(contract(), tmp_path)
    left_behind = PAGES / "gone.md"
    (tmp_path / left_behind).write_text("gone", encoding="utf-8")

    assert drifted_files(contract(), tmp_path) == [left_behind]

    write_files(contract(), tmp_path)
    assert not (tmp_path / left_behind).exists()
