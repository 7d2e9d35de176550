"""Publish: assemble a new publication beside the last one, then switch to it.

The link ``published/current`` is the only switch; a rename replaces it. A reader has either the old
publication or the new one, never a half-made one. The last few are kept for readers who have one
open.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import duckdb

from cpw.core import audit
from cpw.core.database import connect, mart_names
from cpw.core.errors import InputError
from cpw.core.home import PUBLISHED_DATABASE, RESTRICTED_DATABASE, Home
from cpw.core.locks import hold
from cpw.core.partition import Partition
from cpw.core.paths import DBT_PROJECT, SEEDS
from cpw.core.sql import read_sql
from cpw.ingest.postcodes import REFERENCE_PACKAGES
from cpw.quality import acceptances, quarantine, releases
from cpw.quality.rule_book import rule_book

FACTS = "publications.json"
VERSIONS_KEPT = 5
Figures = set[tuple[str | None, ...]]
_SQL = Path(__file__).with_name("sql")


@dataclass(frozen=True)
class Publication:
    """A month's publication; ``version`` counts from 1 for each authority and month.

    ``changed`` is false if the same inputs and definitions were already published.
    """

    version: int
    changed: bool


def next_version(home: Home, partition: Partition) -> int:
    """The number the partition's next publication will have."""
    return _published_version(home, partition) + 1


def _published_version(home: Home, partition: Partition) -> int:
    database = home.published_database
    if not database.exists():
        return 0
    with connect(database, read_only=True) as connection:
        found = connection.execute(
            "select coalesce(max(publication_version), 0) from marts.kpi_result "
            "where authority = ? and month = ?",
            [partition.authority, str(partition.month)],
        ).fetchone()
    return int(found[0]) if found else 0


def fingerprint(home: Home, partition: Partition, accepted: Iterable[str]) -> str:
    """A hash of everything that a publication's figures depend on.

    Extracts, rules, models, seeds, reference packages and the figures published for earlier months.

    Args:
        home: the data home.
        partition: authority, month and source.
        accepted: the feeds that are in the lake.
    """
    return _joined(_inputs_hash(home, partition, accepted), _published_before(home, partition))


def _joined(inputs_hash: str, earlier: Figures) -> str:
    digest = hashlib.sha256(inputs_hash.encode())
    digest.update(json.dumps(sorted(earlier, key=str)).encode())
    return digest.hexdigest()


def _inputs_hash(home: Home, partition: Partition, accepted: Iterable[str]) -> str:
    """A hash of what the figures depend on beside the figures of earlier months."""
    digest = hashlib.sha256(rule_book().version.encode())
    for feed in sorted(accepted):
        event = audit.latest(home, partition, "feed_accepted", feed=feed)
        digest.update(str(event and event["content"]).encode())
    digest.update(releases.version(home, partition.authority).encode())
    digest.update(acceptances.version(home, partition).encode())
    digest.update(partition.source.encode() if partition.source != "extract" else b"")
    for path in _definitions():
        digest.update(path.read_bytes())
    digest.update(str([(package, version(package)) for package in REFERENCE_PACKAGES]).encode())
    return digest.hexdigest()


def _definitions() -> list[Path]:
    """The models, macros and seeds that the figures depend on."""
    of_dbt = [path for folder in ("models", "macros") for path in (DBT_PROJECT / folder).rglob("*")]
    return sorted(path for path in [*of_dbt, *SEEDS.glob("*/*.csv")] if path.is_file())


def _published_before(home: Home, partition: Partition) -> Figures:
    """The published results of the authority's earlier months: previous results and outturns."""
    database = home.published_database
    if not database.exists():
        return set()
    with connect(database, read_only=True) as connection:
        return _figures(
            connection,
            "marts.kpi_result where authority = ? and month < ?",
            [partition.authority, str(partition.month)],
        )


_FIGURE = (
    *("month", "kpi_id", "cohort", "status"),
    *("numerator", "denominator", "value", "shown", "rag"),
)


def _figures(connection: duckdb.DuckDBPyConnection, rows: str, values: list[Any]) -> Figures:
    """Results as text: month, indicator, cohort and figure, a set of them."""
    columns = ", ".join(f"{name}::varchar" for name in _FIGURE)
    return set(connection.execute(f"select {columns} from {rows}", values).fetchall())


def _known_to_build(home: Home, partition: Partition, together: Sequence[Partition]) -> Figures:
    """The results of the authority's earlier months that a build read or made itself."""
    built = [p for p in together if p.authority == partition.authority and p < partition]
    earlier = home.month(partition).build_inputs / "published_kpi_result.parquet"
    with connect() as connection:
        found = _figures(
            connection,
            f"read_parquet('{earlier}') where not list_contains(?, month)",
            [[str(p.month) for p in built]],
        )
        for number, one in enumerate(built):
            marts = home.month(one).built_marts
            connection.execute(f"attach '{marts}' as built_{number} (read_only)")
            found |= _figures(connection, f"built_{number}.marts.kpi_result", [])
    return found


