"""Read a return that is a folder of CSV files, one for each module.

Columns may have any order and case. Names and unique pupil numbers are dropped here; only the fact
that two ids share a number is passed on.
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
from cpw.ingest.reading import check_delimiter, check_repeated, csv_records, header_name
from cpw.ingest.returns.text_files import REPEATS_HEADER, ReturnFile, TextFile, Upns, note_upn

UPN = "upn"
MUST_BE_THERE = (HEADER, EPISODES)


def find_modules(folder: Path) -> tuple[dict[str, ReturnFile], list[str]]:
    """Find the modules' files in a folder.

    Returns:
        The files by module, and a note on each file that is not a module.

    Raises:
        InputError: header or episodes are missing, or a module has two files.
    """
    found: dict[str, ReturnFile] = {}
    notes = []
    folder = folder.resolve()
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~")):
            continue
        label = f"{folder.name}/{path.name}"
        module = _module_of(path, label)
        if path.suffix.lower() != ".csv":
            if module is not None:
                notes.append(f"{label} is not a CSV file and was ignored; save it as CSV")
            continue
        if module is None:
            notes.append(f"{label} is not a module of the return and was ignored")
            continue
        if module.name in found:
            raise InputError(
                f"there are two files for the module {module.short_name}: "
                f"{found[module.name].path.name} and {path.name}",
                file=label,
                remedy="Remove one of them",
            )
        found[module.name] = _return_file(module, path, label)
    _check_none_missing(found, folder)
    return {name: found[name] for name in modules() if name in found}, notes


def _module_of(path: Path, label: str) -> Module | None:
    try:
        return module_of_file(path.stem)
    except ValueError as error:
        raise InputError(
            f"the name of the file names the modules {error}",
            file=label,
            remedy="Name it after the module that it holds",
        ) from None


def _return_file(module: Module, path: Path, label: str) -> ReturnFile:
    check_readable(path, label)
    return ReturnFile(module, path, sha256_of(path), path.stat().st_size, None, given_as=label)


def check_readable(path: Path, label: str) -> None:
    """Raise an InputError if the path is not a file that can be read."""
    if not path.is_file() or not os.access(path, os.R_OK):
        raise InputError(
            "this is not a file that can be read",
            file=label,
            remedy="Deliver the file itself, and allow the user who runs this to read it",
        )


def _check_none_missing(found: dict[str, ReturnFile], folder: Path) -> None:
    missing = [modules()[name].short_name for name in MUST_BE_THERE if name not in found]
    if missing:
        raise InputError(
            " and ".join(f"{name}.csv" for name in missing) + " missing from the return",
            file=f"{folder.name}/",
            remedy="Put files named header.csv and episodes.csv there: a return needs both. "
            "If another module is missing, its KPIs have no source",
        )


def read_module(file: ReturnFile, target: TextFile, upns: Upns) -> list[str]:
    """Read one module's file.

    Returns:
        Notes on columns that were read as empty, and on columns that were ignored.

    Raises:
        InputError: the file cannot be read; the message has file, row and remedy.
    """
    records = csv_records(file)
    header = next(records, None)
    if header is None:
        raise InputError(
            "the file is empty",
            file=file.label,
            remedy="Export it again; a module without rows still has its header",
        )
    names = [target.module.column_named(header_name(cell)) for cell in header[1]]
    notes = _check_header(file, header[1], names)
    for row, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if [target.module.column_named(header_name(cell)) for cell in cells] == names:
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
    """Collect the pupil numbers of a header file, and nothing else of it."""
    records = csv_records(file)
    _, header = next(records, (1, []))
    names = [header_name(cell) for cell in header]
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
        yield f"{label} has no column {', '.join(absent)}: it was read as empty"
    if ignored:
        yield f"{label} has columns that are in no module and were ignored: {', '.join(ignored)}"
