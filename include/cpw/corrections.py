"""The ledger of corrections: an entry for each row and rule it breaks, from the gates' own files.

Nothing is stored for it. What each run of a gate found is there (:mod:`cpw.failures`), also where
it found nothing, so an entry is open as long as the newest run still has it and closes by itself:

* of a month, the newest run of a gate counts. A run in which a rule errored, or could not be
  asked, says nothing about the rule's entries: the run before it counts for them;
* an entry of a month is closed when that run no longer has it, or when a later month's, made
  since it was first found, has not;
* it is released when a release matches its rows as they stand.

An entry is known by authority, rule, table and the record's id, or by the row's content where it
has none: the same row in two months is one entry. Restricted: it holds child-level values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cpw import releases
from cpw.engine import connect_bounded
from cpw.errors import InputError
from cpw.evaluation import NOTHING_TO_ASK
from cpw.home import Home
from cpw.reporting_month import ReportingMonth
from cpw.rules import rule_book

STATUSES = ("open", "closed", "released")
NO_FEED = "all feeds"

# a run's file is named <when>-<gate>[-<feed>], so runs sort by when they were made
_RUN = "regexp_extract({}, '([^/]+)[.]parquet$', 1)"
_FOUND_AT = "strptime(left({}, 21), '%Y%m%dT%H%M%S%f')"
_ENTRY = (
    "md5(concat_ws(chr(31), authority, rule_id, table_name, "
    "coalesce(nullif(row_key, ''), fingerprint)))"
)
_MONTHS = """
create table answered as
select k.rule_id, r.month, r.page, r.run
from (select distinct rule_id, page from seen) as k
inner join run as r on k.page = r.page
anti join silent as s on k.rule_id = s.rule_id and r.run = s.run;

create table standing as
select rule_id, month, page, max(run) as run from answered group by all;

create table found as
select
    f.entry, f.rule_id, f.month, min(f.run) as first_run, max(f.run) as last_run,
    max(s.run) as standing_run
from seen as f
left join standing as s
    on f.rule_id = s.rule_id and f.month = s.month and f.page = s.page and f.run = s.run
group by all;

create table closing as
select f.entry, f.month, f.month as closed_month, min(a.run) as closed_run
from found as f
inner join answered as a
    on f.rule_id = a.rule_id and f.month = a.month and a.run > f.last_run
where f.standing_run is null
group by all
union all
select f.entry, f.month, min(s.month) as closed_month, arg_min(s.run, s.month) as closed_run
from found as f
inner join standing as s
    on f.rule_id = s.rule_id and s.month > f.month and s.run > f.first_run
anti join (from found where standing_run is not null) as later
    on f.entry = later.entry and s.month = later.month
where f.standing_run is not null
group by all;
"""
_CHOSEN = """
create table chosen as
with spans as (
    select
        entry, min(month) as first_month, min(first_run) as first_run,
        count(standing_run) as months_found
    from found group by entry
)

select f.entry, f.month, coalesce(f.standing_run, f.last_run) as run, c.closed_month, c.closed_run,
    s.first_month, s.first_run, s.months_found
from found as f
inner join spans as s on f.entry = s.entry
left join closing as c on f.entry = c.entry and f.month = c.month
where {condition}
qualify row_number() over (
    partition by f.entry order by (f.standing_run is not null) desc, f.month desc
) = 1
"""
_LINE = """
create table line as
select
    f.entry, f.run, f.table_name, f.file, cast(f.source_row as integer) as source_row, f.row_key,
    f.person_id, f.parent_key, f.column_name, f.value, f.rule_id, f.reason, f.remedy, f.owner,
    f.severity, f.is_refused, f.releasable, f.fingerprint,
    coalesce(f.feed, nullif(split_part(r.page, '-', 2), ''), '{no_feed}') as feed,
    exists (
        from release as l where l.rule_id = f.rule_id and l.fingerprint = f.fingerprint
    ) as is_released
from ({source}) as f
inner join chosen as c on f.entry = c.entry and f.run = c.run
inner join run as r on f.run = r.run;

create table entry as
select
    left(c.entry, 10) as entry_id, c.entry,
    case
        when c.closed_run is not null then 'closed'
        when bool_and(l.is_released) then 'released'
        else 'open'
    end as status,
    any_value(l.rule_id) as rule_id, any_value(l.table_name) as table_name,
    any_value(l.feed) as feed, any_value(l.owner) as owner, any_value(l.severity) as severity,
    any_value(l.reason) as reason, any_value(l.remedy) as remedy,
    bool_or(l.is_refused) as is_refused, bool_and(l.releasable) as releasable,
    count(*) as rows_found, c.month, c.first_month, {first_found_at} as first_found_at,
    c.months_found, c.closed_month, any_value(v.load_versions) as closed_by