def note_basis(home: Home, partition: Partition, accepted: Mapping[str, int]) -> None:
    """Record what the build's inputs depend on: the lake may change before the build ends."""
    basis = {
        "inputs_hash": _inputs_hash(home, partition, accepted),
        "load_versions": dict(accepted),
        "source": partition.source,
    }
    home.month(partition).build_basis.write_text(json.dumps(basis), encoding="utf-8")


def basis(home: Home, partition: Partition) -> dict[str, Any]:
    """What the build's inputs depend on: a hash of them, load versions and source.

    Raises:
        InputError: ``gate_feeds`` has not run.
    """
    path = home.month(partition).build_basis
    if not path.exists():
        raise InputError(f"the feeds of {partition} are not gated", remedy="Gate them first")
    noted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return noted


def is_published(home: Home, partition: Partition, print_of: str) -> bool:
    """Whether the partition's current publication has that fingerprint."""
    standing = _standing(home).get(str(partition))
    return standing is not None and standing["fingerprint"] == print_of


def _standing(home: Home) -> dict[str, dict[str, Any]]:
    """The facts file of the current publication, by partition; it switches with the publication."""
    path = home.current_publication / FACTS
    if not path.exists():
        return {}
    facts: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return facts


def _record(home: Home, partition: Partition) -> None:
    """Record the partition's current publication in the audit, unless it is recorded already."""
    facts = _standing(home)[str(partition)]
    last = audit.latest(home, partition, "published")
    if last is None or last["folder"] != facts["folder"]:
        audit.record(home, "published", partition, **facts)


def publish(home: Home, partitions: Sequence[Partition]) -> dict[Partition, Publication]:
    """Assemble a publication with the new marts of all partitions, and switch to it once.

    Args:
        home: the data home, with the partitions' marts, which one build made.
        partitions: authority, month and source of each.

    Returns:
        Each partition's publication; one that is published already, from the same inputs and with
        the same figures of earlier months, is left as it is.

    Raises:
        InputError: marts are not built, or another run has published a month since then.
    """
    for partition in partitions:
        if not home.month(partition).built_marts.exists():
            raise InputError(f"the marts of {partition} are not built", remedy="Build them first")
    with hold(home, "publication", wait=True):
        facts = {p: _facts(home, p, partitions) for p in sorted(partitions)}
        new = [p for p in facts if not is_published(home, p, facts[p]["fingerprint"])]
        versions = {p: next_version(home, p) - (p not in new) for p in facts}
        for partition in new:
            _check_version(home.month(partition).built_marts, versions[partition], partition)
        if new:
            _publish_anew(home, {p: facts[p] | {"publication_version": versions[p]} for p in new})
        for partition in partitions:  # in case the last run was killed between switch and record
            _record(home, partition)
    for partition in partitions:
        shutil.rmtree(home.month(partition).build)
    return {p: Publication(versions[p], changed=p in new) for p in partitions}


def _facts(home: Home, partition: Partition, together: Sequence[Partition]) -> dict[str, Any]:
    """What the publication states of a partition: its fingerprint, load versions and source."""
    follows_from = basis(home, partition)
    known = _known_to_build(home, partition, together)
    return {
        "fingerprint": _joined(follows_from.pop("inputs_hash"), known),
        **follows_from,
        "rules_version": rule_book().version,
    }


def _publish_anew(home: Home, new: Mapping[Partition, dict[str, Any]]) -> None:
    number = _next_number(home)
    candidate = home.publications / f".{number}.new"
    shutil.rmtree(candidate, ignore_errors=True)
    candidate.mkdir(parents=True)
    _assemble(home, {p: facts["load_versions"] for p, facts in new.items()}, candidate)
    added = {str(p): facts | {"folder": f"versions/{number}"} for p, facts in new.items()}
    standing = _standing(home) | added
    (candidate / FACTS).write_text(json.dumps(standing, indent=1), encoding="utf-8")
    candidate.rename(candidate.with_name(str(number)))
    _switch(home, number)
    for partition in new:
        _record(home, partition)
    _forget_old(home, number)


def _check_version(marts: Path, version: int, partition: Partition) -> None:
    with connect(marts, read_only=True) as connection:
        found = connection.execute(
            "select distinct publication_version from marts.kpi_result"
        ).fetchall()
    if found != [(version,)]:
        raise InputError(
            f"another run has published {partition} since this one was built",
            remedy="Run the load again: it will build on that publication",
        )


def _next_number(home: Home) -> int:
    numbers = [int(p.name) for p in home.publications.glob("*") if p.name.isdigit()]
    return max(numbers, default=0) + 1


