"""The dbt models of the KPIs, and what their YAML and the catalogue have of each KPI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cpw.core.paths import DBT_PROJECT, read_yaml, seed_rows

MODELS = sorted((DBT_PROJECT / "models").rglob("*.sql"))
KPI_MODELS = sorted((DBT_PROJECT / "models" / "kpi").rglob("*.sql"))


def catalogue() -> dict[str, dict[str, str]]:
    return {row["kpi_id"]: row for row in seed_rows("kpi_catalogue")}


def yaml_of(model: Path) -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(model.with_suffix(".yml"))
    return content


def meta_of_kpis(model: Path) -> dict[str, dict[str, str]]:
    """What the YAML says of each KPI that the model has: one, or several under ``kpis``."""
    meta = yaml_of(model)["models"][0]["config"]["meta"]
    own: dict[str, dict[str, str]] = meta.get("kpis", {model.stem.removeprefix("kpi_"): meta})
    return own


KPIS = [(model, kpi_id) for model in KPI_MODELS for kpi_id in meta_of_kpis(model)]
