"""The three gates: a feed before the lake, the feeds together before the build, the marts.

Each evaluates its rules, stores the results, writes the Data Docs and, where a rule blocks, raises
with a message that names rules and rows. Rows that are not valid go to quarantine either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cpw import data_docs, lake, mart_rules, quarantine, rule_results
from cpw.contract import FEEDS, Table, contract
from cpw.engine import connect
from cpw.errors import GateBlockedError
from cpw.extract import Extract, work_folder
from cpw.home import Home, Partition
from cpw.refusals import Evaluation, evaluate
from cpw.rules import Rule, rule_book
from cpw.validation import RuleResult, Validation, validate

EXTRACT_SUFFIX = "_extract"
FEW_DATES = 20


@dataclass(frozen=True)
class GateReport:
    """What a gate let through: counts, and one safe line per refused row."""

    gate: str
    rules: int
    rows_in: int = 0
    rows_refused: int = 0
    refusals: tuple[str, ...] = field(default=(), repr=False)


def gate_extract(home: Home, partition: Partition, feed: str) -> GateReport:
    """Gate one feed's extract on its own: shape, types, keys, codes, references within the feed.

    Raises:
        GateBlockedError: a rule stops the feed; the lake keeps what it had.
    """
    folder = work_folder(home, partition, feed)
    extract = Extract.load(folder)
    if extract.unchanged:
        return GateReport("gate_extract", 0)
    tables = contract().feed_tables(feed)
    typed = {table.name: folder / "typed" / f"{table.name}.parquet" for table in tables}
    rules = _feed_rules(feed, tables)
    evaluation = evaluate(partition, typed, rules)
    with evaluation.connection:
        frames = {t.name: evaluation.outcomes(t.name) for t in tables}
        skipped = _empty_tables(rules, frames)
        frames[f"{feed}{EXTRACT_SUFFIX}"] = _extract_facts(evaluation, extract, tables)
        skipped |= _too_few_dates(feed, frames[f"{feed}{EXTRACT_SUFFIX}"])
        frames |= _valid_counts(evaluation, tables)
        validation = validate(frames, rules, evaluation.errors, skipped)
        refusals = quarantine.collect(
            evaluation,
            partition,
            gate="gate_extract",
            feed_of=dict.fromkeys(typed, feed),
            load_versions={feed: extract.load_version},
            files=extract.files,
            text={name: folder / "text" / f"{name}.parquet" for name in typed},
        )
        _conclude(home, partition, "gate_extract", validation, {feed: extract.load_version}, feed)
        quarantine.store(home, partition, f"{feed}-v{extract.load_version}", refusals)
        _stop_if_blocked(f"{feed} extract of {partition}", validation, refusals)
        lake.write_valid_rows(evaluation.connection, tables, folder / "valid")
    return _report("gate_extract", validation, sum(extract.rows.values()), refusals)


def gate_feeds(home: Home, partition: Partition) -> GateReport:
    """Gate the three feeds against each other and lay out the build's inputs.

    Raises:
        InputError: a feed of the month is not in the lake yet.
        GateBlockedError: a rule stops the month.
    """
    accepted = lake.accepted_feeds(home, partition)
    tables = lake.partition_files(home, partition, accepted)
    rules = _between_rules()
    checked = {rule.table for rule in rules if rule.table in tables}
    evaluation = evaluate(
        partition,
        {name: tables[name] for name in checked},
        rules,
        known={name: path for name, path in tables.items() if name not in checked},
    )
    with evaluation.connection:
        frames = {name: evaluation.outcomes(name) for name in sorted(checked)}
        skipped = _empty_tables(rules, frames)
        frames["whole_extract"] = _month_evidence(tables, partition)
        validation = validate(frames, rules, evaluation.errors, skipped)
        refusals = quarantine.collect(
            evaluation,
            partition,
            gate="gate_feeds",
            feed_of={t.name: t.feed for t in contract().tables},
            load_versions=accepted,
            files={name: lake.source_label(partition, contract().table(name)) for name in tables},
            text=tables,
        )
        lake.forget_build(home, partition)
        _conclude(home, partition, "gate_feeds", validation, accepted)
        quarantine.store(home, partition, "between_feeds", refusals)
        _stop_if_blocked(f"feeds of {partition}", validation, refusals)
        lake.write_inputs(home, partition, tables, evaluation.connection, checked)
        rows_in = sum(evaluation.arrived_row_count(name) for name in checked)
    return _report("gate_feeds", validation, rows_in, refusals)


def gate_marts(home: Home, partition: Partition, marts: Path) -> GateReport:
    """Gate the marts that were built, before they are published.

    Raises:
        GateBlockedError: a figure breaks a rule; the last publication stays.
    """
    rules = [rule for rule in rule_book().rules if _is_mart(rule.table)]
    with connect(marts, read_only=True) as connection:
        mart_rules.attach_reference(connection)
        frames, errors = mart_rules.evaluate(connection, partition, rules)
    validation = validate(frames, rules, errors, _empty_tables(rules, frames))
    _conclude(home, partition, "gate_marts", validation, lake.accepted_feeds(home, partition))
    if validation.blocking:
        lake.forget_build(home, partition)  # so that no later stage can publish it
    _stop_if_blocked(f"marts of {partition}", validation, None)
    return _report("gate_marts", validation, sum(len(f) for f in frames.values()), None)


def _feed_rules(feed: str, tables: Iterable[Table]) -> list[Rule]:
    names = {table.name for table in tables} | {f"{feed}{EXTRACT_SUFFIX}"}
    return [
        rule
        for rule in rule_book().rules
        if rule.table in names and (rule.reference is None or rule.reference[0] in names)
    ]


def _between_rules() -> list[Rule]:
    feed_of = {table.name: table.feed for table in contract().tables}
    return [
        rule
        for rule in rule_book().rules
        if (rule.reference is not None and feed_of[rule.table] != feed_of[rule.reference[0]])
        or rule.table == "whole_extract"
    ]


def _is_mart(table: str) -> bool:
    names = {t.name for t in contract().tables} | {f"{f}{EXTRACT_SUFFIX}" for f in FEEDS}
    return table not in names | {"whole_extract"}


def _empty_tables(rules: Iterable[Rule], frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Row rules of a table without rows have nothing to check, which is no failure."""
    return {
        rule.id: "the table has no rows"
        for rule in rules
        if rule.expectation is None and rule.table in frames and frames[rule.table].empty
    }


