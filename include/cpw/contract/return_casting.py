"""Cast the text cells of a return's module by its contract, all rows at once, in DuckDB.

Dates must be day first, DD/MM/YYYY: if a file has several forms, a spreadsheet has probably saved
it and may have swapped day and month. Codes are put into capitals, ids lose their spaces, sex
becomes M or F, flags become 0 or 1. A cell that cannot be read becomes null, and its
``<column>__unreadable`` flag true.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from cpw.contract.casting import EXPECTED, UNREADABLE
from cpw.contract.return_modules import Module, ModuleColumn
from cpw.contract.tables import Column

DAY_FIRST = EXPECTED | {"date": "a date as DD/MM/YYYY, day first, that exists in the calendar"}
WRITE_DAY_FIRST = (
    "Write it as DD/MM/YYYY. Check the file's other dates too: if forms are mixed, "
    "a spreadsheet may have swapped day and month"
)
_EDGES = r"^[\s\x{00A0}]+|[\s\x{00A0}]+$"
_SPACES = r"[\s\x{00A0}]+"


def cast_module(
    connection: duckdb.DuckDBPyConnection, module: Module, text: Path, target: Path
) -> None:
    """Cast one module from its text Parquet to a typed one, in any database.

    The typed file has ``source_row``, ``_ragged``, the module's columns with its types and, for
    each column that is not text, ``<column>__unreadable``.
    """
    selected = ["source_row", "_ragged"]
    for column in module.columns:
        cast = _cast(column)
        selected.append(f'{cast} as "{column.name}"')
        if column.type != "string":
            selected.append(
                f'{_trimmed(column)} is not null and {cast} is null as "{column.name}{UNREADABLE}"'
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy (select {', '.join(selected)} from read_parquet('{text}') order by source_row) "
        f"to '{target}' (format parquet, compression zstd)"
    )


def _trimmed(column: Column) -> str:
    """The SQL of a cell without the spaces around it; null if nothing is left."""
    return f"nullif(regexp_replace(\"{column.name}\", '{_EDGES}', '', 'g'), '')"


def _cast(column: Column) -> str:
    cell = _trimmed(column)
    if column.type == "date":
        form = r"\d{1,2}/\d{1,2}/\d{4}"
        return (
            f"case when regexp_full_match({cell}, '{form}') "
            f"then cast(try_strptime({cell}, '%d/%m/%Y') as date) end"
        )
    if column.type == "integer":  # some programs export a column with gaps as 25.0
        return (
            f"case when regexp_full_match({cell}, '\\d{{1,9}}(\\.0+)?') "
            f"then try_cast(regexp_replace({cell}, '\\..*', '') as integer) end"
        )
    return _read_text(cell, column.form if isinstance(column, ModuleColumn) else "")


def _read_text(cell: str, form: str) -> str:
    if form == "id":
        return f"regexp_replace({cell}, '{_SPACES}', '', 'g')"
    if form == "flag":
        return f"regexp_replace({cell}, '\\.0+$', '')"
    if form == "sex":
        return f"case {cell} when '1' then 'M' when '2' then 'F' else upper({cell}) end"
    if form == "code":
        return f"upper({cell})"
    return cell
