"""The build's inputs on data quality: the results of the earlier gates and the failing rows.

Four files beside the build's other inputs: ``dq_rule_result`` (one line for each rule),
``dq_failure`` (one line for each row and each rule that it breaks, with the row's child),
``dq_protects`` (the KPIs that each rule protects, and whether a
cell that breaks it is read as empty) and ``published_dq_rule_result`` (the authority's
results of the months published before). The failures have ids, like the other inputs; in the marts
pseudonyms replace the ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd

from cpw.contract.tables import PERSON, Table, contract
from cpw.core.database import connect, has_mart
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition
from cpw.core.sql import read_sql
from cpw.quality import rule_results
from cpw.quality.lineage import protected_by
from cpw.quality.rule_book import rule_book

_RESULT = (
    '"gate", feed, "table" as table_name, rule_id, "column" as column_name, description, '
    "dimension, severity, owner, outcome, blocks, reason, rows_checked, rows_failed, rows_refused, "
    "tolerated, accepted_by, accepted_until, rules_version, cast(run_at as timestamp) as run_at"
)
_SQL = Path(__file__).with_name("sql")


def write(home: Home, partition: Partition, inputs: Path, accepted: dict[str, int]) -> None:
    """Write the four files.

    Args:
        home: the data home.
        partition: authority, month and source.
        inputs: the folder with the build's inputs.
        accepted: the load version of each feed.
    """
    runs = rule_results.standing_runs(home, partition, accepted)
    with connect() as connection:
        results = _files(home.month(partition).rule_results, runs)
        _copy(
            connection,
            read_sql(_SQL / "rule_results.sql", columns=_RESULT),
            inputs / "dq_rule_result.parquet",
            results,
        )
        found = _files(home.month(partition).failures, runs)
        connection.execute(f"create table person_of as {_persons(inputs)}")
        _copy(connection, _failures(), inputs / "dq_failure.parquet", found)
        connection.register("protects", _protects())
        _copy(connection, "select * from protects", inputs / "dq_protects.parquet")
        _copy(
            connection,
            _published(home, partition, connection, inputs / "dq_rule_result.parquet"),
            inputs / "published_dq_rule_result.parquet",
        )


def add_results(marts: Path, folder: Path, run: str) -> None:
    """Add the results of ``gate_marts`` to ``dq_rule_result``: the gate runs after the build.

    Args:
        marts: the database that was built and gated.
        folder: the folder with the gates' results.
        run: the name of the run of ``gate_marts``.
    """
    with connect(marts) as connection:
        connection.execute("delete from marts.dq_rule_result where gate = 'gate_marts'")
        connection.execute(
            "insert into marts.dq_rule_result by name select authority, month, "
            "last_day(cast(month || '-01' as date)) as as_at, "
            f"{_RESULT} from read_parquet('{folder / run}.parquet')"
        )


def _files(folder: Path, runs: Iterable[str]) -> list[str]:
    """The runs' files.

    Raises:
        InputError: a feed passed its gate under an earlier release, or a file is missing.
    """
    paths = [folder / f"{run}.parquet" for run in runs]
    if len(paths) <= len(FEEDS) or not all(path.exists() for path in paths):
        raise InputError(
            "results of the gates of the month's feeds are missing",
            file=str(folder),
            remedy="Load the three feeds again, so that their gates run again; then load the month",
        )
    return [str(path) for path in paths]


def _copy(
    connection: duckdb.DuckDBPyConnection, query: str, target: Path, files: list[str] | None = None
) -> None:
    """Write the rows of a query, which may read the files as ``$files``."""
    connection.execute(
        f"copy ({query}) to '{target}' (format parquet, compression zstd)",
        None if files is None else {"files": files},
    )


def _failures() -> str:
    """The failing rows with their child, from the row itself or from the row it belongs to."""
    cases = " ".join(
        f"when '{table.name}' then '{table.parent.references[0]}'"
        for table in contract().tables
        if table.parent and table.parent.references
    )
    return read_sql(_SQL / "failures.sql", cases=cases)


def _persons(inputs: Path) -> str:
    """The child of each row that other rows refer to: ``table_name, id, person_id``."""
    parts = [
        f"select '{table.name}' as table_name, \"{column}\" as id, "
        f"any_value(person_id) as person_id "
        f'from ({_with_person(inputs, table)}) group by "{column}"'
        for table, column in _referenced()
    ]
    return " union all ".join(parts)


def _referenced() -> list[tuple[Table, str]]:
    named = {
        column.references
        for table in contract().tables
        for column in table.columns
        if column.references and column.references != PERSON
    }
    return [(contract().table(table), column) for table, column in sorted(named)]


def _with_person(inputs: Path, table: Table) -> str:
    """A table's rows with ``person_id``, found through the rows that they refer to."""
    source = f"read_parquet('{inputs / table.name}.parquet')"
    if table.person:
        return f'select *, "{table.person.name}" as person_id from {source}'
    link = table.parent
    if link is None or link.references is None:
        return f"select *, null::varchar as person_id from {source}"
    parent, column = link.references
    return (
        f"select own.*, up.person_id from {source} as own left join "
        f'(select "{column}" as id, any_value(person_id) as person_id '
        f"from ({_with_person(inputs, contract().table(parent))}) group by 1) as up "
        f'on own."{link.name}" = up.id'
    )


def _protects() -> pd.DataFrame:
    pairs = [
        (rule.id, kpi, rule.leaves_empty)
        for rule in rule_book().rules
        for kpi in protected_by(rule)
    ]
    return pd.DataFrame(pairs, columns=["rule_id", "kpi_id", "blanks"])


def _published(
    home: Home, partition: Partition, connection: duckdb.DuckDBPyConnection, results: Path
) -> str:
    """The authority's published results of earlier months; no rows if nothing is published."""
    if home.published_database.exists():
        connection.execute(f"attach '{home.published_database}' as published (read_only)")
        if has_mart(connection, "published", "dq_rule_result"):
            return (
                "select * from published.marts.dq_rule_result "
                f"where authority = '{partition.authority}' and month < '{partition.month}' "
                "order by month, rule_id"
            )
    return (
        "select ''::varchar as authority, ''::varchar as month, null::date as as_at, * "
        f"from read_parquet('{results}') limit 0"
    )
