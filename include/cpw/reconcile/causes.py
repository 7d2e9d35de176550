"""Why a child counts by one source and not by the other: one cause for each difference.

Causes are looked for in a fixed order, and the first that is found is the one given:

1. the child is not in one of the sources at all (or only before the returns begin: ``history``);
2. a row of the child is in quarantine in one source and not in the other;
3. of the rows that both should hold of the child: one source lacks a row, dates differ, codes
   differ, other values differ. What the fewest indicators read comes first, as it tells most about
   this one; then the newest row;
4. the return does not reach back to rows that the extracts have, or to the day one began;
5. the return's figure follows the national definition;
6. none of these: not explained.

Only tables and columns that the indicator reads are looked at. Where a child is in care by one
source alone, and so asked about by it alone, the cause is the one of being in care.
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
    "missing_in_extract": "the extracts do not have the child",
    "missing_in_return": "the return does not have the child",
    "refused_in_extract": "a row of the child is in quarantine, of the extracts",
    "refused_in_return": "a row of the child is in quarantine, of the return",
    "row_missing_in_extract": "the extracts lack a row that the return has",
    "row_missing_in_return": "the return lacks a row that the extracts have",
    "dates_differ": "dates differ",
    "codes_differ": "codes differ",
    "values_differ": "other values differ",
    "history": "the return does not reach back so far",
    "definition": "the return's figure follows the national definition",
    NOT_EXPLAINED: "not explained: the child's rows that both can hold agree",
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
    """Write ``explained``: whom a source has not in care, its indicators do not ask about."""
    connection.execute(f"create table explained as {_read('explained')}", {"in_care": IN_CARE})


def _read(name: str, **parts: str) -> str:
    return read_sql(_SQL / f"{name}.sql", **parts)


def _named(side: str) -> str:
    return "return" if side == "ssda903" else side


def _note_reads(connection: duckdb.DuckDBPyConnection) -> None:
    """Write what each indicator and cohort reads: ``reads``, a line a table has no column."""
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

    Who is an unaccompanied child decides over a cohort, not over an indicator that is published
    with them and without.
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
    """Write ``refusal``: whose rows are in quarantine, by the table of the contract they become."""
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
    """Children whom only the other source has; quarantine and history say why, where they can."""
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
