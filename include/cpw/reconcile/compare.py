"""Compare who is in care and who counts in each indicator, in the two sources of a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from cpw.contract.tables import PERSON
from cpw.core.database import connect
from cpw.core.errors import InputError
from cpw.core.partition import Partition
from cpw.core.paths import seed_file
from cpw.core.sql import read_sql
from cpw.reconcile import causes
from cpw.reconcile.causes import IN_CARE
from cpw.reconcile.pairs import pair
from cpw.reconcile.rows import compare_rows, tables
from cpw.reconcile.sides import Side

_SQL = Path(__file__).with_name("sql")
_SUBJECT_DAYS = {
    "period_of_care": ("ssd_cla_episodes", "clae_cla_id", "min(clae_cla_episode_start_date)"),
    "review": ("ssd_cla_reviews", "clar_cla_review_id", "min(clar_cla_review_date)"),
    "missing_episode": (
        "ssd_missing",
        "miss_table_id",
        "min(cast(miss_missing_episode_start_date as date))",
    ),
    "sdq_score": ("ssd_sdq_scores", "csdq_table_id", "min(csdq_sdq_completed_date)"),
    "care_leaver_birthday": ("local_care_leaver_outcomes", "outcome_id", "min(birthday_date)"),
    "permanence": ("ssd_permanence", "perm_table_id", "min(perm_adm_decision_date)"),
}


@dataclass(frozen=True)
class Members:
    """The numbers of members in both sources, and in each source only."""

    both: int = 0
    only_extract: int = 0
    only_return: int = 0

    @property
    def extract(self) -> int:
        """How many the extracts have."""
        return self.both + self.only_extract

    @property
    def returned(self) -> int:
        """How many the return has."""
        return self.both + self.only_return


@dataclass(frozen=True)
class Indicator:
    """One indicator and cohort, with the figures of both sources.

    ``extract`` and ``returned`` are the figures as shown, before a sign for the unit. ``members``
    counts subjects, none of an indicator without any (a rate, a caseload); of those in both,
    ``other_answer`` count otherwise. ``causes`` counts the differences by cause.
    """

    kpi_id: str
    name: str
    cohort: str
    unit: str
    extract: float | None
    returned: float | None
    members: Members | None
    other_answer: int = 0
    causes: Mapping[str, int] = field(default_factory=dict)

    @property
    def differences(self) -> int:
        """How many subjects are in one source alone, or count otherwise."""
        return sum(self.causes.values())


@dataclass(frozen=True)
class NotCompared:
    """An indicator and cohort for which one source has no figure, and why.

    ``without`` is ``return``, ``extracts`` or ``extracts and the return``.
    """

    kpi_id: str
    name: str
    cohort: str
    without: str
    reason: str


@dataclass(frozen=True)
class Cause:
    """How many differences, and of how many children, have a cause; where it was found."""

    cause: str
    table: str | None
    column: str | None
    rule_id: str | None
    differences: int
    children: int


@dataclass(frozen=True)
class Difference:
    """One child, review or period of care on which the two sources differ; child-level.

    ``in_source`` is ``both``, ``extract`` or ``ssda903``; an answer is ``yes`` or ``no``, or the
    measure of an average. The two values are those of the column, or of the day of the row that
    one source lacks. ``further`` is how many other differences the child's rows have.
    """

    kpi_id: str
    cohort: str
    subject_type: str
    person_id: str | None
    in_source: str
    extract_answer: str | None
    return_answer: str | None
    cause: str
    rule_id: str | None
    table: str | None
    column: str | None
    extract_value: str | None
    return_value: str | None
    further: int


@dataclass(frozen=True)
class Comparison:
    """What a comparison found.

    ``children`` counts the ids of children in the sources, ``cohorts`` those in care and those of
    them who came unaccompanied (``cic``, ``uasc``).
    """

    partition: Partition
    children: Members
    cohorts: Mapping[str, Members]
    indicators: tuple[Indicator, ...]
    not_compared: tuple[NotCompared, ...]
    causes: tuple[Cause, ...]
    differences: tuple[Difference, ...] = field(repr=False)


def check_ids(partition: Partition, extract: Side, returned: Side) -> Members:
    """Check that the two sources use the same ids for children, and count the children.

    Raises:
        InputError: no id is in both.
    """
    with _opened(extract, returned) as connection:
        return _check_ids(connection, partition)


def compare(
    partition: Partition,
    extract: Side,
    returned: Side,
    known_since: date | None = None,
    without_source: Mapping[tuple[str, str], str] | None = None,
) -> Comparison:
    """Compare the two sources of a month.

    Args:
        partition: authority and month.
        extract: the extracts, laid out and built.
        returned: the return, laid out and built.
        known_since: the first day of which the returns tell; none where they tell of all.
        without_source: by indicator and cohort why a return has no figure.

    Raises:
        InputError: no child's id is in both sources.
    """
    with _opened(extract, returned) as connection:
        children = _check_ids(connection, partition)
        for side in (extract, returned):
            connection.execute(f"attach '{side.marts}' as {side.source}_marts (read_only)")
        _note_figures(connection)
        _note_subjects(connection)
        _note_differing(connection)
        connection.execute("create table wanted as select distinct person_id from differing")
        compare_rows(connection, partition.month, known_since)
        causes.find(connection)
        return Comparison(
            partition,
            children,
            _cohorts(connection),
            tuple(_indicators(connection)),
            tuple(_not_compared(connection, without_source or {})),
            tuple(_causes(connection)),
            tuple(_differences(connection)),
        )


@contextmanager
def _opened(*sides: Side) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with each source's tables in a schema of its own."""
    with connect() as connection:
        for side in sides:
            connection.execute(f"create schema {side.source}")
            names = [table.name for table in tables()]
            for name in [*names, "subject_key", "refused"]:
                path = side.inputs / f"{name}.parquet"
                connection.execute(
                    f"create view {side.source}.{name} as from read_parquet('{path}')"
                )
        connection.execute(
            f"create table catalogue as from read_csv('{seed_file('kpi_catalogue')}', "
            "header = true, all_varchar = true)"
        )
        yield connection


