"""The rule book in ``expectations/``: what each rule says, and that no table is left out."""

from __future__ import annotations

from cpw.contract.tables import contract
from cpw.quality.rule import DIMENSIONS, SEVERITIES
from cpw.quality.rule_book import EXPECTATIONS, read_rules


def test_every_rule_says_what_a_lead_needs() -> None:
    book = read_rules()
    assert len({rule.id for rule in book.rules}) == len(book.rules) > 250
    for rule in book.rules:
        assert rule.description, rule.id
        assert rule.remedy, rule.id
        assert rule.owner, rule.id
        assert rule.severity in SEVERITIES, rule.id
        assert rule.dimension in DIMENSIONS, rule.id


def test_every_table_has_its_file_of_expectations() -> None:
    files = {path.stem for path in EXPECTATIONS.glob("*/*.yml")}
    assert {table.name for table in contract().tables} <= files
