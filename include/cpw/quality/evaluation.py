"""Run the rules on all rows of an extract at once, in DuckDB.

The result is a tally for each rule (the number of rows checked and the number that fail) and, in
the evaluation's database, a line in ``failed`` for each row that breaks a rule. Rows that are not
valid are refused; then every row whose reference no longer resolves, repeatedly, until no further
row is refused. A rule does not refuse a row that somebody released from it.

Rules can read the tables in three schemas: ``arrived`` (every row of this gate's tables), ``valid``
(the rows that are not refused) and ``previous`` (the valid rows of the month before).
``facts.rows`` has the rows read, loaded and refused, ``facts.dates`` the days in the extract, and
``facts.files`` whether each file equals that of the month before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from cpw.contract.return_modules import known_table
from cpw.core.database import connect_bounded
from cpw.core.partition import Partition
from cpw.core.sql import read_sql
from cpw.quality.rule import Rule

NO_MONTH_BEFORE = "no month of the three before is in the lake"
NOTHING_TO_ASK = "there was no row that it applies to"
_SAID = 5
_SQL = Path(__file__).with_name("sql")


@dataclass(frozen=True)
class Tally:
    """How many rows or units a rule checked, and how many of them break it."""

    checked: int
    failed: int


@dataclass(frozen=True)
class Batch:
    """The input of a gate: the partition, and a Parquet file per table.

    ``typed`` is true if the files come from the reader, with flags for cells that could not be
    read; the lake's files have no flags. ``released`` has the row numbers that are released from
    each rule. ``days`` has further days that rules read by name, with ``getvariable``.
    ``no_previous`` is the reason to report if there is no earlier month to compare with.
    """

    partition: Partition
    tables: Mapping[str, Path]
    previous: Mapping[str, Path] = field(default_factory=dict)
    typed: bool = True
    released: Mapping[str, Iterable[int]] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)
    no_previous: str = NO_MONTH_BEFORE


@dataclass
class Outcomes:
    """The outcome of each rule: its tally, its error, or the reason why it did not run.

    ``said`` has the findings of rules on whole tables: codes, columns and shares, no child's value.
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def conclude(self, rule: Rule, checked: int, failed: int) -> None:
        """Record a rule's tally; a rule that had nothing to check counts as not run."""
        self.tallies[rule.id] = Tally(checked, failed)
        if checked == 0 and failed == 0:
            self.not_run[rule.id] = NOTHING_TO_ASK


@dataclass(kw_only=True)
class Evaluation(Outcomes):
    """An open evaluation; the connection holds the tables."""

    connection: duckdb.DuckDBPyConnection
    batch: Batch
    rules: tuple[Rule, ...]
    _counts: dict[str, int] = field(default_factory=dict)

    def row_count(self, table: str) -> int:
        """How many rows of a table there are, such as ``valid.ssd_person``."""
        if table not in self._counts:
            self._counts[table] = self._number(f"select count(*) from {table}")
        return self._counts[table]

    def rows_by_rule(self, table: str) -> dict[str, int]:
        """The number of rows for each rule in the table ``failed`` or ``refused``."""
        return dict(
            self.connection.execute(f"select rule_id, count(*) from {table} group by 1").fetchall()
        )

    def rows_refused(self, table: str) -> int:
        """The number of a table's rows that any rule refuses."""
        return self._number(
            f"select count(distinct source_row) from refused where table_name = '{table}'"
        )

    def blanked_columns(self, table: str) -> list[str]:
        """The columns of a table in which a rule has emptied cells."""
        found = self.connection.execute(
            "select distinct column_name from blanked where table_name = ? order by 1", [table]
        ).fetchall()
        return [str(column) for (column,) in found]

    def _number(self, query: str) -> int:
        found = self.connection.execute(query).fetchone()
        return int(found[0]) if found else 0