def _valid_counts(evaluation: Evaluation, tables: Iterable[Table]) -> dict[str, pd.DataFrame]:
    """Per table a frame that is as long as the table has valid rows, and holds nothing."""
    return {
        f"valid.{table.name}": pd.DataFrame(index=range(evaluation.valid_row_count(table.name)))
        for table in tables
    }


def _extract_facts(
    evaluation: Evaluation, extract: Extract, tables: Iterable[Table]
) -> pd.DataFrame:
    """One row of facts on a whole extract: dates, dates in the month, rows unaccounted for."""
    found = evaluation.connection.execute(
        f"select count(*), count(*) filter (day between getvariable('month_start') "
        f"and getvariable('as_at')) from ({_dates(tables, 'arrived.{}')})"
    ).fetchone()
    dates, in_month = found or (0, 0)
    refused = evaluation.connection.execute(
        "select count(*) from (select distinct table_name, source_row from refused)"
    ).fetchone()
    left = sum(evaluation.valid_row_count(table.name) for table in tables)
    lost = sum(extract.rows.values()) - left - (refused[0] if refused else 0)
    return pd.DataFrame(
        [{"dates": dates, "dates_in_month": in_month, "rows_unaccounted_for": lost}]
    )


def _dates(tables: Iterable[Table], source: str) -> str:
    parts = [
        f'select cast("{column.name}" as date) as day from {source.format(table.name)} '
        f'where "{column.name}" is not null'
        for table in tables
        for column in table.columns
        if column.shows_month
    ]
    return " union all ".join(parts)


def _too_few_dates(feed: str, facts: pd.DataFrame) -> dict[str, str]:
    dates = int(facts["dates"].iloc[0])
    if dates >= FEW_DATES:
        return {}
    return {f"{feed}.shows_month": f"{dates} dates are too few to tell; the whole extract is asked"}


def _month_evidence(tables: Mapping[str, Path], partition: Partition) -> pd.DataFrame:
    with connect() as connection:
        for name, path in tables.items():
            connection.execute(f"create view {name} as from read_parquet('{path}')")
        found = connection.execute(
            f"select count(*), count(*) filter (day between ? and ?) "
            f"from ({_dates(contract().tables, '{}')})",
            [partition.month.first_day, partition.month.as_at],
        ).fetchone()
    dates, in_month = found or (0, 0)
    return pd.DataFrame([{"dates": dates, "dates_in_month": in_month}])


def _conclude(
    home: Home,
    partition: Partition,
    gate: str,
    validation: Validation,
    load_versions: Mapping[str, int],
    feed: str | None = None,
) -> None:
    rule_results.store(
        home, partition, gate, validation, feed=feed, load_versions=dict(load_versions)
    )
    name = f"{gate}-{feed}" if feed else gate
    data_docs.write_page(home, partition, name, validation)


def _stop_if_blocked(what: str, validation: Validation, refusals: pd.DataFrame | None) -> None:
    if not validation.blocking:
        return
    lines = [f"The {what} is stopped by {len(validation.blocking)} rule(s); nothing was published."]
    for result in validation.blocking:
        lines.append(_describe_block(result))
        if refusals is not None:
            mine = refusals[refusals["rule_id"] == result.rule_id]
            lines += [f"    {line}" for line in quarantine.describe(mine, limit=5)]
    raise GateBlockedError("\n".join(lines))


def _describe_block(result: RuleResult) -> str:
    if result.outcome == "errored":
        return (
            f"  {result.rule_id} errored: {result.reason}. The rule is broken, not the data: "
            "mend it in expectations/"
        )
    if result.outcome == "not_run":
        return f"  {result.rule_id} was not run, and no reason is known"
    share = f"{result.rows_failed} of {result.rows_checked} failed"
    if result.severity == "major":
        share += f", {result.tolerated:g} are tolerated"
    return f"  {result.rule_id} ({result.severity}, {share}): {result.description}. {result.remedy}"


def _report(
    gate: str, validation: Validation, rows_in: int, refusals: pd.DataFrame | None
) -> GateReport:
    if refusals is None:
        return GateReport(gate, len(validation.results), rows_in)
    refused = sum(quarantine.rows_refused(refusals).values())
    return GateReport(
        gate, len(validation.results), rows_in, refused, tuple(quarantine.describe(refusals))
    )
