"""Import statutory returns into the lake, as a source of its own beside the month's extracts.

Each return is read and gated on its own. The valid rows of all returns are converted into the
tables of the extract contract for one month-end, and these pass the gates of the feeds.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cpw.contract import collection_year as collection
from cpw.contract.return_modules import FEED, modules
from cpw.contract.tables import contract
from cpw.contract.unreadable import unreadable_columns
from cpw.core import audit
from cpw.core.database import connect
from cpw.core.editions import check_edition
from cpw.core.files import make_private
from cpw.core.home import Home
from cpw.core.locks import hold
from cpw.core.partition import FEEDS, Partition
from cpw.core.progress import Progress, quiet
from cpw.ingest.extract import Extract
from cpw.ingest.postcodes import check_ons_code, grid_references
from cpw.ingest.returns.dating import years_of
from cpw.ingest.returns.reading import ReturnRead, note_upns, read_return
from cpw.quality import releases
from cpw.quality.rule_book import rule_book
from cpw.warehouse import lake
from cpw.warehouse.kpi_sources import ReturnCoverage
from cpw.warehouse.return_coverage import IMPORTED

_FEW, _SHARE = 10, 0.2  # with more refused rows than both, a module counts as missing


@dataclass
class Imported:
    """The result of an import: the version in the lake, rows by table, refusals and notes.

    ``rows_in`` counts the rows of the returns, ``rows_refused`` the rows in quarantine.
    ``refusals`` has one line that is safe for a log for each refused row, up to twenty per gate.
    """

    version: int
    changed: bool
    years: tuple[int, ...]
    rows_in: int = 0
    rows_refused: int = 0
    modules: dict[str, int] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def import_returns(
    home: Home,
    partition: Partition,
    paths: Sequence[Path],
    years: Sequence[int],
    progress: Progress = quiet,
) -> Imported:
    """Read, gate and convert returns, gate the converted tables, and put them into the lake.

    Args:
        home: the data home.
        partition: authority and month-end; its source is ``ssda903``.
        paths: a folder of CSV files or an XML file for each return.
        years: the year in which each collection ends; or only the latest year, and then the
            episodes decide which return is of which year.
        progress: called with the name of each step.

    Raises:
        InputError: a return cannot be read, or the month is in none of the years.
        GateBlockedError: a gate stops a return or the converted tables; the lake is unchanged.
    """
    check_edition(partition.month)
    check_ons_code(partition.authority)
    folder = home.month(partition).returns_work
    with hold(home, f"{partition}/returns"):
        make_private(home.work)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            reads = _read(paths, years, folder, progress)
            collection.check_month(partition.month, [read.year for read in reads])
            return _take(home, partition, reads, folder, progress)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _read(
    paths: Sequence[Path], years: Sequence[int], folder: Path, progress: Progress
) -> list[ReturnRead]:
    """Read the returns, the earliest year first, each into its folder."""
    upns: dict[str, set[str]] = {}  # in memory only, to find ids that share a number
    for path in paths:
        note_upns(path, upns)
    reads = []
    for number, path in enumerate(paths):
        progress(f"reading {path.name}")
        reads.append(read_return(path, max(years), folder / f"read-{number}", upns))
    places = [folder / f"read-{number}" for number in range(len(reads))]
    told = years_of(places, [str(path) for path in paths], years)
    for place, year in zip(places, told, strict=True):
        place.rename(folder / str(year))
    dated = [replace(read, year=year) for read, year in zip(reads, told, strict=True)]
    return sorted(dated, key=lambda read: read.year)


def _take(
    home: Home, partition: Partition, reads: list[ReturnRead], folder: Path, progress: Progress
) -> Imported:
    content = hashlib.sha256(
        json.dumps([(read.year, read.content) for read in reads]).encode()
    ).hexdigest()
    imported = Imported(
        _version(home, partition, content),
        not _in_lake(home, partition, content, reads),
        tuple(read.year for read in reads),
        rows_in=sum(sum(read.rows.values()) for read in reads),
        notes=[note for read in reads for note in read.notes],
    )
    if not imported.changed:
        return imported
    _register(home, partition, reads, content, imported.version)
    _gate_returns(home, partition, reads, folder, imported, progress)
    held = {read.year: frozenset(_held(read, folder / str(read.year) / "valid")) for read in reads}
    _convert(home, partition, ReturnCoverage(held), content, folder, imported, progress)
    _gate_tables(home, partition, imported, progress)
    _note_import(home, partition, reads, folder, held, imported)
    return imported


def _version(home: Home, partition: Partition, content: str) -> int:
    before = audit.latest(home, partition, "extract_registered", feed=FEEDS[0])
    if before is None:
        return 1
    return int(before["load_version"]) + int(before["content"] != content)


def _in_lake(home: Home, partition: Partition, content: str, reads: list[ReturnRead]) -> bool:
    """Whether the lake already has these returns, under the present rules and releases."""
    accepted = [audit.latest(home, partition, "feed_accepted", feed=feed) for feed in FEEDS]
    imported = audit.latest(home, partition, IMPORTED)
    return imported is not None and all(
        event is not None
        and event["content"] == content
        and event["rules_version"] == rule_book().version
        and event["releases"] == releases.of_feed(home, partition, feed)
        and imported["load_version"] == event["load_version"]
        and imported["releases"] == _releases(home, partition, reads)
        for feed, event in zip(FEEDS, accepted, strict=True)
    )


def _releases(home: Home, partition: Partition, reads: list[ReturnRead]) -> str:
    labels = tuple(collection.label(read.year) for read in reads)
    return releases.version(home, partition.authority, labels)


def _register(
    home: Home, partition: Partition, reads: list[ReturnRead], content: str, version: int
) -> None:
    returns = [
        {
            "table": collection.label(read.year),
            "file": ", ".join(sorted(read.files.values())),
            "sha256": read.content,
        }
        for read in reads
    ]
    for feed in FEEDS:
        audit.record(
            home,
            "extract_registered",
            partition,
            feed=feed,
            load_version=version,
            content=content,
            files=returns,
        )


def _gate_returns(
    home: Home,
    partition: Partition,
    reads: list[ReturnRead],
    folder: Path,
    imported: Imported,
    progress: Progress,
) -> None:
    from cpw.pipeline.gate_return import gate_return  # its own imports take seconds

    before: tuple[int, Path] | None = None
    for read in reads:
        progress(f"gating the return of {read.year}")
        of_year = folder / str(read.year)
        report = gate_return(home, partition, read, of_year, imported.version, before)
        before = (read.year, of_year / "valid")
        imported.rows_refused += report.rows_refused
        imported.refusals += report.refusals
        for module, rows in read.rows.items():
            imported.modules[module] = imported.modules.get(module, 0) + rows


def _convert(
    home: Home,
    partition: Partition,
    held: ReturnCoverage,
    content: str,
    folder: Path,
    imported: Imported,
    progress: Progress,
) -> None:
    """Convert the valid rows, and store them for the feeds' gates like an extract that was read."""
    from cpw.ingest.returns.conversion import convert

    progress("making the contract's tables")
    valid = {year: folder / str(year) / "valid" for year in held.by_year}
    converted = convert(valid, partition.month.as_at, folder / "tables")
    imported.tables, imported.notes = dict(converted.rows), [*imported.notes, *converted.notes]
    for feed in FEEDS:
        place = home.month(partition).feed_work(feed)
        shutil.rmtree(place, ignore_errors=True)
        labels, rows = {}, {}
        for table in contract().feed_tables(feed):
            for kind in ("text", "typed"):
                (place / kind).mkdir(parents=True, exist_ok=True)
                name = f"{table.name}.parquet"
                (folder / "tables" / kind / name).rename(place / kind / name)
            labels[table.name] = lake.source_label(partition, table)
            rows[table.name] = converted.rows[table.name]
        not_given = held.not_given(partition.month)
        Extract(feed, imported.version, content, False, labels, rows, [], not_given).save(place)


