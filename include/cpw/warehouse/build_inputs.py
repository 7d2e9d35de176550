"""The build's inputs beside the tables: pseudonyms, reference data and earlier results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.ingest import postcodes
from cpw.warehouse import build, kpi_sources, pseudonyms
from cpw.warehouse.no_source import no_source, source_of


def add(
    home: Home,
    partition: Partition,
    accepted: Mapping[str, int],
    inputs: Path,
    *,
    keys: Home,
) -> None:
    """Add these inputs to a folder that has the month's tables and ``dq_failure.parquet``.

    Args:
        home: the data home.
        partition: authority, month and source.
        accepted: the load version of each feed that counts.
        inputs: the folder with the build's inputs.
        keys: the data home whose pseudonym key is used.
    """
    pseudonyms.write_subject_keys(keys, partition, inputs)
    postcodes.write_placement_postcodes(inputs)
    source = source_of(home, partition, accepted)
    kpi_sources.write_without_source(
        inputs / "kpi_without_source.parquet", no_source(source), source.coverage, source.month
    )
    build.published_history(home, partition, inputs / "published_kpi_result.parquet")
