"""Every rule of the contract, on good rows and on one bad row (or pair) of its own.

All faults of a feed are put into one extract and loaded as a user would: each must be caught by its
rule, on exactly its rows, and nothing else may be refused.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cpw.contract.tables import Column, Table, contract
from cpw.core.home import Home
from cpw.core.partition import FEEDS
from cpw.pipeline import stages
from cpw.quality.rule import Rule
from cpw.quality.rule_book import rule_book
from support.own_rules import OwnRules, change_file
from support.warehouse import JUNE, Warehouse

GOOD_ROWS = 400
Cells = dict[str, str]


def good_value(table: Table, column: Column, number: int) -> str:
    if column.is_key:
        return f"{table.name}-{number}"
    if column.references:
        parent, parent_column = column.references
        parent_table = contract().table(parent)
        return good_value(parent_table, parent_table.column(parent_column), number)
    if column.name == "clae_cla_id":
        return f"period-{number}"
    if column.code_set:
        return contract().code_sets[column.code_set][0]
    if column.not_before:
        return ""
    by_type = {
        "date": f"2018-06-{number % 28 + 1:02d}",
        "timestamp": f"2018-06-{number % 28 + 1:02d} 12:00:00",
        "integer": "1",
        "number": "1.5",
        "string": f"text {number}",
    }
    return by_type[column.type]


def good_row(table: Table, number: int) -> Cells:
    return {column.name: good_value(table, column, number) for column in table.columns}


@dataclass
class Batch:
    """A table's rows, and which rows each rule must refuse."""

    table: Table
    lines: list[list[str]] = field(default_factory=list)
    expected: dict[str, list[int]] = field(default_factory=dict)
    used: int = GOOD_ROWS

    def add(self, row: Cells, extra: tuple[str, ...] = ()) -> int:
        self.lines.append([*row.values(), *extra])
        return len(self.lines) + 1

    def fresh(self, **cells: str) -> Cells:
        """A good row of a key of its own, that names the good parents of row 0."""
        self.used += 1
        row = good_row(self.table, 0)
        row[self.table.key.name] = f"{self.table.name}-{self.used}"
        if self.table.name == "ssd_cla_episodes":
            row["clae_cla_id"] = f"period-{self.used}"
        return {**row, **cells}

    def refuse(self, rule: str, *rows: int) -> None:
        self.expected[rule] = list(rows)


def bad_cell(column: Column, kind: str) -> str:
    return {
        "required": "",
        "type": "not one",
        "code": "??",
        "reference": "nowhere",
        "order": "2017-01-01" if column.type == "date" else "2017-01-01 00:00:00",
    }[kind]


def spoil(batch: Batch, rule: Rule) -> None:
    """Add the rows that break one basic rule of the contract."""
    table = batch.table
    kind = rule.id.rsplit(".", 1)[1]
    if kind == "row_shape":
        batch.refuse(rule.id, batch.add(batch.fresh(), extra=("one too many",)))
    elif kind == "repeated_row":
        batch.refuse(rule.id, batch.add(good_row(table, 1)))
    elif kind == "unique":
        other = next(
            c for c in table.columns if (not c.is_key and c.type == "string") or c.type == "date"
        )
        row = batch.fresh()
        changed = {
            **row,
            other.name: "2018-06-30" if other.type == "date" else row[other.name] + "x",
        }
        if other.code_set:
            changed[other.name] = contract().code_sets[other.code_set][1]
        if other.references:
            changed[other.name] = good_value(table, other, 2)
        batch.refuse(rule.id, batch.add(row), batch.add(changed))
    else:
        assert rule.column is not None
        cell = bad_cell(table.column(rule.column), kind)
        batch.refuse(rule.id, batch.add(batch.fresh(**{rule.column: cell})))


def spoil_person(batch: Batch) -> None:
    batch.add(batch.fresh(pers_dob="2018-08-31"))
    late = batch.add(batch.fresh(pers_dob="2018-09-01"))
    batch.refuse("ssd_person.pers_dob.not_in_future", late)


