"""Evaluate row rules over the tables of an extract, set-based, in DuckDB.

The outcome of every rule on every row is a boolean: true where the rule holds, false where the row
breaks it, null where it does not apply. Rows that are not valid are refused, then every row whose
reference no longer resolves, again and again until nothing more is refused.

Rules see the tables in three schemas: ``arrived`` (every row of this gate's tables), ``valid``
(those not refused so far) and ``known`` (tables of other feeds, where the gate has them).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from cpw.engine import connect
from cpw.home import Partition
from cpw.rules import Rule

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass
class Evaluation:
    """An open evaluation: the connection holds the tables, ``errors`` the rules that raised."""

    connection: duckdb.DuckDBPyConnection
    rules: tuple[Rule, ...]
    errors: dict[str, str] = field(default_factory=dict)

    def outcomes(self, table: str) -> pd.DataFrame:
        """One row per ``source_row``, one nullable boolean column per rule that could be run."""
        columns = ", ".join(f'"{rule.id}"' for rule in self._evaluated(table))
        frame: pd.DataFrame = self.connection.execute(
            f"select source_row{', ' if columns else ''}{columns} "
            f"from outcome.{table} order by source_row"
        ).df()
        return frame.set_index("source_row").astype("boolean")

    def failing_rows(self, rule: Rule) -> list[int]:
        """The rows that break a rule, in order."""
        if rule.id in self.errors:
            return []
        found = self.connection.execute(
            f'select source_row from outcome.{rule.table} where not "{rule.id}" order by 1'
        ).fetchall()
        return [row for (row,) in found]

    def valid_row_count(self, table: str) -> int:
        """How many rows of the table are left."""
        found = self.connection.execute(f"select count(*) from valid.{table}").fetchone()
        return int(found[0]) if found else 0

    def arrived_row_count(self, table: str) -> int:
        """How many rows of the table arrived."""
        found = self.connection.execute(f"select count(*) from arrived.{table}").fetchone()
        return int(found[0]) if found else 0

    def _evaluated(self, table: str) -> list[Rule]:
        return [
            rule
            for rule in self.rules
            if rule.table == table and rule.expectation is None and rule.id not in self.errors
        ]


def evaluate(
    partition: Partition,
    tables: Mapping[str, Path],
    rules: Iterable[Rule],
    known: Mapping[str, Path] | None = None,
) -> Evaluation:
    """Run the rules over the tables.

    Args:
        partition: whose extract it is; rules read ``getvariable('as_at')`` and ``'month_start'``.
        tables: a typed Parquet file per table under check.
        rules: the rules; those with an ``expectation`` are left to Great Expectations.
        known: a Parquet file per table of other feeds, all of whose rows are valid.

    Returns:
        The evaluation, whose connection the caller closes.
    """
    connection = connect()
    evaluation = Evaluation(connection, tuple(rules))
    connection.execute("set variable as_at = cast(? as date)", [partition.month.as_at])
    connection.execute("set variable month_start = cast(? as date)", [partition.month.first_day])
    connection.execute(
        "create table refused (table_name varchar, source_row integer, rule varchar)"
    )
    for schema in ("arrived", "valid", "known", "outcome"):
        connection.execute(f"create schema {schema}")
    for name, path in (known or {}).items():
        connection.execute(f"create view known.{name} as from read_parquet('{path}')")
    for name, path in tables.items():
        connection.execute(f"create table arrived.{name} as from read_parquet('{path}')")
        connection.execute(
            f"create view valid.{name} as select * from arrived.{name} where source_row not in "
            f"(select source_row from refused where table_name = '{name}')"
        )
    for name in tables:
        _run_conditions(evaluation, name)
    _refuse_until_stable(evaluation)
    for rule in evaluation.rules:
        if rule.table in tables and rule.failing_rows is not None and not rule.refuses:
            _run_query(evaluation, rule)
    return evaluation


def _run_conditions(evaluation: Evaluation, table: str) -> None:
    """Evaluate the conditions of one table, all in one pass unless one of them raises."""
    conditions = [r for r in evaluation.rules if r.table == table and r.fails_when is not None]
    try:
        _create_outcome(evaluation, table, conditions)
    except duckdb.Error:
        sound = []
        for rule in conditions:
            try:
                _create_outcome(evaluation, table, [rule])
                sound.append(rule)
            except duckdb.Error as error:
                evaluation.errors[rule.id] = _without_values(error)
        _create_outcome(evaluation, table, sound)
    for rule in conditions:
        if rule.refuses and rule.id not in evaluation.errors:
            evaluation.connection.execute(
                f"insert into refused select '{table}', source_row, '{rule.id}' "
                f'from outcome.{table} where not "{rule.id}"'
            )


def _create_outcome(evaluation: Evaluation, table: str, rules: list[Rule]) -> None:
    columns = [f'{_holds(rule)} as "{rule.id}"' for rule in rules]
    evaluation.connection.execute(
        f"create or replace table outcome.{table} as "
        f"select {', '.join(['source_row', *columns])} from arrived.{table}"
    )


def _holds(rule: Rule) -> str:
    """A condition turned round: true where the rule holds; a ragged row has no cells to judge."""
    if rule.id.endswith(".row_shape"):
        return f"not ({rule.fails_when})"
    return f"case when _ragged is null then not ({rule.fails_when}) end"


def _refuse_until_stable(evaluation: Evaluation) -> None:
    """Keys and repeats first; then references and queries, until nothing more is refused.

    A query that asks the valid rows is asked once every reference resolves: a row that is refused
    anyhow must not cost another.
    """
    refusing = [
        rule
        for rule in evaluation.rules
        if rule.refuses and (rule.reference is not None or rule.failing_rows is not None)
    ]
    once = [rule for rule in refusing if rule.failing_rows and "valid." not in rule.failing_rows]
    again = [rule for rule in refusing if rule not in once]
    for rule in once:
        _refuse(evaluation, rule, _failing_query(rule))
    references = [rule for rule in again if rule.reference is not None]
    queries = [rule for rule in again if rule.reference is None]
    while True:
        while sum([_refuse(evaluation, rule, _failing_query(rule)) for rule in references]):
            pass
        if not sum([_refuse(evaluation, rule, _failing_query(rule)) for rule in queries]):
            break
    for table in {rule.table for rule in refusing}:
        _add_refusals(evaluation, table, [rule for rule in refusing if rule.table == table])


def _add_refusals(evaluation: Evaluation, table: str, rules: list[Rule]) -> None:
    columns = []
    for rule in rules:
        if rule.id not in evaluation.errors:
            applies = f'a."{rule.column}" is not null' if rule.reference else "true"
            columns.append(
                f"case when {applies} then a.source_row not in (select source_row from refused "
                f"where rule = '{rule.id}') end as \"{rule.id}\""
            )
    _replace_outcome(evaluation, table, columns)


def _replace_outcome(evaluation: Evaluation, table: str, columns: list[str]) -> None:
    evaluation.connection.execute(
        f"create or replace table outcome.{table} as "
        f"select {', '.join(['o.*', *columns])} "
        f"from outcome.{table} as o join arrived.{table} as a using (source_row)"
    )


def _failing_query(rule: Rule) -> str:
    if rule.failing_rows is not None:
        return rule.failing_rows
    assert rule.reference is not None
    parent, column = rule.reference
    return (
        f'select source_row from arrived.{rule.table} where "{rule.column}" is not null and '
        f'"{rule.column}" not in (select "{column}" from {{parent}}.{parent} '
        f'where "{column}" is not null)'
    )


def _refuse(evaluation: Evaluation, rule: Rule, query: str) -> int:
    """Refuse the rows a rule fails on and are not refused by it yet; returns how many."""
    if rule.id in evaluation.errors:
        return 0
    if rule.reference is not None:
        query = query.format(parent=_schema_of(evaluation, rule.reference[0]))
    try:
        found = evaluation.connection.execute(
            f"insert into refused select '{rule.table}', source_row, '{rule.id}' from ({query}) "
            f"where source_row not in (select source_row from refused where rule = '{rule.id}')"
        ).fetchone()
    except duckdb.Error as error:
        evaluation.errors[rule.id] = _without_values(error)
        return 0
    return int(found[0]) if found else 0


def _schema_of(evaluation: Evaluation, table: str) -> str:
    found = evaluation.connection.execute(
        "select 1 from information_schema.tables where table_schema = 'valid' and table_name = ?",
        [table],
    ).fetchone()
    return "valid" if found else "known"


def _run_query(evaluation: Evaluation, rule: Rule) -> None:
    holds = f'a.source_row not in ({rule.failing_rows}) as "{rule.id}"'
    try:
        _replace_outcome(evaluation, rule.table, [holds])
    except duckdb.Error as error:
        evaluation.errors[rule.id] = _without_values(error)


def _without_values(error: duckdb.Error) -> str:
    """The error's first line with everything quoted left out: it may quote a child's data."""
    return _QUOTED.sub("'…'", str(error).splitlines()[0])[:300]