def open_evaluation(batch: Batch, rules: Iterable[Rule]) -> Evaluation:
    """Create the views that the rules read; the caller closes the evaluation's connection."""
    connection = connect_bounded()
    evaluation = Evaluation(connection=connection, batch=batch, rules=tuple(rules))
    connection.execute("set variable as_at = cast(? as date)", [batch.partition.month.as_at])
    connection.execute(
        "set variable month_start = cast(? as date)", [batch.partition.month.first_day]
    )
    for name, day in batch.days.items():
        connection.execute(f"set variable {name} = cast(? as date)", [day])
    connection.execute(f"set variable authority = '{batch.partition.authority}'")
    connection.execute(read_sql(_SQL / "evaluation_tables.sql"))
    views = [_view("arrived", name, path) for name, path in batch.tables.items()]
    views += [_view("previous", name, path) for name, path in batch.previous.items()]
    views += [f"create view valid.{name} as from arrived.{name}" for name in batch.tables]
    connection.execute("; ".join(views))
    for rule_id, rows in batch.released.items():
        connection.execute("insert into released select ?, unnest(?)", [rule_id, list(rows)])
    return evaluation


def _view(schema: str, name: str, path: Path) -> str:
    return f"create view {schema}.{name} as from read_parquet('{path}')"


def refuse(evaluation: Evaluation) -> None:
    """Run the rules that refuse rows, until no further row is refused.

    Conditions, keys and repeated rows come first; then references and queries, repeatedly. A query
    on the valid rows runs only after every reference resolves: a row that is refused for another
    reason must not cause a further refusal.
    """
    for table in evaluation.batch.tables:
        _ask_conditions(evaluation, table, refusing=True)
    rules = [rule for rule in evaluation.rules if rule.refuses and rule.fails_when is None]
    queries = [rule for rule in rules if rule.reference is None]
    of_valid = [rule for rule in queries if "valid." in rule.sql]
    for rule in queries:
        if rule not in of_valid:
            _refuse(evaluation, rule, str(rule.failing_rows))
    _refresh(evaluation, evaluation.batch.tables)
    references = [rule for rule in rules if rule.reference is not None]
    _resolve(evaluation, references, set(evaluation.batch.tables))
    while found := {rule.table for rule in of_valid if _refuse(evaluation, rule, rule.sql)}:
        _refresh(evaluation, found)
        _resolve(evaluation, references, found)
    _conclude_refusing(evaluation, rules)
    _blank(evaluation)


def _blank(evaluation: Evaluation) -> None:
    """Run the rules that empty a cell of the rows that break them."""
    for rule in evaluation.rules:
        if not rule.blanks:
            continue
        failed = _note(evaluation, rule, str(rule.failing_rows))
        if failed:
            evaluation.connection.execute(
                "insert into blanked select table_name, source_row, ? from failed "
                "where rule_id = ?",
                [rule.column, rule.id],
            )
            _refresh(evaluation, [rule.table])
        if rule.id not in evaluation.errors:
            _conclude_query(evaluation, rule, failed)


def ask(evaluation: Evaluation) -> None:
    """Run the other rules, on the rows that are not refused."""
    for table in evaluation.batch.tables:
        _ask_conditions(evaluation, table, refusing=False)
    for rule in evaluation.rules:
        if rule.refuses or rule.blanks or (rule.rows is None and rule.failing_rows is None):
            continue
        if rule.reads_previous and not evaluation.batch.previous:
            evaluation.not_run[rule.id] = evaluation.batch.no_previous
        elif rule.rows is not None:
            _ask_units(evaluation, rule)
        else:
            failed = _note(evaluation, rule, str(rule.failing_rows))
            if rule.id not in evaluation.errors:
                _conclude_query(evaluation, rule, failed)


def _conclude_query(evaluation: Evaluation, rule: Rule, failed: int) -> None:
    """Record a query rule's tally; it checks all rows, or those that ``asked_of`` selects."""
    asked = rule.asked_of or "true"
    if not asked.lower().startswith("select"):
        asked = f"from valid.{rule.table} where {asked}"
    try:
        checked = evaluation.row_count(f"({asked})")
    except duckdb.Error as error:
        evaluation.errors[rule.id] = without_values(error)
        return
    evaluation.conclude(rule, max(checked, failed), failed)


