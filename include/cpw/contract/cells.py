"""Read a cell as it was meant: SQL that takes away what spreadsheets and exports add to text.

Extracts and returns, CSV, workbooks and XML are all read by these functions, so that one cell means
the same everywhere. The text files keep the cells as they came, for the quarantine.

A cell that cannot be read becomes null, and a second column, ``<column>__unreadable``, has the
reason: one of ``REASONS``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from cpw.contract.tables import Column

UNREADABLE = "__unreadable"

Reason = Literal["error_value", "type", "code", "range", "placeholder"]
REASONS: dict[Reason, str] = {
    "error_value": "a spreadsheet's error value, such as #N/A",
    "type": "not of the column's type",
    "code": "outside the code set of a column that may be empty",
    "range": "below the least or above the greatest value of the column",
    "placeholder": "a date that stands for none, in a column that may be empty",
}

ERROR_VALUES = (
    *("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"),
    *("#SPILL!", "#CALC!", "#GETTING_DATA"),
)

_SPACES = r"\s\x{00A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}"
_INVISIBLE = r"[\x{00AD}\x{200B}-\x{200F}\x{2060}\x{FEFF}]"
_MIDNIGHT = r"([ T]00:00(:00(\.0+)?)?)?"


def plain_sql(name: str) -> str:
    """A cell without what is around its content; null if nothing is left.

    White space at the ends goes, white space inside becomes one plain space, invisible characters
    go, and so does the form that keeps a spreadsheet from reading an id as a number (``="12"``).
    """
    visible = f"regexp_replace(\"{name}\", '{_INVISIBLE}', '', 'g')"
    spaced = f"trim(regexp_replace({visible}, '[{_SPACES}]+', ' ', 'g'))"
    return f"nullif(trim(regexp_replace({spaced}, '^=\"(.*)\"$', '\\1')), '')"


def is_error_sql(cell: str) -> str:
    """Whether a plain cell is a spreadsheet's error value."""
    return f"upper({cell}) in ({listed_sql(ERROR_VALUES)})"


def listed_sql(texts: Iterable[str]) -> str:
    """Texts as a list in SQL."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


def text_sql(column: Column, cell: str) -> str:
    """A plain cell of a text column, in the form that its column has.

    A whole number that a spreadsheet wrote with decimals (``12.0``) loses them.
    """
    whole = f"regexp_replace({cell}, '^(\\d+)\\.0+$', '\\1')"
    if column.form == "id":
        return f"replace({whole}, ' ', '')"
    if column.form == "postcode":
        return _postcode(cell)
    if column.form == "sex":
        return f"case {whole} when '1' then 'M' when '2' then 'F' else upper({cell}) end"
    if column.form == "flag":
        return f"case upper({cell}) when 'TRUE' then '1' when 'FALSE' then '0' else {whole} end"
    if column.form == "code":
        return f"upper({whole})"
    if column.code_set == "yes_no":
        return f"case upper({cell}) when 'TRUE' then 'Y' when 'FALSE' then 'N' else {cell} end"
    return whole


def _postcode(cell: str) -> str:
    """Capitals, with one space before the last three characters if the postcode is whole."""
    solid = f"replace(upper({cell}), ' ', '')"
    return f"regexp_replace({solid}, '^([A-Z]{{1,2}}\\d[A-Z\\d]?)(\\d[A-Z]{{2}})$', '\\1 \\2')"


def date_sql(cell: str, *, day_first: bool) -> str:
    """A plain cell as a date, null if it is none; midnight after it is left out."""
    if day_first:
        form, parsed = r"\d{1,2}/\d{1,2}/\d{4}", "try_strptime({0}, '%d/%m/%Y')"
    else:
        form, parsed = r"\d{4}-\d{2}-\d{2}", "try_strptime({0}, '%Y-%m-%d')"
    day = f"regexp_replace({cell}, '[ T].*$', '')"
    return (
        f"case when regexp_full_match({cell}, '{form}{_MIDNIGHT}') "
        f"then cast({parsed.format(day)} as date) end"
    )


def timestamp_sql(cell: str) -> str:
    """A plain cell as a timestamp, null if it is none; 24:00 is the last second of its day."""
    form = r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
    end_of_day = f"regexp_matches({cell}, '[ T]24:00(:00(\\.0+)?)?$')"
    return (
        f"case when not regexp_full_match({cell}, '{form}') then null "
        f"when {end_of_day} then try_cast(left({cell}, 10) || ' 23:59:59' as timestamp) "
        f"else date_trunc('second', try_cast({cell} as timestamp)) end"
    )


def integer_sql(cell: str) -> str:
    """A plain cell as a whole number, null if it is none; decimals of 0 are left out."""
    return (
        f"case when regexp_full_match({cell}, '-?\\d{{1,9}}(\\.0*)?') "
        f"then try_cast(regexp_replace({cell}, '\\..*', '') as integer) end"
    )


def number_sql(cell: str, sql_type: str) -> str:
    """A plain cell as a decimal number, rounded to the column's decimals; null if it is none."""
    return (
        f"case when regexp_full_match({cell}, '-?\\d{{1,14}}(\\.\\d*)?') "
        f"then try_cast({cell} as {sql_type}) "
        f"when regexp_full_match({cell}, '-?\\d(\\.\\d+)?[eE][-+]?\\d{{1,2}}') "
        f"then try_cast(try_cast({cell} as double) as {sql_type}) end"
    )
