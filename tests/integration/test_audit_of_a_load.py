"""A load reads the audit it adds to, however long, once."""

from __future__ import annotations

import json

import pytest

from cpw.core import audit
from cpw.core.partition import Partition
from support.warehouse import Warehouse

MAY = Partition.of("886", "2018-05")


def test_a_load_reads_a_line_of_a_long_audit_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(500):
        audit.record(warehouse.home, "gate", MAY, number=number, marker="of another month")
    read = []
    loads = json.loads

    def counting(text: str, **options: object) -> object:
        if "of another month" in text:
            read.append(text)
        return loads(text, **options)

    monkeypatch.setattr(json, "loads", counting)
    assert warehouse.load().exit_code == 0
    assert len(read) == len(set(read)) == 500