def _ask_conditions(evaluation: Evaluation, table: str, *, refusing: bool) -> None:
    """Run the conditions on one table's rows, all in one query unless one of them raises."""
    own = [
        rule
        for rule in evaluation.rules
        if rule.table == table
        and rule.rows is None
        and rule.fails_when is not None
        and rule.refuses == refusing
    ]
    schema = "arrived" if refusing else "valid"
    try:
        tallies = _count_conditions(evaluation, schema, table, own)
    except duckdb.Error:
        tallies = {}
        for rule in own:
            try:
                tallies |= _count_conditions(evaluation, schema, table, [rule])
            except duckdb.Error as error:
                evaluation.errors[rule.id] = without_values(error)
    for rule in own:
        if rule.id in tallies:
            evaluation.conclude(rule, *tallies[rule.id])
            if evaluation.tallies[rule.id].failed:
                condition = _condition(evaluation, rule)
                query = f"select source_row from {schema}.{table} where {condition}"
                _refuse(evaluation, rule, query) if refusing else _note(evaluation, rule, query)


def _count_conditions(
    evaluation: Evaluation, schema: str, table: str, rules: list[Rule]
) -> dict[str, tuple[int, int]]:
    if not rules:
        return {}
    asked = ", ".join(f"{_condition(evaluation, r)} as r{n}" for n, r in enumerate(rules))
    counts = ", ".join(f"count(r{n}), count(*) filter (where r{n})" for n in range(len(rules)))
    found = evaluation.connection.execute(
        f"select {counts} from (select {asked} from {schema}.{table})"
    ).fetchone()
    numbers = [int(number) for number in found or ()]
    return {rule.id: (numbers[2 * n], numbers[2 * n + 1]) for n, rule in enumerate(rules)}


def _condition(evaluation: Evaluation, rule: Rule) -> str:
    """The SQL that is true for a row that breaks the rule; a ragged row has no cells to check."""
    if rule.id.endswith((".row_shape", ".second_header")) or not evaluation.batch.typed:
        return f"({rule.fails_when})"
    return f"case when _ragged is null then ({rule.fails_when}) end"


def _ask_units(evaluation: Evaluation, rule: Rule) -> None:
    """Run a rule on the rows of its own query, in place of the rows of its table."""
    connection = evaluation.connection
    try:
        connection.execute(
            f"create or replace temp table unit as select unit.*, ({rule.fails_when}) as _fails "
            f"from ({rule.rows}) as unit"
        )
    except duckdb.Error as error:
        evaluation.errors[rule.id] = without_values(error)
        return
    checked, failed = connection.execute(
        "select count(_fails), count(*) filter (where _fails) from unit"
    ).fetchall()[0]
    evaluation.conclude(rule, checked, failed)
    if failed:
        _say_what(evaluation, rule)
        columns = {name for name, *_ in connection.execute("describe unit").fetchall()}
        ids = [
            f"cast({name} as {kind})" if name in columns else "null"
            for name, kind in (
                ("source_row", "integer"),
                ("row_key", "varchar"),
                ("person_id", "varchar"),
            )
        ]
        connection.execute(
            f"insert into failed select '{rule.id}', '{rule.table}', {', '.join(ids)} "
            "from unit where _fails"
        )


def _say_what(evaluation: Evaluation, rule: Rule) -> None:
    """Record what a rule on whole tables found, if its query has a column ``what``."""
    with suppress(duckdb.BinderException):
        found = evaluation.connection.execute(
            f"select what from unit where _fails order by what limit {_SAID + 1}"
        ).fetchall()
        shown = [str(what) for (what,) in found[:_SAID]] + ["…"] * (len(found) > _SAID)
        evaluation.said[rule.id] = "; ".join(shown)


def _resolve(evaluation: Evaluation, references: list[Rule], changed: set[str]) -> None:
    """Refuse rows that refer to a row that is not valid, until every reference resolves.

    After each pass only the references to tables with new refusals are checked again.
    """
    while changed:
        found = set()
        for rule in references:
            asked = rule.reference is not None and rule.reference[0] in changed
            if asked and _refuse(evaluation, rule, _unresolved(rule)):
                found.add(rule.table)
        _refresh(evaluation, found)
        changed = found


def _unresolved(rule: Rule) -> str:
    assert rule.reference is not None
    parent, column = rule.reference
    return (
        f'select source_row from arrived.{rule.table} as child where "{rule.column}" is not null '
        f'and not exists (select 1 from valid.{parent} as parent where parent."{column}" = '
        f'child."{rule.column}")'
    )


