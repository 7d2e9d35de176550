"""The gate of one return, which checks its rows before they become the contract's tables."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from cpw.contract.collection_year import first_day, label, last_day
from cpw.contract.return_modules import FEED, modules
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.ingest.returns.reading import ReturnRead
from cpw.pipeline import gates
from cpw.quality import failures, quarantine, releases
from cpw.quality.evaluation import Batch, ask, note_rows, open_evaluation, refuse
from cpw.quality.failures import Source
from cpw.quality.rule_book import rule_book
from cpw.warehouse import lake

GATE = "gate_return"


def days_of(year: int, before: int | None = None) -> dict[str, date]:
    """The days of a collection year under the names that rules use.

    They are its first and its last day, and the last day of the year of the return before it.
    """
    days = {"year_start": first_day(year), "year_end": last_day(year)}
    return days | ({"before_end": last_day(before)} if before else {})


def gate_return(
    home: Home,
    partition: Partition,
    read: ReturnRead,
    folder: Path,
    version: int,
    before: tuple[int, Path] | None = None,
) -> gates.GateReport:
    """Gate one return and write its valid rows to ``folder/valid/<module>.parquet``.

    Args:
        home: the data home.
        partition: the authority and month that the return is imported for.
        read: the facts about the return that was read.
        folder: the folder with its files in ``text/`` and ``typed/``.
        version: the load version.
        before: the year of the previous return and its valid rows, if it is imported too.

    Raises:
        GateBlockedError: too few rows of the return are valid, or a rule errors.
    """
    feed = label(read.year)
    run = gates.Run(GATE, {feed: version}, feed)
    text = {name: folder / "text" / f"{name}.parquet" for name in modules()}
    batch = Batch(
        partition,
        {name: folder / "typed" / f"{name}.parquet" for name in modules()},
        previous={name: before[1] / f"{name}.parquet" for name in modules()} if before else {},
        no_previous="the return of the year before was not given",
        released=releases.released_rows(home, partition.authority, text),
        days=days_of(read.year, before[0] if before else None),
    )
    evaluation = open_evaluation(batch, rule_book().of_feed(FEED))
    with evaluation.connection:
        refuse(evaluation)
        written = lake.write_valid_rows(evaluation.connection, modules().values(), folder / "valid")
        note_rows(evaluation, read.rows, written)
        ask(evaluation)
        failures.note(evaluation, Source(run.gate, run.load_versions, read.files, text, feed))
        validation, refusals = gates.conclude(home, run, evaluation)
        quarantine.store(
            home, partition, f"{feed}-v{version}", refusals, stopped=bool(validation.blocking)
        )
        if validation.blocking:
            shutil.rmtree(folder / "valid")
        gates.stop_if_blocked(f"return of {read.year} of {partition}", validation, evaluation)
    return gates.report_of(run.gate, validation, sum(read.rows.values()), refusals)
