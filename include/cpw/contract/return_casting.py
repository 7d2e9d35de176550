"""How the cells of a return are read, where it differs from an extract: dates are day first."""

from __future__ import annotations

from cpw.contract.casting import EXPECTED, Casting
from cpw.contract.collection_year import last_day
from cpw.contract.return_modules import return_contract

DAY_FIRST = EXPECTED | {"date": "a date as DD/MM/YYYY, day first, that exists in the calendar"}
WRITE_DAY_FIRST = (
    "Write it as DD/MM/YYYY. Check the file's other dates too: if forms are mixed, "
    "a spreadsheet may have swapped day and month"
)


def casting_of(year: int) -> Casting:
    """How the cells of a collection year's return are read."""
    return Casting(return_contract(), last_day(year), day_first=True)
