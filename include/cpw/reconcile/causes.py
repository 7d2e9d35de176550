"""Find one cause for each child who counts in one source and not in the other.

The search follows a fixed order and stops at the first cause:

1. one source does not have the child (``history``: the child left care before the returns begin);
2. a row about the child is in quarantine in one source and not in the other;
3. the rows about the child differ, among those that both sources should have: one source lacks a
   row, dates differ, codes differ, other values differ. The column that the fewest indicators read
   comes first, because it explains this indicator best; then the newest row;
4. the return does not reach back to a row of the extracts, or to the day on which it began;
5. the return's figure follows the national definition;
6. no cause was found: not explained.

The search reads only the tables and columns that the indicator reads. If only one source has the
child in care, the cause of that is the cause for every indicator.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd

from cpw.contract.return_modules import modules
from cpw.core.sql import read_sql
from cpw.quality.lineage import readers
from cpw.reconcile.rows import compared, tables
from cpw.warehouse.kpi_sources import kpi_sources

IN_CARE = "number_of_cic"
UASC = "ssd_immigration_status"
NOT_EXPLAINED = "not_explained"

CAUSES = {
    "missing_in_extract": "the child is not in the extracts",
    "missing_in_return": "the child is not in the return",
    "refused_in_extract": "a row about the child is in quarantine, from the extracts",
    "refused_in_return": "a row about the child is in quarantine, from the return",
    "row_missing_in_extract": "a row of the return is not in the extracts",
    "row_missing_in_return": "a row of the extracts is not in the return",
    "dates_differ": "the two sources have different dates",
    "codes_differ": "the two sources have different codes",
    "values_differ": "the two sources have other different values",
    "history": "the return does not reach back far enough",
    "definition": "the return's figure follows the national definition",
    NOT_EXPLAINED: "not explained: all rows that both sources have about the child are equal",
}
_SQL = Path(__file__).with_name("sql")


def find(connection: duckdb.DuckDBPyConnection) -> None:
    """Write a cause for each difference: the table ``explained``.

    Args:
        connection: has ``differing`` (``no, kpi_id, cohort, person_id, in_source``), the tables
            that :func:`cpw.reconcile.rows.compare_rows` writes, and in the schemas ``extract`` and
            ``ssda903`` the contract's tables and ``refused``.

    Writes:
        ``explained``: ``no, cause, rule_id, table_name, column_name, extract_value, ssda903_value,
        further``; ``further`` is how many other differences there are in the child's rows.
    """
    _note_reads(connection)
    _note_refused(connection)
    connection.execute(
        "create table candidate (no bigint, position integer, cause varchar, rule_id varchar, "
        "table_name varchar, column_name varchar, extract_value varchar, ssda903_value varchar, "
        "readers integer, day date)"
    )
    for here, there in (("extract", "ssda903"), ("ssda903", "extract")):
        _missing(connection, here, there)
        _refused(connection, here, there)
    _rows_differ(connection)
    _rest(connection)
    connection.execute(f"create table first_found as {_read('first_cause')}")
    _explain_by_being_in_care(connection)


def _explain_by_being_in_care(connection: duckdb.DuckDBPyConnection) -> None:
    """Write ``explained``; a child who is in care in one source alone has that cause everywhere."""
    connection.execute(f"create table explained as {_read('explained')}", {"in_care": IN_CARE})


def _read(name: str, **parts: str) -> str:
    return read_sql(_SQL / f"{name}.sql", **parts)


def _named(side: str) -> str:
    return "return" if side == "ssda903" else side


def _note_reads(connection: duckdb.DuckDBPyConnection) -> None:
    """Write ``reads``: what each indicator and cohort reads; one line a table has no column."""
    pairs = connection.execute("select distinct kpi_id, cohort from differing").fetchall()
    lines = [
        (kpi, cohort, table, column, len(readers()[table][column or "*"]))
        for kpi, cohort in pairs
        for table, column in _reads(kpi, cohort)
    ]
    columns = ["kpi_id", "cohort", "table_name", "column_name", "readers"]
    connection.register("reads_frame", pd.DataFrame(lines, columns=columns))
    connection.execute(
        "create table reads as select kpi_id::varchar as kpi_id, cohort::varchar as cohort, "
        "table_name::varchar as table_name, column_name::varchar as column_name, "
        "readers::integer as readers from reads_frame"
    )


def _reads(kpi: str, cohort: str) -> Iterable[tuple[str, str | None]]:
    """The tables and compared columns that decide who counts.

    The table of unaccompanied children decides who belongs to a cohort. It does not decide who
    counts in an indicator that is published with them and without them.
    """
    with_uasc = next((s.has_cohort for s in kpi_sources() if s.kpi_id == kpi), False)
    for table in tables():
        columns = readers()[table.name]
        of_cohort = table.name == UASC and cohort != "all"
        if table.name == UASC and with_uasc and not of_cohort:
            continue
        if kpi in columns["*"] or of_cohort:
            yield table.name, None
            for column in compared(table):
                if kpi in columns[column] or of_cohort:
                    yield table.name, column


def _note_refused(connection: duckdb.DuckDBPyConnection) -> None:
    """Write ``refusal``: children with rows in quarantine, by the table that the rows become."""
    becomes = [(name, table) for name, module in modules().items() for table in module.becomes]
    frame = pd.DataFrame(becomes, columns=["module", "becomes"])
    connection.register("becomes", frame)
    parts = " union ".join(
        f"select '{side}' as side, coalesce(becomes.becomes, own.table_name) as table_name, "
        f"own.rule_id, own.person_id from {side}.refused as own "
        "left join becomes on own.table_name = becomes.module where own.person_id is not null"
        for side in ("extract", "ssda903")
    )
    connection.execute(f"create table refusal as {parts}")


def _missing(connection: duckdb.DuckDBPyConnection, here: str, there: str) -> None:
    """Write the children whom only the other source has; quarantine or history may be the cause."""
    connection.execute(
        f"insert into candidate by name {_read('missing_children', here=here, there=there)}",
        {
            "side": here,
            "refused": f"refused_in_{_named(here)}",
            "missing": f"missing_in_{_named(here)}",
        },
    )


def _refused(connection: duckdb.DuckDBPyConnection, here: str, there: str) -> None:
    connection.execute(
        f"insert into candidate by name {_read('refused_rows')}",
        {"side": here, "other_side": there, "refused": f"refused_in_{_named(here)}"},
    )


def _rows_differ(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"insert into candidate by name {_read('differing_rows')}")


def _rest(connection: duckdb.DuckDBPyConnection) -> None:
    national = [source.kpi_id for source in kpi_sources() if source.is_national]
    connection.execute(
        f"insert into candidate by name {_read('further_causes')}",
        {"national": national, "not_explained": NOT_EXPLAINED},
    )
