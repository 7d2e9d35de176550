"""The three gates: each feed before the lake, the feeds together before the build, the marts.

Each gate runs its rules, stores the results and the failing rows, and writes the Data Docs. If a
rule blocks, it raises an error that names rules and rows. Rows that are not valid go to quarantine
in either case.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pandas as pd

from cpw.contract.tables import contract
from cpw.core import audit
from cpw.core.database import connect
from cpw.core.errors import GateBlockedError, fault_of
from cpw.core.home import Home
from cpw.core.partition import FEEDS, Partition
from cpw.ingest.extract import Extract, files_sent_before
from cpw.quality import (
    acceptances,
    data_docs,
    failures,
    mart_rules,
    quarantine,
    releases,
    rule_results,
)
from cpw.quality import (
    report as quality_report,
)
from cpw.quality.evaluation import (
    Batch,
    Evaluation,
    ask,
    note_dates,
    note_files,
    note_rows,
    open_evaluation,
    refuse,
)
from cpw.quality.failures import Source
from cpw.quality.rule_book import rule_book
from cpw.quality.source_rules import SourceRules, rules_for
from cpw.quality.validation import RuleResult, Validation, validate
from cpw.warehouse import lake, quality_inputs
from cpw.warehouse.return_coverage import coverage


@dataclass(frozen=True)
class GateReport:
    """The counts of a gate, and one line per refused row that is safe for a log."""

    gate: str
    rules: int
    rows_in: int = 0
    rows_refused: int = 0
    refusals: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Run:
    """One run of a gate: its time, its load versions, and its name in files.

    ``feed`` is the feed's name in results, which depends on the source too.
    """

    gate: str
    load_versions: Mapping[str, int]
    feed: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def page(self) -> str:
        """The gate, and its feed if it has one."""
        return f"{self.gate}-{self.feed}" if self.feed else self.gate

    @property
    def name(self) -> str:
        """The run's name in file names; names sort by time."""
        return f"{self.at:%Y%m%dT%H%M%S%f}-{self.page}"


def gate_extract(home: Home, partition: Partition, feed: str) -> GateReport:
    """Gate one feed's extract on its own: shape, types, keys, codes, references within the feed.

    Raises:
        GateBlockedError: a rule stops the feed; the lake is unchanged.
    """
    folder = home.month(partition).feed_work(feed)
    extract = Extract.load(folder)
    if extract.unchanged:
        return GateReport("gate_extract", 0)
    label = str(partition.feed_label(feed))
    run = Run("gate_extract", {feed: extract.load_version}, label)
    tables = contract().feed_tables(feed)
    text = {table.name: folder / "text" / f"{table.name}.parquet" for table in tables}
    batch = Batch(
        partition,
        {table.name: folder / "typed" / f"{table.name}.parquet" for table in tables},
        previous=lake.files_before(home, partition, [feed]),
        released=releases.released_rows(home, partition.authority, text),
    )
    rules = rules_for(partition.source, rule_book().of_feed(feed), extract.not_given)
    evaluation = open_evaluation(batch, rules.asked)
    with evaluation.connection:
        refuse(evaluation)
        written = lake.write_valid_rows(evaluation.connection, tables, folder / "valid")
        note_rows(evaluation, extract.rows, written)
        note_dates(evaluation)
        note_files(evaluation, extract.rows, files_sent_before(home, partition, feed))
        ask(evaluation)
        failures.note(evaluation, Source(run.gate, run.load_versions, extract.files, text))
        _leave_out(evaluation, rules)
        validation, refusals = conclude(home, run, evaluation)
        name = f"{label}-v{extract.load_version}"
        quarantine.store(home, partition, name, refusals, stopped=bool(validation.blocking))
        if validation.blocking:
            shutil.rmtree(folder / "valid")
        stop_if_blocked(f"{label} extract of {partition}", validation, evaluation)
    return report_of(run.gate, validation, sum(extract.rows.values()), refusals)


def gate_feeds(home: Home, partition: Partition, accepted: Mapping[str, int]) -> GateReport:
    """Gate the three feeds against each other and write the build's inputs.

    Args:
        home: the data home.
        partition: authority, month and source.
        accepted: the load version of each feed that counts.

    Raises:
        GateBlockedError: a rule stops the month.
    """
    run = Run("gate_feeds", accepted, partition.feed_label(None))
    tables = lake.partition_files(home, partition, run.load_versions)
    batch = Batch(
        partition,
        tables,
        previous=lake.files_before(home, partition, FEEDS),
        typed=False,
        released=releases.released_rows(home, partition.authority, tables),
    )
    labels = {name: lake.source_label(partition, contract().table(name)) for name in tables}
    covered = coverage(home, partition, accepted)
    not_given = covered.not_given(partition.month) if covered else {}
    rules = rules_for(partition.source, rule_book().between_feeds(), not_given)
    evaluation = open_evaluation(batch, rules.asked)
    with evaluation.connection:
        refuse(evaluation)
        inputs = lake.write_inputs(home, partition, evaluation.connection, tables)
        read = {name: evaluation.row_count(f"arrived.{name}") for name in tables}
        note_rows(evaluation, read, inputs)
        note_dates(evaluation)
        ask(evaluation)
        failures.note(evaluation, Source(run.gate, run.load_versions, labels, tables))
        _leave_out(evaluation, rules)
        validation, refusals = conclude(home, run, evaluation)
        quarantine.store(
            home,
            partition,
            quarantine.between_feeds(partition),
            refusals,
            stopped=bool(validation.blocking),
        )
        if validation.blocking:
            lake.forget_build(home, partition)
        stop_if_blocked(f"feeds of {partition}", validation, evaluation)
    return report_of(run.gate, validation, sum(read.values()), refusals)