def _read(name: str, **parts: str) -> str:
    return read_sql(_SQL / f"{name}.sql", **parts)


def _check_ids(connection: duckdb.DuckDBPyConnection, partition: Partition) -> Members:
    table, column = PERSON
    own, other = (f"select {column} from {side}.{table}" for side in ("extract", "ssda903"))
    counts = connection.execute(
        f"select (select count(*) from ({own} intersect {other})), "
        f"(select count(*) from ({own} except {other})), "
        f"(select count(*) from ({other} except {own}))"
    ).fetchall()[0]
    children = Members(*counts)
    if not children.both:
        raise InputError(
            f"no child of {partition} has the same id in the extracts ({children.extract:,} "
            f"children) and in the return ({children.returned:,})",
            remedy="Use the same id for a child in both sources: CHILD in the return, "
            "pers_person_id in the extracts. Check too that both are of this authority. Then load "
            "the source that changed, and reconcile again",
        )
    return children


def _note_figures(connection: duckdb.DuckDBPyConnection) -> None:
    """Write ``figure``: a line for each indicator and cohort, both sources beside each other."""
    connection.execute(f"create table figure as {_read('figure')}")


def _note_subjects(connection: duckdb.DuckDBPyConnection) -> None:
    """Write ``subject``: who each indicator and cohort asks about, where both sources have it."""
    parts = " union all ".join(f"({_subjects(side)})" for side in ("extract", "ssda903"))
    connection.execute(f"create temp table everyone as {parts}")
    connection.execute(f"create table subject as {_read('subject')}", {"in_care": IN_CARE})


def _subjects(side: str) -> str:
    days = " union all ".join(
        f"select '{subject}' as subject_type, {key} as source_id, {day} as day "
        f"from {side}.{table} group by {key}"
        for subject, (table, key, day) in _SUBJECT_DAYS.items()
    )
    return _read("subjects_of_side", side=side, days=days)