def _gate_tables(home: Home, partition: Partition, imported: Imported, progress: Progress) -> None:
    """Gate the three feeds; write them to the lake only if all three pass."""
    from cpw.pipeline import stages

    for feed in FEEDS:
        progress(f"gating {feed}")
        report = stages.gate_extract(home, partition, feed)
        imported.rows_refused += report.rows_refused
        imported.refusals += report.refusals
    for feed in FEEDS:
        stages.write_lake(home, partition, feed)


def _note_import(
    home: Home,
    partition: Partition,
    reads: list[ReturnRead],
    folder: Path,
    held: Mapping[int, frozenset[str]],
    imported: Imported,
) -> None:
    audit.record(
        home,
        IMPORTED,
        partition,
        load_version=imported.version,
        years=list(imported.years),
        modules={str(year): sorted(names) for year, names in held.items()},
        unreadable={str(read.year): _unreadable(folder / str(read.year)) for read in reads},
        rows=imported.modules,
        releases=_releases(home, partition, reads),
    )


def _unreadable(of_year: Path) -> list[str]:
    """The columns of a return of which most cells could not be read, such as ``reviews.review``."""
    with connect() as connection:
        found = unreadable_columns(
            connection, modules().values(), of_year / "typed", of_year / "valid"
        )
    return [name.removeprefix(f"{FEED}_") for name in found]


def _held(read: ReturnRead, valid: Path) -> list[str]:
    """The usable modules of a return, by their short names, and their columns that have values.

    A module is not usable if it is missing or if too few of its rows are valid. A module without
    rows is usable if that means that nothing of the kind happened. Columns are listed as
    ``oc2.teeth_check``. A column of postcodes is listed if at least one of them exists: postcodes
    that were shortened show nothing.
    """
    found = []
    for name, module in modules().items():
        rows = read.rows.get(name, 0)
        loaded = pq.read_metadata(valid / f"{name}.parquet").num_rows
        is_silent = module.when_empty == "nothing_happened" and rows == 0
        if name in read.absent or not (is_silent or _is_enough(loaded, rows)):
            continue
        table = pq.read_table(valid / f"{name}.parquet", columns=list(module.column_names))
        found.append(module.short_name)
        found += [
            f"{module.short_name}.{column}"
            for column in table.column_names
            if table[column].null_count < loaded
            and (module.column(column).form != "postcode" or _some_exist(table[column]))
        ]
    return sorted(found)


def _some_exist(postcodes: pa.ChunkedArray) -> bool:
    written = {postcode.replace(" ", "") for postcode in postcodes.to_pylist() if postcode}
    return bool(grid_references(written))


def _is_enough(loaded: int, rows: int) -> bool:
    """Whether a module is usable: not if more than ten rows and more than a fifth are refused."""
    return loaded > 0 and rows - loaded <= max(_FEW, _SHARE * rows)