def _note(evaluation: Evaluation, rule: Rule, query: str) -> int:
    """Record further rows that break a rule; returns how many were added."""
    if rule.id in evaluation.errors:
        return 0
    try:
        found = evaluation.connection.execute(
            f"insert into failed select distinct '{rule.id}', '{rule.table}', source_row, null, "
            f"null from ({query}) where source_row not in "
            f"(select source_row from failed where rule_id = '{rule.id}')"
        ).fetchone()
    except duckdb.Error as error:
        evaluation.errors[rule.id] = without_values(error)
        return 0
    return int(found[0]) if found else 0


def _refuse(evaluation: Evaluation, rule: Rule, query: str) -> int:
    """Record the rows that break a rule, and refuse them; returns how many more are refused."""
    if not _note(evaluation, rule, query):
        return 0
    refused = evaluation.connection.execute(
        f"insert into refused {read_sql(_SQL / 'newly_refused.sql')}", {"rule_id": rule.id}
    ).fetchone()
    return int(refused[0]) if refused else 0


def _refresh(evaluation: Evaluation, tables: Iterable[str]) -> None:
    """Create the views in ``valid`` again for tables with refused rows or emptied cells."""
    for table in tables:
        blanked = evaluation.blanked_columns(table)
        if not blanked and not evaluation.rows_refused(table):
            continue
        emptied = ", ".join(
            f"case when source_row not in (select source_row from blanked where table_name = "
            f"'{table}' and column_name = '{column}') then \"{column}\" end as \"{column}\""
            for column in blanked
        )
        replaced = f"* replace ({emptied})" if blanked else "*"
        evaluation.connection.execute(
            f"create or replace view valid.{table} as select {replaced} from arrived.{table} "
            f"anti join (select source_row from refused where table_name = '{table}') as r "
            "using (source_row)"
        )
        evaluation._counts.pop(f"valid.{table}", None)


def _conclude_refusing(evaluation: Evaluation, rules: list[Rule]) -> None:
    failed = evaluation.rows_by_rule("failed")
    for table in {rule.table for rule in rules}:
        own = [r for r in rules if r.table == table and r.id not in evaluation.errors]
        counts = ", ".join(f'count("{r.column}")' if r.reference else "count(*)" for r in own)
        checked = evaluation.connection.execute(
            f"select {counts or 'count(*)'} from arrived.{table}"
        ).fetchall()[0]
        for rule, number in zip(own, checked, strict=False):
            evaluation.conclude(rule, number, failed.get(rule.id, 0))


def note_rows(evaluation: Evaluation, read: Mapping[str, int], written: Mapping[str, Path]) -> None:
    """Fill ``facts.rows``: the rows read, the rows in the files written, the rows refused."""
    for table, rows in read.items():
        loaded = evaluation.row_count(f"read_parquet('{written[table]}')")
        evaluation.connection.execute(
            "insert into facts.rows values (?, ?, ?, ?)",
            [table, rows, loaded, evaluation.rows_refused(table)],
        )


def note_files(evaluation: Evaluation, read: Mapping[str, int], repeated: Iterable[str]) -> None:
    """Fill ``facts.files``: which files equal, byte for byte, the file of the month before.

    Only tables with dates that show the month are included: any other table may be unchanged.
    """
    again = set(repeated)
    for table, rows in read.items():
        if any(column.shows_month for column in known_table(table).columns):
            evaluation.connection.execute(
                "insert into facts.files values (?, ?, ?)", [table, rows, table in again]
            )


def note_dates(evaluation: Evaluation) -> None:
    """Create ``facts.dates``: every day in the columns that show which month an extract covers."""
    days = [
        f'select cast("{column.name}" as date) as day from arrived.{table} '
        f'where "{column.name}" is not null'
        for table in evaluation.batch.tables
        for column in known_table(table).columns
        if column.shows_month
    ]
    query = " union all ".join(days) or "select null::date as day limit 0"
    evaluation.connection.execute(f"create view facts.dates as {query}")


def without_values(error: duckdb.Error) -> str:
    """The error's text without quoted values and numbers, which may be a child's data.

    Everything between the first and the last quotation mark is left out, and digits become 9.
    """
    text = str(error)
    for mark in "\"'":
        text = re.sub(f"{mark}.*{mark}", f"{mark}…{mark}", text, flags=re.DOTALL)
    line = text.splitlines()[0] if text else ""
    if line.count("'") % 2 or line.count('"') % 2:  # the quotation continues on the next line
        line = re.split("['\"]", line)[0]
    return re.sub(r"\d", "9", line)[:300]