def _note_differing(connection: duckdb.DuckDBPyConnection) -> None:
    """Write ``beside``: the two sources' subjects in pairs; and ``differing``: those unlike."""
    pair(connection, "subject", "kpi_id, cohort, subject_type, known_by", "same_subject")
    connection.execute(f"create table beside as {_read('beside')}")
    connection.execute(
        "create table differing as select * from beside "
        "where in_source <> 'both' or extract_answer is distinct from ssda903_answer"
    )


def _cohorts(connection: duckdb.DuckDBPyConnection) -> dict[str, Members]:
    """Those in care; those of them who came unaccompanied where both sources know who did."""
    known = connection.execute(
        "select 1 from figure where kpi_id = ? and cohort = 'exc_uasc' "
        "and extract_status = 'computed' and ssda903_status = 'computed'",
        [IN_CARE],
    ).fetchone()
    cohorts = {"cic": _members(connection, IN_CARE, "all")}
    return cohorts | ({"uasc": _members(connection, IN_CARE, "uasc")} if known else {})


def _members(connection: duckdb.DuckDBPyConnection, kpi_id: str, cohort: str) -> Members:
    counts = connection.execute(
        "select count(*) filter (in_source = 'both'), count(*) filter (in_source = 'extract'), "
        "count(*) filter (in_source = 'ssda903') from beside where kpi_id = ? and cohort = ?",
        [kpi_id, cohort],
    ).fetchall()[0]
    return Members(*counts)


def _indicators(connection: duckdb.DuckDBPyConnection) -> Iterator[Indicator]:
    counted: dict[tuple[str, str], Counter[str]] = {}
    for kpi_id, cohort, cause, number in connection.execute(
        "select kpi_id, cohort, cause, count(*) from differing inner join explained using (no) "
        "group by all"
    ).fetchall():
        counted.setdefault((kpi_id, cohort), Counter())[cause] = number
    rows = connection.execute(_read("indicators")).fetchall()
    for kpi_id, name, cohort, unit, own, other, has_subjects, other_answer in rows:
        members = _members(connection, kpi_id, cohort) if has_subjects else None
        found = dict(counted.get((kpi_id, cohort), {}))
        yield Indicator(kpi_id, name, cohort, unit, own, other, members, other_answer, causes=found)


_NOT_SENT = "the extracts have no rows for it: an optional table was not sent"
_NOT_HELD = "a return has no column for it"


def _not_compared(
    connection: duckdb.DuckDBPyConnection, reasons: Mapping[tuple[str, str], str]
) -> Iterator[NotCompared]:
    """The indicators that have no source in one of the two; published statistics are left out."""
    rows = connection.execute(_read("not_compared")).fetchall()
    for kpi_id, name, cohort, not_in_extract, not_in_return in rows:
        if not_in_return:
            reason = reasons.get((kpi_id, cohort), _NOT_HELD)
            without = "extracts and the return" if not_in_extract else "return"
        else:
            reason, without = _NOT_SENT, "extracts"
        yield NotCompared(kpi_id, name, cohort, without, reason)


def _causes(connection: duckdb.DuckDBPyConnection) -> Iterator[Cause]:
    rows = connection.execute(
        "select * from (select cause, table_name, column_name, rule_id, count(*) as number, "
        "count(distinct person_id) from explained inner join differing using (no) group by all) "
        "order by list_position(?, cause), number desc, table_name, column_name, rule_id",
        [list(causes.CAUSES)],
    ).fetchall()
    return (Cause(*row) for row in rows)


def _differences(connection: duckdb.DuckDBPyConnection) -> Iterator[Difference]:
    rows = connection.execute(
        "select kpi_id, cohort, subject_type, person_id, in_source, extract_answer, "
        "ssda903_answer, cause, rule_id, table_name, column_name, extract_value, ssda903_value, "
        "further from differing inner join explained using (no) order by no"
    ).fetchall()
    return (Difference(*row) for row in rows)
