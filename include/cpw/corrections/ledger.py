"""The ledger of corrections: one entry for each row and each rule that it breaks.

The ledger is computed from the gates' own files; nothing else is stored. Each run of a gate writes
the failing rows that it found (:mod:`cpw.quality.failures`), also if it found none. An entry is
therefore open as long as the newest run has it, and closes without anybody's action:

* In one month, the newest run in which a gate passed counts, and every run after it. A run in which
  a rule errored or did not run does not count for the entries of that rule: the run before it does.
* An entry of a month is closed when those runs no longer have it, or when the runs of a later month
  do not have it and were made after the entry was first found. A run that was stopped opens entries
  and closes none: its extract may have been cut short.
* An entry is released when releases in force match its rows as they are now.

An entry is identified by authority, rule, table and the record's id, or by the row's content if the
record has no id: the same row in two months is one entry. Restricted: the ledger has child-level
values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from cpw.core import audit
from cpw.core.database import connect_bounded
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.reporting_month import ReportingMonth
from cpw.core.sql import read_sql
from cpw.quality import releases
from cpw.quality.evaluation import NOTHING_TO_ASK
from cpw.quality.failures import COLUMNS
from cpw.quality.rule_book import rule_book

NO_FEED = "all feeds"
_SQL = Path(__file__).with_name("sql")

# a run's file is named <when>-<gate>[-<feed>], so runs sort by when they were made
_RUN = "regexp_extract({}, '([^/]+)[.]parquet$', 1)"
_IDENTITY = (
    "concat_ws(chr(31), authority, rule_id, table_name, coalesce(nullif(row_key, ''), fingerprint))"
)
_AS_WRITTEN = "filename = true, hive_partitioning = false, union_by_name = true"
# each table is the SELECT of a file of sql/; they are created in this order
_TABLES = ("rule", "seen", "answered", "standing", "found", "chosen", "later", "state")


@dataclass(frozen=True)
class Selection:
    """A selection of entries; None selects all."""

    status: str | None = "open"
    feed: str | None = None
    owner: str | None = None
    rule: str | None = None
    refused_only: bool = False

    def conditions(self) -> tuple[str, list[str]]:
        """The condition on the table ``entry``, and its parameters."""
        wanted = {
            "status = ?": self.status,
            "feed = ?": self.feed,
            "owner = ?": self.owner,
            "rule_id = ?": self.rule,
        }
        given = {condition: value for condition, value in wanted.items() if value is not None}
        conditions = [*given, *(["is_refused"] if self.refused_only else [])]
        return " and ".join(conditions) or "true", list(given.values())


@dataclass(frozen=True)
class Count:
    """How many rows the entries of a rule have: ``refused``, and failing but loaded (``kept``)."""

    owner: str
    feed: str
    table: str
    rule_id: str
    severity: str
    reason: str
    remedy: str
    status: str
    refused: int
    kept: int
    since: str
    closed_by: str | None


@dataclass(frozen=True)
class Ledger:
    """An open ledger: the tables ``entry`` and ``line`` (the entries' rows) of its connection.

    ``month`` is the selected month, or the newest month of the authority with a gate run.
    """

    connection: duckdb.DuckDBPyConnection
    authority: str
    month: str

    def query(self, query: str, parameters: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """Rows by column name."""
        result = self.connection.execute(query, list(parameters))
        names = [name for name, *_ in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def counts(self, selection: Selection) -> list[Count]:
        """The rows of the entries, counted by owner, feed, table, rule and status."""
        condition, parameters = selection.conditions()
        rows = self.query(_read("counts", condition=condition), parameters)
        return [Count(**row) for row in rows]

    def rows(self, selection: Selection) -> Iterator[dict[str, Any]]:
        """The rows of the entries, by file and row, a few thousand at a time."""
        condition, parameters = selection.conditions()
        result = self.connection.execute(
            "select e.status, e.first_month, e.month, l.* exclude (entry, run) "
            f"from (from entry where {condition}) as e inner join line as l using (entry) "
            "order by l.file nulls last, l.source_row, l.rule_id, l.row_key",
            parameters,
        )
        names = [name for name, *_ in result.description]
        while rows := result.fetchmany(5000):
            yield from (dict(zip(names, row, strict=True)) for row in rows)

    def owners(self, selection: Selection) -> list[str]:
        """The owners who have entries."""
        return sorted({count.owner for count in self.counts(selection)})


@contextmanager
def open_ledger(home: Home, authority: str, month: str | None = None) -> Iterator[Ledger]:
    """Compute the ledger from the gates' files.

    Args:
        home: the data home.
        authority: the authority's code.
        month: only the entries of this month, with their state in it; None for all entries, each
            as it is in the newest month that has it.

    Raises:
        InputError: no gate has run for the authority or month.
    """
    files = _files(home, authority, month)
    newest = max(path.parent.name for path in files).removeprefix("month=")
    home.work.mkdir(parents=True, exist_ok=True)
    with connect_bounded() as connection:
        _note_runs(connection, home, authority, files)
        _note_releases(connection, home, authority)
        _note_file_names(connection, home, authority)
        connection.execute(f"create view failing_row as {_found_in(files)}")
        values: dict[str, dict[str, Any]] = {
            "rule": {"no_feed": NO_FEED},
            "chosen": {"month": month},
        }
        for table in _TABLES:
            connection.execute(f"create table {table} as {_read(table)}", values.get(table))
        connection.execute(f"create view line as {_read('line')}")
        connection.execute(f"create table entry as {_read('entry')}")
        yield Ledger(connection, authority, month or newest)


def check_names(ledger: Ledger, owner: str | None, rule: str | None) -> None:
    """Check that the owner and the rule exist: a typing error would look like nothing to correct.

    Raises:
        InputError: there is no such owner or rule.
    """
    rules = {r.id: r.owner for r in rule_book().rules}
    found = ledger.query("select rule_id, owner from rule")
    rules |= {row["rule_id"]: row["owner"] for row in found}
    if owner is not None and owner not in rules.values():
        raise InputError(
            f"no rule has an owner '{owner}'",
            remedy=f"Owners are {', '.join(sorted(set(rules.values())))}",
        )
    if rule is not None and rule not in rules:
        raise InputError(
            f"there is no rule '{rule}'", remedy="cpw quarantine list shows the ids of rules"
        )


def _read(name: str, **parts: str) -> str:
    return read_sql(_SQL / f"{name}.sql", **parts)


def _files(home: Home, authority: str, month: str | None) -> list[Path]:
    found: dict[str, dict[str, list[Path]]] = {}
    for path in sorted(home.failures.glob("authority=*/month=*/*.parquet")):
        code, of_month = (part.partition("=")[2] for part in path.parts[-3:-1])
        found.setdefault(code, {}).setdefault(of_month, []).append(path)
    if authority not in found:
        raise InputError(
            f"no gate has run for authority '{authority}'",
            remedy=f"Authorities that were loaded: {', '.join(found) or 'none yet'}",
        )
    if month is not None and str(ReportingMonth.parse(month)) not in found[authority]:
        raise InputError(
            f"no gate has run for {authority}/{month}",
            remedy=f"Months that were loaded: {', '.join(found[authority])}",
        )
    return [path for paths in found[authority].values() for path in paths]


def _listed(paths: Iterable[Path]) -> str:
    return "[" + ", ".join(f"'{path}'" for path in paths) + "]"


def _note_runs(
    connection: duckdb.DuckDBPyConnection, home: Home, authority: str, files: list[Path]
) -> None:
    """Number the runs by time; record the rules that errored or did not run in each."""
    folder = home.authority_rule_results(authority)
    names = {path.name for path in files}
    results = [path for path in sorted(folder.glob("month=*/*.parquet")) if path.name in names]
    connection.execute(
        "create table version (run_name varchar, load_versions varchar, stopped boolean)"
    )
    connection.execute("create table silent (run_name varchar, rule_id varchar)")
    if results:
        connection.execute(
            f"create temp table result as select {_RUN.format('filename')} as run_name, "
            "load_versions, rule_id, outcome, reason, blocks "
            f"from read_parquet({_listed(results)}, {_AS_WRITTEN})"
        )
        connection.execute(
            "insert into version select run_name, max(load_versions), bool_or(blocks) from result "
            "group by run_name"
        )
        connection.execute(
            "insert into silent select run_name, rule_id from result where outcome = 'errored' "
            "or (outcome = 'not_run' and reason is distinct from ?)",
            [NOTHING_TO_ASK],
        )
    connection.execute(
        f"create table run as {_read('run')}", {"files": [str(path) for path in files]}
    )


def _found_in(files: Iterable[Path]) -> str:
    """The SQL of the files' rows, cast: a column that is empty in every row may lose its type."""
    kinds = {"source_row": "integer", "is_refused": "boolean", "releasable": "boolean"}
    columns = [f"cast({c} as {kinds.get(c, 'varchar')}) as {c}" for c in COLUMNS.split(", ")]
    return (
        f"select {', '.join(columns)}, {_RUN.format('filename')} as run_name, "
        f"md5_number_lower({_IDENTITY}) as entry, left(md5({_IDENTITY}), 10) as entry_id "
        f"from read_parquet({_listed(files)}, {_AS_WRITTEN})"
    )


def _note_releases(connection: duckdb.DuckDBPyConnection, home: Home, authority: str) -> None:
    """Create the table ``release`` with the releases in force."""
    known = sorted({(r.rule_id, r.fingerprint) for r in releases.read(home, authority)})
    _create(connection, "release", ("rule_id", "fingerprint"), known)


def _note_file_names(connection: duckdb.DuckDBPyConnection, home: Home, authority: str) -> None:
    """Create ``file_name``: each table's newest file of a month; some gates name only a table."""
    arrived = audit.events(home, event="extract_registered", authority=authority)
    names = {(e["month"], file["table"]): file["file"] for e in arrived for file in e["files"]}
    rows = [(month, table, file) for (month, table), file in names.items()]
    _create(connection, "file_name", ("month", "table_name", "file"), rows)


def _create(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
) -> None:
    """Create a table of text."""
    connection.register("given", pd.DataFrame(rows, columns=list(columns), dtype="str"))
    texts = ", ".join(f"cast({column} as varchar) as {column}" for column in columns)
    connection.execute(f"create table {table} as select {texts} from given")
    connection.unregister("given")
