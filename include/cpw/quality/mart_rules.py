"""Run the rules of the marts on a candidate database before it is published.

A rule checks each row of its mart. A file of rules, or a single rule, may have a query (``rows``);
then the rule checks each row of the query instead: sums, pairs of figures, whole cohorts. Queries
and conditions can read the candidate's ``marts``, the seeds to compare them with (as views), and
``publication_facts``, one row of facts on all marts together.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import duckdb

from cpw.core.partition import Partition
from cpw.core.paths import seed_file
from cpw.core.sql import read_sql
from cpw.quality.evaluation import Outcomes, without_values
from cpw.quality.lineage import kpis
from cpw.quality.rule import Rule

_PUBLICATION_FACTS = Path(__file__).with_name("sql") / "publication_facts.sql"
_REFERENCE = ("kpi_catalogue", "kpi_relations", "scorecard_editions", "editions")


def attach_reference(connection: duckdb.DuckDBPyConnection, partition: Partition) -> None:
    """Attach what the marts are compared with: the seeds, and the KPIs that have a model."""
    for seed in _REFERENCE:
        connection.execute(
            f"create temp view {seed} as from read_csv('{seed_file(seed)}', all_varchar = true)"
        )
    connection.execute("create temp table implemented (kpi_id varchar)")
    connection.executemany("insert into implemented values (?)", [[kpi] for kpi in kpis()])
    with suppress(duckdb.Error):  # a mart is missing: the rules that read the facts will error
        _attach_publication_facts(connection, partition)


def evaluate(connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> Outcomes:
    """Run the rules; those on the same mart or query in one pass."""
    found = Outcomes()
    by_source: dict[str, list[Rule]] = {}
    for rule in rules:
        source = f"({rule.rows})" if rule.rows else f"marts.{rule.table}"
        by_source.setdefault(source, []).append(rule)
    for source, own in by_source.items():
        try:
            _ask(connection, source, own, found)
        except duckdb.Error:
            for rule in own:
                try:
                    _ask(connection, source, [rule], found)
                except duckdb.Error as error:
                    found.errors[rule.id] = without_values(error)
    return found


def _ask(
    connection: duckdb.DuckDBPyConnection, source: str, rules: list[Rule], found: Outcomes
) -> None:
    asked = ", ".join(f"({rule.fails_when}) as r{n}" for n, rule in enumerate(rules))
    counts = ", ".join(f"count(r{n}), count(*) filter (where r{n})" for n in range(len(rules)))
    numbers = connection.execute(
        f"select {counts} from (select {asked} from {source} as mart)"
    ).fetchall()[0]
    for n, rule in enumerate(rules):
        found.conclude(rule, *numbers[2 * n : 2 * n + 2])


def _attach_publication_facts(connection: duckdb.DuckDBPyConnection, partition: Partition) -> None:
    """One row of facts on all marts together: missing lines, and rows of other partitions."""
    tables = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    ).fetchall()
    strangers = " + ".join(
        f"(select count(*) from marts.{name} "
        f"where (authority, month) <> ('{partition.authority}', '{partition.month}'))"
        for (name,) in tables
    )
    facts = read_sql(_PUBLICATION_FACTS, strangers=strangers)
    connection.execute(f"create temp view publication_facts as {facts}")