def spoil_periods(batch: Batch) -> None:
    """Period 3 is open from 4 June: one before it, one that meets it, one that overlaps."""
    start, end = "clae_cla_episode_start_date", "clae_cla_episode_ceased_date"
    person = {"clae_person_id": good_row(batch.table, 3)["clae_person_id"]}
    batch.add(batch.fresh(**person, **{start: "2018-01-01", end: "2018-06-04"}))
    later = batch.add(batch.fresh(**person, **{start: "2018-06-05", end: "2018-06-09"}))
    batch.refuse("ssd_cla_episodes.periods_overlap", later)


BY_HAND: dict[str, Callable[[Batch], None]] = {
    "ssd_person.pers_dob.not_in_future": spoil_person,
    "ssd_cla_episodes.periods_overlap": spoil_periods,
}


def refusing_rules(table: Table, *, between: bool) -> list[Rule]:
    feed_of = {t.name: t.feed for t in contract().tables}

    def is_between(rule: Rule) -> bool:
        return rule.reference is not None and feed_of[rule.reference[0]] != table.feed

    return [r for r in rule_book().of_table(table.name) if r.refuses and is_between(r) == between]


def write(home: Home, batch: Batch) -> None:
    folder = home.landing / JUNE.authority / str(JUNE.month) / batch.table.feed
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{batch.table.name}.csv").open("w", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(batch.table.column_names)
        writer.writerows(batch.lines)


def land(home: Home, feed: str, *, faults: str) -> dict[str, list[int]]:
    """Write a feed with the faults asked for; returns what must be refused, by rule."""
    expected: dict[str, list[int]] = {}
    for table in contract().feed_tables(feed):
        batch = Batch(table)
        for number in range(GOOD_ROWS):
            batch.add(good_row(table, number))
        for rule in refusing_rules(table, between=faults == "between"):
            if faults == "none":
                continue
            BY_HAND[rule.id](batch) if rule.id in BY_HAND else spoil(batch, rule)
        write(home, batch)
        expected |= batch.expected
    return expected


@pytest.fixture
def empty_warehouse(warehouse: Warehouse, own_rules: OwnRules) -> Warehouse:
    """Nothing landed yet; and only the rules that refuse rows: the rows made here tell no story."""
    shutil.rmtree(warehouse.home.landing)
    own_rules.change(_leave_the_refusing_rules)
    return warehouse


def _leave_the_refusing_rules(folder: Path) -> None:
    def leave(content: dict[str, Any]) -> None:
        content["rules"] = [rule for rule in content["rules"] if rule.get("refuses")]

    for path in folder.glob("*/*.yml"):
        change_file(path, leave)


def refused(warehouse: Warehouse) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for _, row, _, _, rule in warehouse.quarantined():
        found.setdefault(rule, []).append(row)
    return {rule: sorted(rows) for rule, rows in found.items()}


@pytest.mark.parametrize("feed", FEEDS)
def test_each_rule_refuses_its_bad_rows_and_no_others(
    empty_warehouse: Warehouse, feed: str
) -> None:
    expected = land(empty_warehouse.home, feed, faults="within")
    result = empty_warehouse.load(feed)
    assert result.exit_code == 0, result.output
    rules = [r for t in contract().feed_tables(feed) for r in refusing_rules(t, between=False)]
    assert set(expected) == {rule.id for rule in rules}
    assert refused(empty_warehouse) == expected


@pytest.mark.parametrize("feed", FEEDS)
def test_good_rows_break_no_rule(empty_warehouse: Warehouse, feed: str) -> None:
    land(empty_warehouse.home, feed, faults="none")
    assert empty_warehouse.load(feed).exit_code == 0
    assert empty_warehouse.quarantined() == []


def test_references_between_feeds(empty_warehouse: Warehouse) -> None:
    expected: dict[str, list[int]] = {}
    for feed in FEEDS:
        expected |= land(empty_warehouse.home, feed, faults="between")
        assert empty_warehouse.load(feed).exit_code == 0
    assert refused(empty_warehouse) == {}
    report = stages.gate_feeds(empty_warehouse.home, JUNE)
    assert len(expected) == 6
    assert refused(empty_warehouse) == expected
    assert report.rows_refused == len(expected)
