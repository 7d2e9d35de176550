"""The lake: typed Parquet, a file per table, authority and month; and the build's inputs.

Each load writes its files under its own version, beside the files of the load before. The last
``feed_accepted`` event in the audit names the version that counts, so that all tables of a feed
switch at once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cpw.contract.tables import Table, contract
from cpw.contract.unreadable import unreadable_columns
from cpw.core import audit
from cpw.core.database import connect
from cpw.core.errors import InputError
from cpw.core.files import make_private, written_whole
from cpw.core.home import Home, MonthPlaces
from cpw.core.partition import FEEDS, Partition
from cpw.ingest.extract import Extract
from cpw.quality import releases
from cpw.quality.rule_book import rule_book


@dataclass(frozen=True)
class LakeWrite:
    """The result of writing a feed to the lake.

    ``changed`` is false if the lake already had the same bytes.
    """

    version: int
    changed: bool


def source_label(partition: Partition, table: Table) -> str:
    """The name of the table's extract in messages, once it is in the lake."""
    return f"{partition}/{partition.feed_label(table.feed)}/{table.name}"


def accepted_versions(home: Home, partition: Partition) -> dict[str, int]:
    """The load version that counts, for each feed of the partition that is in the lake."""
    accepted = {f: audit.latest(home, partition, "feed_accepted", feed=f) for f in FEEDS}
    return {feed: event["load_version"] for feed, event in accepted.items() if event}


def accepted_feeds(home: Home, partition: Partition) -> dict[str, int]:
    """The load version of each of the three feeds.

    Raises:
        InputError: one of them is not in the lake.
    """
    versions = accepted_versions(home, partition)
    missing = [feed for feed in FEEDS if feed not in versions]
    if missing:
        raise InputError(
            f"the lake has no {', '.join(str(partition.feed_label(f)) for f in missing)} "
            f"for {partition}",
            remedy="Load the feed first; a month is built once the lake has all three feeds"
            if partition.source == "extract"
            else "Import the return first: cpw import-903",
        )
    return versions


def partition_files(
    home: Home, partition: Partition, accepted: Mapping[str, int]
) -> dict[str, Path]:
    """Each table's file in the lake.

    If a partition was loaded before an optional table joined the contract, this writes a file
    without rows for that table.
    """
    places = home.month(partition)
    files = {t.name: places.lake_file(t.name, accepted[t.feed]) for t in contract().tables}
    for table in contract().tables:
        if table.presence == "optional" and not files[table.name].exists():
            _write_empty(table, files[table.name])
    return files


def files_before(
    home: Home, partition: Partition, feeds: Iterable[str], months: int = 3
) -> dict[str, Path]:
    """Each table's file from the most recent of the previous months that has all these feeds.

    Only the last ``months`` months count, as older ones are hard to compare with. Empty if the lake
    has all the feeds for none of them.
    """
    for back in range(1, months + 1):
        before = partition.other_month(-back)
        accepted = accepted_versions(home, before)
        if all(feed in accepted for feed in feeds):
            tables = [table for feed in feeds for table in contract().feed_tables(feed)]
            places = home.month(before)
            files = {t.name: places.lake_file(t.name, accepted[t.feed]) for t in tables}
            for table in tables:
                if not files[table.name].exists():
                    _write_empty(table, files[table.name])
            return files
    return {}


def _write_empty(table: Table, target: Path) -> None:
    columns = ", ".join(f'cast(null as {c.sql_type}) as "{c.name}"' for c in table.columns)
    target.parent.mkdir(parents=True, exist_ok=True)
    with connect() as connection, written_whole(target) as made:
        connection.execute(
            f"copy (select cast(null as integer) as source_row, {columns} limit 0) "
            f"to '{made}' (format parquet)"
        )


def write_valid_rows(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[Table], folder: Path
) -> dict[str, Path]:
    """Write the rows that were not refused in the form of the lake; returns a file per table."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {table.name: folder / f"{table.name}.parquet" for table in tables}
    for table in tables:
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        connection.execute(
            f"copy (select source_row, {columns} from valid.{table.name} order by source_row) "
            f"to '{files[table.name]}' (format parquet, compression zstd)"
        )
    return files


def write_lake(home: Home, partition: Partition, feed: str) -> LakeWrite:
    """Put a gated feed into the lake, all tables at once, and clear the work folder.

    The files are copied, so that a run that was killed half-way can be repeated.

    Raises:
        InputError: the feed was not read, or has not passed its gate.
    """
    places = home.month(partition)
    folder = places.feed_work(feed)
    extract = Extract.load(folder)
    if not extract.unchanged and not (folder / "valid").is_dir():
        raise InputError(f"the {feed} feed of {partition} is not gated", remedy="Gate it first")
    if not extract.unchanged:
        make_private(home.lake)
        for table in contract().feed_tables(feed):
            target = places.lake_file(table.name, extract.load_version)
            target.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(target) as made:
                shutil.copyfile(folder / "valid" / f"{table.name}.parquet", made)
        with connect() as connection:
            tables = contract().feed_tables(feed)
            unreadable = unreadable_columns(connection, tables, folder / "typed", folder / "valid")
        audit.record(
            home,
            "feed_accepted",
            partition,
            feed=feed,
            load_version=extract.load_version,
            content=extract.content,
            rules_version=rule_book().version,
            releases=releases.of_feed(home, partition, feed),
            unreadable=unreadable,
        )
        _remove_older(places, feed, extract.load_version)
    shutil.rmtree(folder)
    return LakeWrite(extract.load_version, not extract.unchanged)


def _remove_older(places: MonthPlaces, feed: str, version: int) -> None:
    for table in contract().feed_tables(feed):
        current = places.lake_file(table.name, version)
        for path in current.parent.iterdir():
            if path != current:
                path.unlink(missing_ok=True)


def forget_build(home: Home, partition: Partition) -> None:
    """Remove the build's inputs and the built marts of a partition; they have child-level data."""
    shutil.rmtree(home.month(partition).build, ignore_errors=True)


def write_inputs(
    home: Home,
    partition: Partition,
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Path],
) -> dict[str, Path]:
    """Put the lake's files into the build's inputs, without what ``gate_feeds`` refused or emptied.

    Returns:
        A file per table.
    """
    folder = home.month(partition).build_inputs
    build = home.month(partition).build
    shutil.rmtree(build, ignore_errors=True)
    make_private(build)
    folder.mkdir(parents=True)
    files = {name: folder / f"{name}.parquet" for name in tables}
    changed = connection.execute(
        "select table_name from refused union select table_name from blanked"
    ).fetchall()
    for name, path in tables.items():
        if (name,) in changed:
            connection.execute(
                f"copy (select * from valid.{name} order by source_row) "
                f"to '{files[name]}' (format parquet, compression zstd)"
            )
        else:
            os.link(path, files[name])
    return files
