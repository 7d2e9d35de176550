"""Everything an indicator is stands in the YAML beside its SQL; what follows is generated."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from cpw.core.errors import InputError
from cpw.core.paths import DBT_PROJECT, PROJECT_ROOT, seed_rows
from cpw.docgen.indicators import PROJECT_FILE, project_file, read_indicators, seed_files

REVIEWS = "kpi_reviews_in_timescale.yml"
Meta = dict[str, object]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The KPIs' models, to be spoilt."""
    shutil.copytree(DBT_PROJECT / "models" / "kpi", tmp_path / "models" / "kpi")
    return tmp_path / "models"


def _change(models: Path, change: Callable[[Meta], object]) -> None:
    (path,) = models.rglob(REVIEWS)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content["models"][0]["config"]["meta"])
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_the_seeds_and_the_lists_in_vars_are_those_of_the_yaml() -> None:
    indicators = [one.indicator for one in read_indicators()]
    for path, text in seed_files(indicators).items():
        assert (PROJECT_ROOT / path).read_text(encoding="utf-8") == text, path
    assert (PROJECT_ROOT / PROJECT_FILE).read_text(encoding="utf-8") == project_file(indicators)
    listed = yaml.safe_load(project_file(indicators))["vars"]
    named = [*listed["kpis"], *listed["figure_kpis"], *listed["external_kpis"]]
    assert sorted(named) == sorted(indicator.kpi_id for indicator in indicators)


def test_the_order_is_that_of_the_newest_edition_then_of_the_earlier_ones() -> None:
    printed = [row for row in seed_rows("scorecard_editions") if row["edition"] == "2018-06"]
    newest = [row["kpi_id"] for row in sorted(printed, key=lambda row: int(row["position"]))]
    ids = [one.indicator.kpi_id for one in read_indicators()]
    assert ids[: len(newest)] == newest
    assert len(ids) == len(set(ids)) > len(newest)


def test_a_line_of_a_seed_follows_from_a_change_of_the_yaml(models: Path) -> None:
    _change(models, lambda meta: meta.update(lead="Another lead", cohorts=["all"]))
    changed = [one.indicator for one in read_indicators(models)]
    seeds = {path.stem: text for path, text in seed_files(changed).items()}
    assert "reviews_in_timescale,Another lead," in seeds["kpi_explanations"]
    assert re.search(r"^reviews_in_timescale,.*,no,paper,,$", seeds["kpi_catalogue"], re.MULTILINE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda meta: meta.pop("lead"), "lead: Field required"),
        (lambda meta: meta.update(leed="somebody"), "leed: Extra inputs are not permitted"),
        (lambda meta: meta.update(unit="per cent"), "unit: Input should be 'percent'"),
        (lambda meta: meta.update(period="YTD"), "its period is YTD, edition 2018-06 prints SS"),
        (lambda meta: meta.update(feed=["ssd_review"]), "the table ssd_review, which is not known"),
        (
            lambda meta: meta.update(needs=["ssd_cla_reviews.clar_cla_review_id"]),
            "the optional column ssd_cla_reviews.clar_cla_review_id, which is not known",
        ),
        (
            lambda meta: meta.update(measure_of="ssd_sdq_scores.score"),
            "the column ssd_sdq_scores.score, which is not known",
        ),
        (lambda meta: meta.update(owner="nobody"), "the owner nobody, which is not known"),
        (
            lambda meta: meta.update(of_return={"modules": ["oc9"]}),
            "the module oc9, which is not known",
        ),
        (lambda meta: meta.update(of_return={}), "give the modules it is made of"),
        (
            lambda meta: meta.update(
                relations=[{"part": "subjects", "within": "nothing", "because": "of it"}]
            ),
            "the KPI nothing, which is not known",
        ),
        (
            lambda meta: meta.update(relations=[{"part": "subjects", "because": "of it"}]),
            "give one of within, equal and exc_uasc_of",
        ),
    ],
)
def test_a_fault_of_the_yaml_is_named_with_its_file(
    models: Path, change: Callable[[Meta], object], message: str
) -> None:
    _change(models, change)
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        read_indicators(models)
    assert REVIEWS in str(raised.value)
    assert "reviews_in_timescale" in str(raised.value)


def test_an_indicator_that_no_edition_prints_is_named(models: Path) -> None:
    (path,) = models.rglob(REVIEWS)
    path.rename(path.with_name("kpi_reviews_of_nobody.yml"))
    with pytest.raises(InputError, match="no edition prints it"):
        read_indicators(models)
