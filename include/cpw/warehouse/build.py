"""Build the marts of one or several partitions with dbt, in a database of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cpw.core.database import connect, has_column, mart_names
from cpw.core.errors import BuildError, LoadInProgressError
from cpw.core.files import make_private
from cpw.core.home import BuildPlaces, Home
from cpw.core.locks import hold
from cpw.core.partition import Partition, in_words
from cpw.warehouse.dbt_process import Ended, dbt_process

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def run_dbt(
    home: Home,
    versions: Mapping[Partition, int],
    marts_wanted: Sequence[str] = ("path:models/marts",),
) -> None:
    """Build the marts of all partitions in one go, and run their data tests.

    The marts of each partition end in its own ``built_marts``. One query at the end checks the keys
    of all tables, in place of a test for each model. The relationships between models follow from
    the SQL: ``make test`` tests them.

    Args:
        home: the data home with each partition's inputs.
        versions: the publication version that is written beside the figures of each partition.
        marts_wanted: the models to build, as a dbt selection; models upstream of them are built
            too.

    Raises:
        BuildError: a model or a test failed; the message names it.
    """
    partitions = list(versions)
    places = home.build_of(partitions)
    for partition, version in versions.items():
        home.month(partition).built_marts.unlink(missing_ok=True)
        write_partition(home, partition, version)
    if len(partitions) == 1:
        _build(home, partitions, places, marts_wanted)
        return
    with _side_by_side(home, partitions, places):
        _build(home, partitions, places, marts_wanted)
        _hand_out(home, partitions, places.marts)


def write_partition(home: Home, partition: Partition, version: int) -> None:
    """Write the row of the inputs that says what is built, and as which publication version."""
    with connect() as connection:
        connection.execute(
            "copy (select ?::varchar as authority, ?::varchar as month, ?::varchar as source, "
            "?::integer as publication_version) "
            f"to '{home.month(partition).build_inputs / 'partitions.parquet'}' (format parquet)",
            [partition.authority, str(partition.month), partition.source, version],
        )


@contextmanager
def _side_by_side(
    home: Home, partitions: Sequence[Partition], places: BuildPlaces
) -> Iterator[None]:
    """The inputs of all partitions linked into one folder, for as long as the block runs."""
    with hold(home, f"set/{places.folder.name}"):
        _remove_left_over(home)
        make_private(places.folder)
        try:
            for partition in partitions:
                inputs = home.month(partition).build_inputs
                shutil.copytree(inputs, places.inputs / inputs.name, copy_function=os.link)
            yield
        finally:
            shutil.rmtree(places.folder)


def _remove_left_over(home: Home) -> None:
    """Remove what builds left that were killed: it has child-level data."""
    for folder in home.sets.glob("*"):
        try:
            with hold(home, f"set/{folder.name}"):
                shutil.rmtree(folder)
        except LoadInProgressError:
            continue


def _hand_out(home: Home, partitions: Sequence[Partition], marts: Path) -> None:
    """Write the marts of each partition into its own database."""
    for partition in partitions:
        own = home.month(partition).built_marts
        with connect(own) as connection:
            connection.execute("create schema marts")
            connection.execute(f"attach '{marts}' as built (read_only)")
            for table in mart_names(connection, "built"):
                connection.execute(
                    f"create table marts.{table} as select * from built.marts.{table} "
                    "where authority = ? and month = ?",
                    [partition.authority, str(partition.month)],
                )


def _build(
    home: Home, partitions: Sequence[Partition], places: BuildPlaces, marts_wanted: Sequence[str]
) -> None:
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
        f"--vars={json.dumps({'check_keys_at_end': True})}",
    ]
    environment = {
        **os.environ,
        "CPW_INPUTS": str(places.inputs),
        "CPW_MARTS_PATH": str(places.marts),
        "CPW_SCRATCH_PATH": ":memory:",
        "CPW_SPILL": str(places.spill),
        "CPW_BUILD_MEMORY": _memory(),
        "DBT_TARGET_PATH": str(places.dbt_target),
        "DBT_LOG_PATH": str(home.dbt / "logs"),
        "DO_NOT_TRACK": "1",
    }
    ended = dbt_process(parsed_project()).run(command, environment)
    shutil.rmtree(places.spill, ignore_errors=True)
    if ended.exit_code != 0:
        raise BuildError(
            f"dbt could not build {in_words(partitions)}; nothing was published.\n"
            f"{_failures(ended)}\n"
            "This is a fault of the models or of a definition, not of the extract: correct it in "
            "dbt_project/, then run the load again"
        )


def _memory() -> str:
    """The memory that a build may take: half the machine's, and four gigabytes at most."""
    given = os.environ.get("CPW_BUILD_MEMORY")
    half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return given or f"{min(half, 4_000_000_000) // 1_000_000}MB"


def prepare_dbt() -> None:
    """Let a process import dbt and parse the project, while this one reads and gates."""
    dbt_process(parsed_project()).prepare()


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
