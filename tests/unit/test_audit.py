"""The audit: lines are only added, and a process reads each of them once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cpw.core import audit
from cpw.core.home import Home
from cpw.core.partition import Partition
from support.warehouse import JUNE

MAY = Partition.of("886", "2018-05")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def _numbers(home: Home, partition: Partition | None = None) -> list[int]:
    return [event["number"] for event in audit.events(home, partition)]


def test_events_are_found_by_month_kind_and_fact(home: Home) -> None:
    audit.record(home, "gate", JUNE, number=1, feed="health")
    audit.record(home, "gate", MAY, number=2, feed="health")
    audit.record(home, "published", JUNE, number=3)
    assert _numbers(home) == [1, 2, 3]
    assert _numbers(home, JUNE) == [1, 3]
    assert [e["number"] for e in audit.events(home, event="gate", feed="health")] == [1, 2]
    newest = audit.latest(home, JUNE, "gate")
    assert newest is not None
    assert newest["number"] == 1
    assert audit.latest(home, MAY, "published") is None


def test_what_another_process_adds_is_seen_at_the_next_look(home: Home) -> None:
    audit.record(home, "gate", JUNE, number=1)
    assert _numbers(home) == [1]
    line = json.loads(home.audit_log.read_text())
    with home.audit_log.open("a") as handle:
        handle.write(json.dumps({**line, "number": 2}) + "\n")
    assert _numbers(home) == [1, 2]
    assert _numbers(home, JUNE) == [1, 2]


@pytest.mark.parametrize(
    ("spoil", "left"),
    [
        (lambda text: text.replace('"number": 3', '"number": 7'), [1, 2, 7]),
        (lambda text: "".join(text.splitlines(keepends=True)[:1]), [1]),
        (lambda text: text + text, [1, 2, 3, 1, 2, 3]),
        (lambda text: text + '{"number": 4, "ev', [1, 2, 3]),
    ],
    ids=["another file of that length", "a shorter file", "more lines", "half a line"],
)
def test_a_file_that_is_put_in_its_place_is_read(
    home: Home, spoil: Callable[[str], str], left: list[int]
) -> None:
    for number in (1, 2, 3):
        audit.record(home, "gate", JUNE, number=number)
    assert _numbers(home) == [1, 2, 3]
    home.audit_log.write_text(spoil(home.audit_log.read_text()))
    assert _numbers(home) == left