from chosen as c
inner join line as l on c.entry = l.entry
left join version as v on c.closed_run = v.run
group by all;
"""


@dataclass(frozen=True)
class Selection:
    """Which entries are asked for; what is not given is not narrowed."""

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
    """How many entries of a rule there are: of refused rows, and of rows that failed and stayed."""

    owner: str
    feed: str
    table: str
    rule_id: str
    severity: str
    reason: str
    status: str
    refused: int
    kept: int
    since: str
    closed_by: str | None


@dataclass(frozen=True)
class Ledger:
    """An open ledger: the tables ``entry`` and ``line`` (the entries' rows) of its connection.

    ``month`` is the month asked for, or the newest of the authority that was gated.
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
        """The entries counted by owner, feed, table, rule and status."""
        condition, parameters = selection.conditions()
        rows = self.query(
            "select owner, feed, table_name as table, rule_id, max(severity) as severity, "
            "max(reason) as reason, status, "
            "count(*) filter (is_refused) as refused, count(*) filter (not is_refused) as kept, "
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
            "select e.entry_id, e.status, e.first_month, e.month, l.* exclude (entry, run) "
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
    """Work the ledger out of what the gates found.

    Args:
        home: the data home.
        authority: whose ledger.
        month: only the entries of one month, with the state of that month; else each entry is
            shown as it is in the newest month that has it.

    Raises:
        InputError: no gate has run for the authority or month.
    """
    files = _files(home, authority, month)
    newest = max(path.parent.name for path in files).removeprefix("month=")
    with connect_bounded() as connection:
        _note_runs(connection, home, authority, files)
        source = _found_in(files)
        connection.execute(
            f"create table seen as select distinct f.entry, f.rule_id, r.month, r.page, r.run "
            f"from ({source}) as f inner join run as r on f.run = r.run"
        )
        connection.execute(_MONTHS)
        condition = f"f.month = '{month}'" if month else "true"
        connection.execute(_CHOSEN.format(condition=condition))
        _note_releases(connection, home, authority)
        runs = {run for (run,) in connection.execute("select run from chosen").fetchall()}
        connection.execute(
            _LINE.format(
                source=_found_in([path for path in files if path.stem in runs] or files[:1]),
                no_feed=NO_FEED,
                first_found_at=_FOUND_AT.format("c.first_run"),
            )
        )
        yield Ledger(connection, authority, month or newest)


def check_names(ledger: Ledger, owner: str | None, rule: str | None) -> None:
    """Look whether there are such an owner and rule: a slip would read as nothing to correct.

    Raises:
        InputError: there is no such owner or rule.
    """
    rules = {r.id: r.owner for r in rule_book().rules}
    rules |= {row["rule_id"]: row["owner"] for row in ledger.query("select distinct * from line")}
    if owner is not None and owner not in rules.values():
        raise InputError(
            f"nobody is called '{owner}' in the rules",
            remedy=f"Owners are {', '.join(sorted(set(rules.values())))}",
        )
    if rule is not None and rule not in rules:
        raise InputError(
            f"there is no rule '{rule}'", remedy="Take its id from cpw quarantine list"
        )


def _files(home: Home, authority: str, month: str | None) -> list[Path]:
    found: dict[str, dict[str, list[Path]]] = {}
    for path in sorted(home.failures.glob("authority=*/month=*/*.parquet")):
        code, of_month = (part.partition("=")[2] for part in path.parts[-3:-1])
        found.setdefault(code, {}).setdefault(of_month, []).append(path)
    if authority not in found:
        raise InputError(
            f"no gate has run for authority '{authority}'",
            remedy=f"Those that were loaded are {', '.join(found) or 'none yet'}",
        )
    if month is not None and str(ReportingMonth.parse(month)) not in found[authority]:
        raise InputError(
            f"no gate has run for {authority}/{month}",
            remedy=f"Months that were loaded are {', '.join(found[authority])}",
        )
    return [path for paths in found[authority].values() for path in paths]


def _listed(paths: Iterable[Path]) -> str:
    return "[" + ", ".join(f"'{path}'" for path in paths) + "]"


def _note_runs(
    connection: duckdb.DuckDBPyConnection, home: Home, authority: str, files: list[Path]
) -> None:
    """The runs, the load versions they were made of, and the rules they do not answer for."""
    connection.execute(
        "create table run as select run, substr(run, 23) as page, "
        "regexp_extract(file, 'month=([^/]+)/', 1) as month "
        f"from (select unnest({_listed(files)}) as file, {_RUN.format('file')} as run)"
    )
    connection.execute("create table version (run varchar, load_versions varchar)")
    connection.execute("create table silent (run varchar, rule_id varchar)")
    folder = home.audit / "rule_results" / f"authority={authority}"
    results = [p for p in sorted(folder.glob("month=*/*.parquet")) if "-gate_marts" not in p.name]
    if not results:
        return
    connection.execute(
        f"create temp table result as select {_RUN.format('filename')} as run, load_versions, "
        f"rule_id, outcome, reason from read_parquet({_listed(results)}, filename = true, "
        "hive_partitioning = false, union_by_name = true)"
    )
    connection.execute("insert into version select distinct run, load_versions from result")
    connection.execute(
        "insert into silent select run, rule_id from result where outcome = 'errored' "
        "or (outcome = 'not_run' and reason is distinct from ?)",
        [NOTHING_TO_ASK],
    )


def _found_in(files: Iterable[Path]) -> str:
    return (
        f"select *, {_RUN.format('filename')} as run, {_ENTRY} as entry "
        f"from read_parquet({_listed(files)}, filename = true, hive_partitioning = false, "
        "union_by_name = true)"
    )


def _note_releases(
    connection: duckdb.DuckDBPyConnection, home: Home, authority: str
) -> None:
    connection.execute("create table release (rule_id varchar, fingerprint varchar)")
    known = {(r.rule_id, r.fingerprint) for r in releases.read(home, authority)}
    if known:
        connection.executemany("insert into release values (?, ?)", sorted(known))
