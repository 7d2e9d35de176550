"""Read one SSDA903 return, CSV or XML, into a text file and a typed file for each module."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cpw.contract.casting import cast_table
from cpw.contract.return_casting import casting_of
from cpw.contract.return_modules import HEADER, modules
from cpw.core.database import connect
from cpw.core.errors import InputError
from cpw.ingest.landing import sha256_of
from cpw.ingest.returns.csv_form import (
    MUST_BE_THERE,
    check_readable,
    find_modules,
    read_module,
)
from cpw.ingest.returns.csv_form import note_upns as note_csv_upns
from cpw.ingest.returns.text_files import TextFile, Upns, mark_shared, text_files
from cpw.ingest.returns.xml_form import read_xml


@dataclass(frozen=True)
class ReturnRead:
    """The facts about one return that was read; the cells are in the Parquet files.

    ``files`` has the label of each module in the return, ``rows`` the number of rows of every
    module, ``absent`` the modules that are not in the return, ``notes`` the columns and files that
    were ignored or read as empty. ``content`` is the SHA-256 of all files together.
    """

    year: int
    form: Literal["csv", "xml"]
    files: dict[str, str]
    rows: dict[str, int]
    absent: tuple[str, ...]
    notes: tuple[str, ...]
    content: str


def read_return(path: Path, year: int, target: Path, upns: Upns | None = None) -> ReturnRead:
    """Read one return.

    Writes ``target/text/<module>.parquet``, the cells as they came, and
    ``target/typed/<module>.parquet`` for every module; the files of absent modules have no rows.

    Args:
        path: a folder of CSV files, or an XML file.
        year: the year that the collection ends in.
        target: the folder to write to.
        upns: the pupil numbers of all returns that are read together (:func:`note_upns`); None to
            use those of this return.

    Raises:
        InputError: the return cannot be read; the message has file, row and remedy.
    """
    known = {} if upns is None else upns
    with text_files(target / "text") as files:
        if _form(path) == "csv":
            read = _read_csv(path, year, files, known)
        else:
            read = _read_xml(path, year, files, known)
    mark_shared(target / "text", known)
    with connect() as connection:
        for name, module in modules().items():
            text, typed = (target / form / f"{name}.parquet" for form in ("text", "typed"))
            cast_table(connection, casting_of(year), module, text, typed)
    return read


def note_upns(path: Path, upns: Upns) -> None:
    """Collect the pupil numbers of one of several returns that are read together.

    Raises:
        InputError: the return cannot be read.
    """
    if _form(path) == "csv":
        note_csv_upns(find_modules(path)[0][HEADER], upns)
    else:
        read_xml(path, path.name, {}, upns)


def _form(path: Path) -> Literal["csv", "xml"]:
    if path.is_dir():
        return "csv"
    if path.suffix.lower() == ".xml":
        check_readable(path, path.name)
        return "xml"
    raise InputError(
        "this is neither a folder nor an XML file"
        if path.exists()
        else "there is no such file or folder",
        file=path.name,
        remedy="Use a folder with one CSV file for each module, or the return's XML file",
    )


def _content(digests: dict[str, str]) -> str:
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _read_csv(folder: Path, year: int, files: dict[str, TextFile], upns: Upns) -> ReturnRead:
    found, notes = find_modules(folder)
    for name, file in list(found.items()):
        try:
            notes += read_module(file, files[name], upns)
        except InputError as error:
            if not _can_do_without(files[name], error):
                raise
            notes.append(f"{error} Until then the module counts as not given")
            files[name].clear()
            del found[name]
            continue
        _check_unchanged(file.path, file.sha256, file.label)
    return ReturnRead(
        year,
        "csv",
        {name: file.label for name, file in found.items()},
        {name: file.rows for name, file in files.items()},
        tuple(name for name in modules() if name not in found),
        tuple(notes),
        _content({name: file.sha256 for name, file in found.items()}),
    )


def _can_do_without(file: TextFile, error: InputError) -> bool:
    """Whether a module that cannot be read may be left out: its header is not that of the module.

    A module that no figure is made from may be left out whatever is wrong with it.
    """
    if file.module.name in MUST_BE_THERE:
        return False
    return error.row == 1 or not file.module.in_figures


def _read_xml(path: Path, year: int, files: dict[str, TextFile], upns: Upns) -> ReturnRead:
    digest = sha256_of(path)
    notes = read_xml(path, path.name, files, upns)
    _check_unchanged(path, digest, path.name)
    absent = tuple(
        name
        for name, module in modules().items()
        if module.when_empty == "no_source" and files[name].rows == 0
    )
    return ReturnRead(
        year,
        "xml",
        {n: f"{path.name} ({m.short_name})" for n, m in modules().items() if n not in absent},
        {name: file.rows for name, file in files.items()},
        absent,
        tuple(notes),
        digest,
    )


def _check_unchanged(path: Path, digest: str, label: str) -> None:
    if sha256_of(path) != digest:
        raise InputError(
            "the file was changed while it was read",
            file=label,
            remedy="Wait until it has been delivered whole, then run this again",
        )
