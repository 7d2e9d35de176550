"""The rules of the marts, asked of a candidate database before it is published.

A rule of a mart is asked of its rows; a file of rules may give a query (``rows``) for what it is
asked of instead: sums, pairs of figures, whole cohorts. Queries and conditions see the candidate's
``marts`` and, as views, the seeds they are held against. What is handed on is a row for each thing
checked and a column of true and false for each rule.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pandas as pd

from cpw.build import DBT_PROJECT
from cpw.contract import SEEDS
from cpw.home import Partition
from cpw.rules import Rule

PUBLICATION = "publication"
_REFERENCE = ("kpi_catalogue", "kpi_relations", "scorecard_editions", "editions")


def attach_reference(connection: duckdb.DuckDBPyConnection) -> None:
    """What the marts are held against: catalogue, editions, relations, KPIs that have a model."""
    for seed in _REFERENCE:
        connection.execute(
            f"create temp view {seed} as from read_csv('{SEEDS / seed}.csv', all_varchar = true)"
        )
    models = (DBT_PROJECT / "models" / "kpi").glob("kpi_*.sql")
    connection.execute("create temp table implemented (kpi_id varchar)")
    connection.executemany(
        "insert into implemented values (?)", [[m.stem.removeprefix("kpi_")] for m in models]
    )


def evaluate(
    connection: duckdb.DuckDBPyConnection, partition: Partition, rules: Iterable[Rule]
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Ask the rules; returns a frame a table, and what the rules that raise said, by rule."""
    frames: dict[str, pd.DataFrame] = {}
    errors: dict[str, str] = {}
    by_table: dict[str, list[Rule]] = {}
    for rule in rules:
        by_table.setdefault(rule.table, []).append(rule)
    for table, own in by_table.items():
        if table == PUBLICATION:
            frames[table] = publication_facts(connection, partition)
            continue
        broken = _broken(connection, own)
        errors |= broken
        if len(broken) < len(own):
            frames[table] = outcomes(connection, [r for r in own if r.id not in broken])
    return frames, errors


def outcomes(connection: duckdb.DuckDBPyConnection, rules: list[Rule]) -> pd.DataFrame:
    """What the rules of one table are asked of, with a column for each: whether it holds there."""
    first = rules[0]
    source = f"({first.rows})" if first.rows else f"marts.{first.table}"
    columns = [f'not ({rule.fails_when}) as "{rule.id}"' for rule in rules if rule.fails_when]
    frame: pd.DataFrame = connection.execute(
        f"select {', '.join(['mart.*', *columns])} from {source} as mart"
    ).df()
    return frame


def _broken(connection: duckdb.DuckDBPyConnection, rules: list[Rule]) -> dict[str, str]:
    """The rules that raise, with what they said."""
    errors = {}
    for rule in rules:
        try:
            outcomes(connection, [rule])
        except duckdb.Error as error:
            errors[rule.id] = str(error).splitlines()[0]
    return errors


def publication_facts(connection: duckdb.DuckDBPyConnection, partition: Partition) -> pd.DataFrame:
    """One row of facts on all marts together: what is missing, what does not belong."""
    tables = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    ).fetchall()
    strangers = " + ".join(
        f"(select count(*) from marts.{name} where (authority, month) <> ($1, $2))"
        for (name,) in tables
    )
    frame: pd.DataFrame = connection.execute(
        f"""
        select
            (
                select count(*)
                from scorecard_editions as e
                where
                    e.edition in (select s.edition from marts.scorecard as s)
                    and e.kpi_id not in (select s.kpi_id from marts.scorecard as s)
            ) as scorecard_lines_missing,
            (
                select count(*)
                from implemented
                inner join kpi_catalogue as c using (kpi_id)
                cross join (values ('all'), ('exc_uasc')) as cohorts (cohort)
                where
                    (cohort = 'all' or c.exc_uasc_cohort = 'yes')
                    and (kpi_id, cohort) not in
                    (select (r.kpi_id, r.cohort) from marts.kpi_result as r)
            ) as results_missing,
            {strangers} as rows_of_other_partitions
        """,
        [partition.authority, str(partition.month)],
    ).df()
    return frame
