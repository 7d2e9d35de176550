"""Lay both sources of a month out and build them, in a folder that is deleted afterwards.

The month's lake, quarantine, audit and publication stay as they are: rows are refused as the gate
between the feeds refuses them, but nothing of it is kept.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cpw.contract.collection_year import year_of
from cpw.contract.tables import contract
from cpw.core.database import connect
from cpw.core.editions import check_edition
from cpw.core.errors import InputError
from cpw.core.files import make_private
from cpw.core.home import Home
from cpw.core.locks import hold
from cpw.core.partition import FEEDS, Partition, Source
from cpw.quality import failures, releases, rule_results, source_rules
from cpw.quality.evaluation import Batch, open_evaluation, refuse
from cpw.quality.rule_book import rule_book
from cpw.warehouse import build, build_inputs, lake

_MARTS = ("kpi_subject", "kpi_result")


@dataclass(frozen=True)
class Side:
    """One source of a month.

    Attributes:
        source: ``extract`` or ``ssda903``.
        inputs: a folder with a Parquet file per table of the contract, ``subject_key.parquet`` as
            the build reads it, and ``refused.parquet``: ``table_name, rule_id, person_id`` of each
            row in quarantine, ``table_name`` a table of the contract or a module of the return.
        marts: a database with ``marts.kpi_subject`` and ``marts.kpi_result``.
    """

    source: Source
    inputs: Path
    marts: Path


@contextmanager
def laid_out(home: Home, partition: Partition) -> Iterator[tuple[Side, Side]]:
    """Both sources' inputs: of the extracts, then of the return; deleted at the end.

    Raises:
        InputError: the lake has one source of the month alone, or none.
    """
    check_edition(partition.month)
    both = _both(partition)
    for own in both:
        _check_there(home, own)
    with hold(home, f"{partition}/reconcile"):
        folder = home.month(partition).reconcile_work
        shutil.rmtree(folder, ignore_errors=True)
        make_private(folder)
        try:
            with ExitStack() as locks:
                for feed in FEEDS:  # none of them may switch while they are laid out
                    locks.enter_context(hold(home, f"{partition}/{feed}", wait=True))
                extract, returned = (_lay_out(home, own) for own in both)
            yield extract, returned
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def build_both(home: Home, partition: Partition) -> None:
    """Build what the comparison needs of the marts, of one source after the other.

    Raises:
        BuildError: dbt could not build one of them.
    """
    for own in _both(partition):
        build.run_dbt(_scratch(home, own), {own: 1}, marts_wanted=_MARTS)


def _both(partition: Partition) -> tuple[Partition, Partition]:
    return replace(partition, source="extract"), replace(partition, source="ssda903")


def _scratch(home: Home, partition: Partition) -> Home:
    """The data home in which a source is built for the comparison."""
    return Home(home.month(partition).reconcile_work / partition.source)


def _check_there(home: Home, partition: Partition) -> None:
    missing = [f for f in FEEDS if f not in lake.accepted_versions(home, partition)]
    if not missing:
        return
    a, m = partition.authority, partition.month
    if partition.source == "extract":
        raise InputError(
            f"the lake has no extracts of {partition}: {', '.join(missing)} missing",
            remedy=f"Load them: cpw load -a {a} -m {m}; both sources are needed to compare them",
        )
    year = year_of(m.as_at)
    raise InputError(
        f"the lake has no return for {partition}",
        remedy=f"Import it: cpw import-903 -a {a} -y {year} -m {m} PATH; both sources are needed "
        "to compare them",
    )


def _lay_out(home: Home, partition: Partition) -> Side:
    scratch = _scratch(home, partition)
    inputs = scratch.month(partition).build_inputs
    accepted = lake.accepted_feeds(home, partition)
    tables = lake.partition_files(home, partition, accepted)
    _write_valid(home, scratch, partition, accepted, tables)
    build_inputs.add(home, partition, accepted, inputs, keys=scratch)
    return Side(partition.source, inputs, scratch.month(partition).built_marts)


def _write_valid(
    home: Home,
    scratch: Home,
    partition: Partition,
    accepted: Mapping[str, int],
    tables: Mapping[str, Path],
) -> None:
    """Write the lake's rows that resolve across feeds, and which rows of whom were refused."""
    batch = Batch(
        partition,
        tables,
        previous=lake.files_before(home, partition, FEEDS),
        typed=False,
        released=releases.released_rows(home, partition.authority, tables),
    )
    rules = source_rules.rules_for(partition.source, rule_book().between_feeds())
    labels = {name: lake.source_label(partition, contract().table(name)) for name in tables}
    evaluation = open_evaluation(batch, rules.asked)
    with evaluation.connection as connection:
        refuse(evaluation)
        lake.write_inputs(scratch, partition, connection, tables)
        failures.note(evaluation, failures.Source("gate_feeds", accepted, labels, tables))
        found = failures.refused(evaluation)
    _write_refused(home, partition, accepted, scratch.month(partition).build_inputs, found)


def _write_refused(
    home: Home, partition: Partition, accepted: Mapping[str, int], inputs: Path, found: object
) -> None:
    """Write ``refused.parquet``, and ``dq_failure.parquet`` for the keys of those rows' children.

    Rows that name no child, reviews, are those of the child whose period of care they name.
    """
    kept = home.month(partition).failures
    runs = rule_results.standing_runs(home, partition, accepted)
    files = [str(path) for run in runs if (path := kept / f"{run}.parquet").exists()]
    names = ("table_name", "rule_id", "row_key", "person_id", "parent_key")
    columns = ", ".join(f"cast({name} as varchar) as {name}" for name in names)
    with connect() as connection:
        connection.register("found", found)
        connection.execute(f"create table refused as select {columns} from found")
        if files:
            connection.execute(
                f"insert into refused select {columns} from "
                f"read_parquet({files}, union_by_name = true) "
                "where is_refused and gate <> 'gate_feeds'"
            )
        connection.execute(
            "create table period as select clae_cla_id, any_value(clae_person_id) as person_id "
            f"from read_parquet('{inputs / 'ssd_cla_episodes.parquet'}') group by 1"
        )
        connection.execute(
            "create table known as select distinct table_name, rule_id, row_key, "
            "coalesce(refused.person_id, period.person_id) as person_id from refused "
            "left join period on refused.parent_key = period.clae_cla_id"
        )
        for name in ("refused", "dq_failure"):
            connection.execute(f"copy known to '{inputs / name}.parquet' (format parquet)")