def gate_marts(home: Home, partition: Partition, built_from: Mapping[str, int]) -> GateReport:
    """Gate the marts that were built, before they are published.

    Args:
        home: the data home.
        partition: authority, month and source.
        built_from: the load version of each feed that the marts were built from.

    Raises:
        GateBlockedError: a figure breaks a rule; the last publication is unchanged.
    """
    marts = home.month(partition).built_marts
    run = Run("gate_marts", built_from, partition.feed_label(None))
    rules = rule_book().of_marts()
    with connect(marts, read_only=True) as connection:
        mart_rules.attach_reference(connection, partition)
        found = mart_rules.evaluate(connection, rules)
    validation = validate(rules, found, accepted=acceptances.of_partition(home, partition))
    _write(home, partition, run, validation)
    if validation.blocking:
        lake.forget_build(home, partition)  # no later stage can publish it
    else:
        quality_inputs.add_results(marts, home.month(partition).rule_results, run.name)
    stop_if_blocked(f"marts of {partition}", validation, None)
    asked = sum(tally.checked for tally in found.tallies.values())
    return report_of(run.gate, validation, asked, None)


def _leave_out(evaluation: Evaluation, rules: SourceRules) -> None:
    """Record the rules that do not apply to the source as not run."""
    evaluation.rules = rules.rules
    evaluation.not_run.update(rules.left_out)


def conclude(home: Home, run: Run, evaluation: Evaluation) -> tuple[Validation, pd.DataFrame]:
    """Validate the outcomes and store them; returns the results and the refused rows."""
    validation = validate(
        evaluation.rules,
        evaluation,
        evaluation.rows_by_rule("refused"),
        acceptances.of_partition(home, evaluation.batch.partition),
    )
    failures.store(home, evaluation, run.name, run.at)
    _write(home, evaluation.batch.partition, run, validation)
    return validation, failures.refused(evaluation)


def _write(home: Home, partition: Partition, run: Run, validation: Validation) -> None:
    rule_results.store(
        home,
        partition,
        run.gate,
        validation,
        run=run.name,
        run_at=run.at,
        feed=run.feed,
        load_versions=dict(run.load_versions),
    )
    try:
        data_docs.write_page(home, partition, run.page, run.name, validation)
        quality_report.write(home, partition)
    except Exception as error:  # the verdict is stored; a page that fails must not change it
        audit.record(home, "page_failed", partition, run=run.name, fault=fault_of(error))


def stop_if_blocked(what: str, validation: Validation, evaluation: Evaluation | None) -> None:
    """Raise an error that names rules and rows, if a rule blocks.

    Raises:
        GateBlockedError: a rule blocks.
    """
    if not validation.blocking:
        return
    lines = [f"The {what} is stopped by {len(validation.blocking)} rule(s); nothing was published."]
    for result in validation.blocking:
        lines.append(_describe_block(result))
        if evaluation is not None and result.outcome == "fail":
            rows = failures.rows_of(evaluation, result.rule_id)
            if rows.empty:  # a rule on the whole table: its refused rows are the cause
                refusals = failures.refused(evaluation)
                rows = refusals[refusals["table_name"] == result.table]
            lines += [f"    {line}" for line in quarantine.describe(rows, limit=5)]
    raise GateBlockedError("\n".join(lines))


def _describe_block(result: RuleResult) -> str:
    if result.outcome == "errored":
        return (
            f"  {result.rule_id} errored: {result.reason}. The rule is broken, not the data: "
            "correct it in expectations/"
        )
    if result.outcome == "not_run":
        return f"  {result.rule_id} did not run, and there is no reason for it"
    share = f"{result.rows_failed} of {result.rows_checked} failed"
    if result.severity == "major":
        share += f", {result.tolerated:g} are tolerated"
    found = f" Found {result.reason}." if result.reason else ""
    what = f"{result.description}.{found} {result.remedy}"
    return f"  {result.rule_id} ({result.severity}, {share}): {what}"


def report_of(
    gate: str, validation: Validation, rows_in: int, refusals: pd.DataFrame | None
) -> GateReport:
    """The report of a gate, from its validation and its refusals."""
    if refusals is None:
        return GateReport(gate, len(validation.results), rows_in)
    refused = sum(quarantine.rows_refused(refusals).values())
    return GateReport(
        gate, len(validation.results), rows_in, refused, tuple(quarantine.describe(refusals))
    )
