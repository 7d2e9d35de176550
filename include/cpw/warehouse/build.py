"""Build a partition's marts with dbt, in a database of their own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from cpw.core.database import connect, has_column
from cpw.core.errors import BuildError
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.warehouse.dbt_process import Ended, dbt_process

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def run_dbt(
    home: Home,
    partition: Partition,
    publication_version: int,
    marts_wanted: Sequence[str] = ("path:models/marts",),
) -> Path:
    """Build the marts and run their data tests; returns the marts' database.

    One query at the end checks the keys of all tables, in place of a test for each model.
    The relationships between models follow from the SQL: ``make test`` tests them.

    Args:
        home: the data home with the inputs; the marts are built beside them.
        partition: authority, month and source.
        publication_version: the publication version that is written beside the figures.
        marts_wanted: the models to build, as a dbt selection; models upstream of them are built
            too.

    Raises:
        BuildError: a model or a test failed; the message names it.
    """
    marts = home.month(partition).built_marts
    marts.unlink(missing_ok=True)
    variables = {
        "authority": partition.authority,
        "month": str(partition.month),
        "publication_version": publication_version,
        "source": partition.source,
        "check_keys_at_end": True,
    }
    command = [
        "build",
        "--no-write-json",
        "--select",
        *(f"+{mart}" for mart in marts_wanted),
        "--exclude",
        "tag:golden",
        "test_name:unique_and_not_null",
        "test_name:relationships",
        "tag:relationships",
        "--exclude-resource-type=unit_test",
        "--fail-fast",
        f"--vars={json.dumps(variables)}",
    ]
    environment = {
        **os.environ,
        "CPW_INPUTS": str(home.month(partition).build_inputs),
        "CPW_MARTS_PATH": str(marts),
        "CPW_SCRATCH_PATH": ":memory:",  # child-level steps never reach the disk
        "DBT_TARGET_PATH": str(home.month(partition).dbt_target),
        "DBT_LOG_PATH": str(home.dbt / "logs"),
        "DO_NOT_TRACK": "1",
    }
    ended = dbt_process(parsed_project()).run(command, environment)
    if ended.exit_code != 0:
        raise BuildError(
            f"dbt could not build {partition}; nothing was published.\n{_failures(ended)}\n"
            "This is a fault of the models or of a definition, not of the extract: correct it in "
            "dbt_project/, then run the load again"
        )
    return marts


def parsed_project() -> Path:
    """Where dbt keeps what it parsed: in the data home, unless ``$CPW_DBT_PARSED`` is set."""
    return Path(os.environ.get("CPW_DBT_PARSED") or Home.from_environment().dbt / "parsed")


def _failures(ended: Ended) -> str:
    """The lines of dbt's output that name what failed, without the values that DuckDB quotes."""
    lines = [_ANSI.sub("", line) for line in ended.output.splitlines()]
    marked = [
        line for line in lines if re.search(r"\b(ERROR|FAIL|Failure|Error)\b", line, re.IGNORECASE)
    ]
    chosen = marked or lines[-15:]
    return "\n".join(re.sub(r"'[^']*'", "'…'", line)[:300] for line in chosen[:30])


def published_history(home: Home, partition: Partition, target: Path) -> None:
    """Export the authority's published ``kpi_result`` of earlier months, for the build."""
    database = home.published_database
    empty = "where false"
    with connect() as connection:
        if database.exists():
            connection.execute(f"attach '{database}' as published (read_only)")
            connection.execute(
                f"copy (select * from {_with_source(connection)} "
                "where authority = ? and month < ? "
                f"order by all) to '{target}' (format parquet)",
                [partition.authority, str(partition.month)],
            )
        else:
            connection.execute(
                f"copy (select * from (values {_NO_RESULT}) {empty}) to '{target}' (format parquet)"
            )


def _with_source(connection: duckdb.DuckDBPyConnection) -> str:
    """The published results, each with the source of its month.

    An earlier release had only extracts, and published no column ``source``.
    """
    if not has_column(connection, "dim_kpi", "source", "published"):
        return "(select *, 'extract' as source from published.marts.kpi_result)"
    return (
        "(select r.*, coalesce(k.source, 'extract') as source from published.marts.kpi_result as r "
        "left join published.marts.dim_kpi as k using (authority, month, kpi_id))"
    )


_NO_RESULT = """(
    ''::varchar, ''::varchar, null::date, ''::varchar, ''::varchar, null::decimal(18, 4),
    null::decimal(18, 4), null::decimal(18, 6), null::decimal(18, 1), ''::varchar, 0::integer,
    ''::varchar, ''::varchar
)) as nothing (
    authority, month, as_at, kpi_id, cohort, numerator, denominator, value, shown, rag,
    publication_version, status, source
"""
