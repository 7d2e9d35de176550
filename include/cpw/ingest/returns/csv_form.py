"""Read a return that is a folder of CSV files, a module a file.

Columns may stand in any order and case. Names and unique pupil numbers are left behind here: of
the numbers only whether two ids share one goes further.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cpw.contract.return_modules import (
    EPISODES,
    HEADER,
    Module,
    ModuleColumn,
    module_of_file,
    modules,
)
from cpw.core.errors import InputError
from cpw.ingest.landing import sha256_of
from cpw.ingest.reading import check_delimiter, check_repeated, csv_records
from cpw.ingest.returns.text_files import REPEATS_HEADER, ReturnFile, TextFile, Upns, note_upn

UPN = "upn"
_MUST_BE_THERE = (HEADER, EPISODES)


def find_modules(folder: Path) -> tuple[dict[str, ReturnFile], list[str]]:
    """Find the modules' files in a folder.

    Returns:
        The files by module, and a note on each file that holds none.

    Raises:
        InputError: header or episodes are missing, or a module is there twice.
    """
    found: dict[str, ReturnFile] = {}
    notes = []
    folder = folder.resolve()
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~")):
            continue
        label = f"{folder.name}/{path.name}"
        module = module_of_file(path.stem)
        if path.suffix.lower() != ".csv":
            if module is not None:
                notes.append(f"{label} is no CSV file: it was left aside, save it as CSV")
            continue
        if module is None:
            notes.append(f"{label} is no module of the return: it was left aside")
            continue
        if module.name in found:
            raise InputError(
                f"the module {module.short_name} is there twice, as "
                f"{found[module.name].path.name} and {path.name}",
                file=label,
                remedy="Leave one of them",
            )
        found[module.name] = _return_file(module, path, label)
    _check_none_missing(found, folder)
    return {name: found[name] for name in modules() if name in found}, notes


def _return_file(module: Module, path: Path, label: str) -> ReturnFile:
    check_readable(path, label)
    return ReturnFile(module, path, sha256_of(path), path.stat().st_size, None, given_as=label)


def check_readable(path: Path, label: str) -> None:
    """Raise an InputError where a path is no file that can be read."""
    if not path.is_file() or not os.access(path, os.R_OK):
        raise InputError(
            "this is no file that can be read",
            file=label,
            remedy="Deliver the file itself, readable by whoever runs this",
        )


def _check_none_missing(found: dict[str, ReturnFile], folder: Path) -> None:
    missing = [modules()[name].short_name for name in _MUST_BE_THERE if name not in found]
    if missing:
        raise InputError(
            " and ".join(f"{name}.csv" for name in missing) + " missing from the return",
            file=f"{folder.name}/",
            remedy="Put header.csv and episodes.csv there, named so: a return needs both. "
            "Without another module its KPIs have no source",
        )


def read_module(file: ReturnFile, target: TextFile, upns: Upns) -> list[str]:
    """Read one module's file.

    Returns:
        Notes: columns that were read as empty, and columns that were left aside.

    Raises:
        InputError: the file cannot be read; names file, row and remedy.
    """
    records = csv_records(file)
    header = next(records, None)
    if header is None:
        raise InputError(
            "the file is empty",
            file=file.label,
            remedy="Export it again; a module without rows still has its header",
        )
    names = [cell.strip().lower() for cell in header[1]]
    notes = _check_header(file, header[1], names)
    for row, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if [cell.strip().lower() for cell in cells] == names:
            target.add(row, {}, ragged=REPEATS_HEADER)
        elif len(cells) != len(names):
            target.add(row, {}, ragged=len(cells))
        else:
            values = dict(zip(names, cells, strict=True))
            if target.module.name == HEADER:
                note_upn(upns, values.get("child"), values.pop(UPN, None))
            target.add(row, values)
    return notes


def note_upns(file: ReturnFile, upns: Upns) -> None:
    """Note the pupil numbers of a header's file, and read no more of it."""
    records = csv_records(file)
    _, header = next(records, (1, []))
    names = [cell.strip().lower() for cell in header]
    for _, cells in records:
        values = dict(zip(names, cells, strict=False))
        note_upn(upns, values.get("child"), values.get(UPN))


def _check_header(file: ReturnFile, header: list[str], names: list[str]) -> list[str]:
    check_delimiter(file, header, names)
    known = [column for column in file.table.columns if isinstance(column, ModuleColumn)]
    known = [column for column in known if column.form != "made"]
    check_repeated(file, [name for name in names if name in {c.name for c in known} | {UPN}])
    absent = [column for column in known if column.name not in names]
    missing = [column.name.upper() for column in absent if column.in_header]
    if missing:
        raise InputError(
            f"required column(s) missing from the header: {', '.join(missing)}",
            file=file.label,
            row=1,
            column=missing[0],
            remedy="Export the module with the column names of the national return",
        )
    taken = {column.name for column in known} | {UPN}
    ignored = [name.upper() or "(without a name)" for name in names if name not in taken]
    return list(_notes(file.label, [column.name.upper() for column in absent], ignored))


def _notes(label: str, absent: list[str], ignored: list[str]) -> Iterator[str]:
    if absent:
        yield f"{label} has no column {', '.join(absent)}: read as empty"
    if ignored:
        yield f"{label} has columns that no module has, left aside: {', '.join(ignored)}"
