"""The rows that break rules: the basis of the correction lists and of the figures' ranges.

Restricted. Each run of a gate writes a file, ``failures/authority=/month=/<run>-<gate>.parquet``,
with one line for each row and each rule that it breaks, refused or not. A run without failures
writes a file too: it shows that earlier failures were corrected. Rules on anything other than the
rows of an extract (a child of the month before, say) have no file and row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from cpw.contract.return_modules import Module, known_table
from cpw.contract.tables import Column, Table, contract
from cpw.core.files import make_private, written_whole
from cpw.core.home import Home
from cpw.core.sql import read_sql
from cpw.quality.evaluation import Evaluation

_FAILING_ROWS = Path(__file__).with_name("sql") / "failing_rows.sql"
COLUMNS = (
    "authority, month, gate, feed, load_version, table_name, file, source_row, row_key, person_id, "
    "parent_key, group_key, column_name, value, rule_id, reason, remedy, owner, dimension, "
    "severity, is_refused, releasable, fingerprint, row_content"
)


@dataclass(frozen=True)
class Source:
    """The origin of a gate's rows: load versions by feed, and each table's label and cells.

    ``feed`` is set if the rows do not belong to the feed that the contract has for their table.
    """

    gate: str
    load_versions: Mapping[str, int]
    files: Mapping[str, str]
    cells: Mapping[str, Path]
    feed: str | None = None


def fingerprint_sql(table: str, alias: str) -> str:
    """The SQL of a hash of a row's cells, independent of its row number in the file."""
    cells = ", ".join(
        f'coalesce(cast({alias}."{column}" as varchar), chr(0))'
        for column in known_table(table).column_names
    )
    return f"md5(concat_ws(chr(31), {cells}))"


def note(evaluation: Evaluation, source: Source) -> None:
    """Create the evaluation's table ``failure``: every failing row with all that a lead needs."""
    connection = evaluation.connection
    connection.register("rule", _rules(evaluation))
    connection.execute(
        "create table failure as select f.rule_id, f.table_name, f.source_row, f.row_key, "
        "f.person_id, null::varchar as parent_key, null::varchar as group_key, "
        "null::varchar as value, null::varchar as fingerprint, null::varchar as row_content, "
        "false as is_refused "
        "from failed as f limit 0"
    )
    found = connection.execute(
        "select table_name, list(distinct rule_id) from failed group by 1"
    ).fetchall()
    for table, rules in found:
        if table in source.cells:
            query = read_sql(_FAILING_ROWS, columns=_columns(evaluation, table, rules))
            connection.execute(
                f"insert into failure by name {query}",
                {"table": table, "file": str(source.cells[table])},
            )
    connection.execute(
        "insert into failure select f.rule_id, f.table_name, null, f.row_key, f.person_id, "
        "null, null, null, md5(f.rule_id || coalesce(f.row_key, '') || coalesce(f.person_id, '')), "
        "null, false "
        "from failed as f where f.source_row is null and coalesce(f.row_key, f.person_id) <> ''"
    )
    _describe(evaluation, source)


def _rules(evaluation: Evaluation) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "rule_id": rule.id,
                "column_name": rule.column,
                "reason": rule.description,
                "remedy": rule.remedy,
                "owner": rule.owner,
                "dimension": rule.dimension,
                "severity": rule.severity,
                "releasable": rule.releasable,
            }
            for rule in evaluation.rules
        ]
    ).astype({"column_name": "str"})


def _columns(evaluation: Evaluation, table: str, rules: list[str]) -> str:
    """The SQL of a failing row's ids, the cell that each rule is about, and its fingerprint."""
    columns = {rule.id: rule.column for rule in evaluation.rules if rule.id in rules}
    shown = " ".join(
        f"when '{rule}' then cast(t.\"{column}\" as varchar)"
        for rule, column in columns.items()
        if column
    )
    value = f"case f.rule_id {shown} end" if shown else "null"
    row_key, person_id, parent_key, group_key = _ids(table)
    return (
        f"{row_key} as row_key, {person_id} as person_id, {parent_key} as parent_key, "
        f"{group_key} as group_key, "
        f"{value} as value, {fingerprint_sql(table, 't')} as fingerprint"
    )


def _ids(table: str) -> tuple[str, str, str, str]:
    """The SQL of four ids: the row's own, its child's, its parent row's, and that of its group."""
    known = known_table(table)
    if isinstance(known, Module):
        return _row_key(known), _plain_id(known.person), "null", "null"
    return _cell(known.key), _cell(known.person), _cell(known.parent), _cell(_group(known))


def _group(table: Table) -> Column | None:
    """The column by which other rows refer to several rows at once: an episode's period of care."""
    named = {column.references for known in contract().tables for column in known.columns}
    own = (c for c in table.columns if not c.is_key and (table.name, c.name) in named)
    return next(own, None)


def _cell(column: Column | None) -> str:
    return f't."{column.name}"' if column else "null"


def _row_key(module: Module) -> str:
    """The SQL of a module row's key in one cell: the child, and usually a day."""
    days = [f't."{column.name}"' for column in module.identity if column != module.person]
    return f"nullif(concat_ws(' ', {', '.join([_plain_id(module.person), *days])}), '')"


def _plain_id(column: Column) -> str:
    """A child's id as it is loaded, without the spaces that a return may have in it."""
    return f"regexp_replace(t.\"{column.name}\", '[\\s\\x{{00A0}}]', '', 'g')"


def _describe(evaluation: Evaluation, source: Source) -> None:
    """Add file, rule and load version to the lines of ``failure``, and sort them."""
    partition = evaluation.batch.partition
    places = pd.DataFrame(
        [
            {
                "table_name": table,
                "file": label,
                "feed": source.feed or partition.feed_label(known_table(table).feed),
                "load_version": source.load_versions.get(source.feed or known_table(table).feed),
            }
            for table, label in source.files.items()
        ]
        or [{"table_name": None, "file": None, "feed": None, "load_version": None}]
    )
    connection = evaluation.connection
    connection.register("place", places)
    connection.execute(
        f"create or replace table failure as select {COLUMNS} from ("
        f"select '{partition.authority}' as authority, '{partition.month}' as month, "
        f"'{source.gate}' as gate, * from failure join rule using (rule_id) "
        "left join place using (table_name)) order by table_name, source_row, rule_id, row_key"
    )


def refused(evaluation: Evaluation) -> pd.DataFrame:
    """The refused rows, one line per row and rule."""
    return _lines(evaluation, "is_refused")


def rows_of(evaluation: Evaluation, rule_id: str) -> pd.DataFrame:
    """The rows of the extract that break a rule, refused or not."""
    return _lines(evaluation, f"rule_id = '{rule_id}' and source_row is not null")


def _lines(evaluation: Evaluation, condition: str) -> pd.DataFrame:
    frame: pd.DataFrame = evaluation.connection.execute(
        f"select {COLUMNS} from failure where {condition} order by table_name, source_row, rule_id"
    ).df()
    return frame


def store(home: Home, evaluation: Evaluation, run: str, run_at: datetime) -> Path:
    """Write all failing rows of a gate's run."""
    make_private(home.failures)
    target = home.month(evaluation.batch.partition).failures / f"{run}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as made:
        evaluation.connection.execute(
            f"copy (select *, cast('{run_at.isoformat()}' as timestamptz) as found_at from failure)"
            f" to '{made}' (format parquet, compression zstd)"
        )
        made.chmod(0o600)
    return target