def _assemble(
    home: Home, load_versions: Mapping[Partition, Mapping[str, int]], candidate: Path
) -> None:
    current = home.current_publication
    for name, mode in ((PUBLISHED_DATABASE, 0o666), (RESTRICTED_DATABASE, 0o600)):
        if (current / name).exists():
            (candidate / name).touch(mode=mode)  # never open to others, not even while it is copied
            shutil.copyfile(current / name, candidate / name)
    _link_parquet(current / "parquet", candidate / "parquet", list(load_versions))
    for partition, accepted in load_versions.items():
        places = home.month(partition)
        _replace_partition(candidate / PUBLISHED_DATABASE, places.built_marts, partition)
        _add_keys(
            candidate / RESTRICTED_DATABASE,
            places.built_marts,
            places.build_inputs / "subject_key.parquet",
            quarantine.standing_files(home, partition, accepted),
            partition,
        )
    _export_parquet(candidate, list(load_versions))


def _replace_partition(database: Path, marts: Path, partition: Partition) -> None:
    with connect(database) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(f"attach '{marts}' as built (read_only)")
        for table in mart_names(connection, "built"):
            _align_columns(connection, table)
            connection.execute(
                f"delete from marts.{table} where authority = ? and month = ?",
                [partition.authority, str(partition.month)],
            )
            connection.execute(
                f"insert into marts.{table} by name select * from built.marts.{table}"
            )
        connection.execute("detach built")
        connection.execute("checkpoint")


def _align_columns(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Create the table if it is new, and add columns that a later release has added."""
    connection.execute(
        f"create table if not exists marts.{table} as select * from built.marts.{table} limit 0"
    )
    for name, kind in connection.execute(
        "select column_name, data_type from information_schema.columns where table_schema = 'marts'"
        " and table_catalog = 'built' and table_name = ? order by ordinal_position",
        [table],
    ).fetchall():
        connection.execute(f'alter table marts.{table} add column if not exists "{name}" {kind}')


def _add_keys(
    database: Path, marts: Path, keys: Path, refused: list[Path], partition: Partition
) -> None:
    """Add the source ids of every subject and person that the partition's marts show."""
    database.touch(mode=0o600) if not database.exists() else None
    if database.stat().st_size == 0:
        database.unlink()
    previous = os.umask(0o077)
    try:
        with connect(database) as connection:
            connection.execute(
                "create table if not exists person_key (child_key varchar, person_id varchar)"
            )
            connection.execute(
                "create table if not exists subject_key "
                "(subject_type varchar, subject_id varchar, source_id varchar)"
            )
            connection.execute(f"attach '{marts}' as built (read_only)")
            connection.execute(f"create temp view key_of as from read_parquet('{keys}')")
            connection.execute(f"insert into person_key {read_sql(_SQL / 'new_person_keys.sql')}")
            connection.execute(f"insert into subject_key {read_sql(_SQL / 'new_subject_keys.sql')}")
            _replace_quarantined(connection, refused, partition)
    finally:
        os.umask(previous)
    database.chmod(0o600)


def _replace_quarantined(
    connection: duckdb.DuckDBPyConnection, refused: list[Path], partition: Partition
) -> None:
    """Replace the partition's quarantined rows by those that this publication lacks."""
    connection.execute(
        "create table if not exists quarantined_row ("
        + ", ".join(f"{name} {kind}" for name, kind in quarantine.TYPES.items())
        + ")"
    )
    connection.execute(
        "delete from quarantined_row where authority = ? and month = ?",
        [partition.authority, str(partition.month)],
    )
    for path in refused:
        connection.execute(
            f"insert into quarantined_row by name select {quarantine.COLUMNS} "
            f"from read_parquet('{path}')"
        )


def _link_parquet(current: Path, target: Path, replaced: Sequence[Partition]) -> None:
    """Link the Parquet files of all other partitions into the new publication, without copying."""
    folders = {partition.path.parts for partition in replaced}
    for path in current.glob("*/authority=*/month=*/*.parquet"):
        if path.parent.parts[-2:] not in folders:
            link = target / path.relative_to(current)
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, link)


def _export_parquet(candidate: Path, partitions: Sequence[Partition]) -> None:
    with connect(candidate / PUBLISHED_DATABASE, read_only=True) as connection:
        tables = mart_names(connection, Path(PUBLISHED_DATABASE).stem)
        for table, partition in product(tables, partitions):
            folder = candidate / "parquet" / table / partition.path
            folder.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (select * exclude (authority, month) from marts.{table} "
                f"where authority = ? and month = ?) to '{folder / table}.parquet' "
                "(format parquet, compression zstd)",
                [partition.authority, str(partition.month)],
            )


def _switch(home: Home, number: int) -> None:
    _replace_link(home.current_publication, Path(home.publications.name) / str(number))
    for name in (PUBLISHED_DATABASE, RESTRICTED_DATABASE, "parquet"):
        if not (home.published / name).is_symlink():
            _replace_link(home.published / name, Path(home.current_publication.name) / name)


def _replace_link(link: Path, target: Path) -> None:
    made = link.with_name(f".{link.name}.new")
    made.unlink(missing_ok=True)
    made.symlink_to(target)
    made.replace(link)


def _forget_old(home: Home, number: int) -> None:
    for path in home.publications.iterdir():
        if not path.name.isdigit() or int(path.name) <= number - VERSIONS_KEPT:
            shutil.rmtree(path)
