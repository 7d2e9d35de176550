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
from cpw.quality import releases
from cpw.quality.evaluation import NOTHING_TO_ASK
from cpw.quality.failures import COLUMNS
from cpw.quality.rule_book import rule_book

NO_FEED = "all feeds"

# a run's file is named <when>-<gate>[-<feed>], so runs sort by when they were made
_RUN = "regexp_extract({}, '([^/]+)[.]parquet$', 1)"
_IDENTITY = (
    "concat_ws(chr(31), authority, rule_id, table_name, coalesce(nullif(row_key, ''), fingerprint))"
)
_AS_WRITTEN = "filename = true, hive_partitioning = false, union_by_name = true"
# the facts about each rule from the newest run that found a failure, and the entries of each run
_SEEN = """
create table rule as
select
    row_number() over (order by f.rule_id) as rule, f.rule_id, max(f.table_name) as table_name,
    max(coalesce(f.feed, nullif(split_part(r.page, '-', 2), ''), '{no_feed}')) as feed,
    arg_max(f.owner, r.run) as owner, arg_max(f.severity, r.run) as severity,
    arg_max(f.reason, r.run) as reason, arg_max(f.remedy, r.run) as remedy
from ({source}) as f
inner join run as r on f.run_name = r.run_name
group by f.rule_id;

create table seen as
select distinct f.entry, k.rule, r.run
from ({source}) as f
inner join run as r on f.run_name = r.run_name
inner join rule as k on f.rule_id = k.rule_id;
"""
_MONTHS = """
create table answered as
select k.rule, r.month, r.page, r.run, r.closes
from (select distinct s.rule, r.page from seen as s inner join run as r on s.run = r.run) as k
inner join run as r on k.page = r.page
anti join (
    select k.rule, r.run
    from silent as s
    inner join rule as k on s.rule_id = k.rule_id
    inner join run as r on s.run_name = r.run_name
) as s on k.rule = s.rule and r.run = s.run;

create table standing as
select rule, run
from answered
qualify run >= coalesce(max(run) filter (closes) over (partition by rule, month, page), 0);

create table found as
select
    f.entry, f.rule, r.month, min(f.run) as first_run, max(f.run) as last_run,
    max(s.run) as standing_run
from seen as f
inner join run as r on f.run = r.run
left join standing as s on f.rule = s.rule and f.run = s.run
group by f.entry, f.rule, r.month;

create table chosen as
with spans as (
    select
        entry, min(month) as first_month, min(first_run) as first_found,
        count(standing_run) as months_found,
        list(month) filter (standing_run is not null) as months_standing
    from found
    group by entry
)

select f.*, s.* exclude (entry), coalesce(f.standing_run, f.last_run) as run
from found as f
inner join spans as s on f.entry = s.entry
where {month} is null or f.month = {month}
qualify row_number() over (
    partition by f.entry order by (f.standing_run is not null) desc, f.month desc
) = 1;

create table later as
select
    c.rule, c.month, c.first_run, c.last_run,
    min(a.run) filter (a.month = c.month and a.run > c.last_run) as same_month,
    list({{'month': a.month, 'run': a.run}} order by a.month, a.run) filter (
        a.month > c.month and a.run > c.first_run and a.stands
    ) as later_months
from (select distinct rule, month, first_run, last_run from chosen) as c
inner join (
    select a.*, s.run is not null as stands
    from answered as a
    left join standing as s on a.rule = s.rule and a.run = s.run
    where a.closes
) as a on c.rule = a.rule
group by all;

create table state as
select
    c.*,
    case
        when c.standing_run is null then l.same_month
        else list_filter(
            l.later_months, lambda x: not list_contains(c.months_standing, x.month)
        )[1].run
    end as closed_run
from chosen as c
left join later as l
    on c.rule = l.rule and c.month = l.month and c.first_run = l.first_run
    and c.last_run = l.last_run
"""
_ENTRY = """
create view line as
select
    s.entry, s.run, f.table_name, coalesce(n.file, f.file) as file, f.source_row, f.row_key,
    f.person_id,
    f.parent_key, f.column_name, f.value, f.rule_id, f.reason, f.remedy, f.owner, f.severity,
    f.is_refused, f.releasable, f.fingerprint, f.entry_id,
    l.rule_id is not null as is_released
from ({source}) as f
inner join run as r on f.run_name = r.run_name
inner join state as s on f.entry = s.entry and r.run = s.run
left join release as l on f.rule_id = l.rule_id and f.fingerprint = l.fingerprint
left join file_name as n
    on r.month = n.month and f.table_name = n.table_name and f.source_row is not null;

create table entry as
with lines as (
    select
        entry, min(entry_id) as entry_id, bool_or(is_refused) as is_refused,
        bool_and(releasable) as releasable, bool_and(is_released) as is_released,
        count(*) filter (is_refused) as rows_refused, count(*) filter (not is_refused) as rows_kept
    from line
    group by entry
)

select
    l.entry_id, s.entry, l.is_refused, l.releasable, l.rows_refused, l.rows_kept,
    case
        when s.closed_run is not null then 'closed' when l.is_released then 'released' else 'open'
    end as status,
    k.* exclude (rule), s.month, s.first_month, s.months_found, first.made_at as first_found_at,
    closing.month as closed_month, closing.load_versions as closed_by
from state as s
inner join lines as l on s.entry = l.entry
inner join rule as k on s.rule = k.rule
inner join run as first on s.first_found = first.run
left join run as closing on s.closed_run = closing.run
"""


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
        rows = self.query(
            "select owner, feed, table_name as table, rule_id, max(severity) as severity, "
            "max(reason) as reason, max(remedy) as remedy, status, "
            "cast(sum(rows_refused) as bigint) as refused, cast(sum(rows_kept) as bigint) as kept, "
            "min(first_month) as since, max(closed_month || ' (' || closed_by || ')') as closed_by "
            f"from entry where {condition} group by owner, feed, table_name, rule_id, status "
            "order by all",
            parameters,
        )
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
        source = _found_in(files)
        connection.execute(_SEEN.format(source=source, no_feed=NO_FEED))
        connection.execute(_MONTHS.format(month=f"'{month}'" if month else "null"))
        connection.execute(_ENTRY.format(source=source))
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
        "create table run as select row_number() over (order by run_name) as run, run_name, "
        "substr(run_name, 23) as page, regexp_extract(file, 'month=([^/]+)/', 1) as month, "
        "strptime(left(run_name, 21), '%Y%m%dT%H%M%S%f') as made_at, load_versions, "
        "stopped is not distinct from false as closes "  # a run that was killed has no verdict
        f"from (select unnest({_listed(files)}) as file, {_RUN.format('file')} as run_name) "
        "left join version using (run_name)"
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
