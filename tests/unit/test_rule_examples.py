"""Every rule written in ``expectations/`` holds on its good batch and fails on its bad one.

The batches are in ``rule_examples/``, a file a table: rows as they would be read, cells left out
are empty, and which of them fail. They are asked through the code of the gates. The rules that
follow from the contract have their bad rows in ``test_rules.py``, those of the marts in
``test_mart_gates.py``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cpw.contract.return_modules import known_table, modules
from cpw.contract.tables import contract
from cpw.core.paths import read_yaml
from cpw.pipeline.gate_return import days_of
from cpw.quality.evaluation import Batch, Evaluation, ask, note_dates, open_evaluation, refuse
from cpw.quality.rule import EXTRACT_SUFFIX, Rule
from cpw.quality.rule_book import EXPECTATIONS, rule_book
from support.folders import RULE_EXAMPLES
from support.parquet_files import write_parquet
from support.warehouse import JUNE

FIRST_ROW = 2


@cache
def examples() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(RULE_EXAMPLES.glob("*.yml")):
        found |= read_yaml(path)
    return found


def written_rules() -> list[Rule]:
    """The rules of the extracts that are written in a file, not derived from the contract."""
    files = {
        path.stem: read_yaml(path)
        for path in EXPECTATIONS.glob("*/*.yml")
        if path.parent.name != "marts"
    }
    ids = {entry["id"] for content in files.values() for entry in content["rules"]}
    ids |= {
        f"{name.removesuffix(EXTRACT_SUFFIX)}.{rule}"
        for name, content in files.items()
        for rule in content.get("of_the_feed", {})
    }
    return [rule for rule in rule_book().rules if rule.id in ids]


def parquet(folder: Path, table: str, rows: list[dict[str, Any]]) -> Path:
    """Rows as the reader leaves them: typed, numbered, every cell readable."""
    columns = known_table(table).columns
    reasons = dict.fromkeys((f"{column.name}__unreadable" for column in columns), "varchar")
    return write_parquet(
        folder / f"{table}.parquet",
        {
            **{"source_row": "integer", "_ragged": "integer"},
            **{column.name: column.sql_type for column in columns},
            **reasons,
        },
        [
            {"source_row": number, **{name: _text(row[name]) for name in row}}
            for number, row in enumerate(rows, FIRST_ROW)
        ],
    )


def _text(cell: Any) -> str | None:
    return None if cell is None else str(cell)


def evaluate(tmp_path: Path, rule: Rule, batch: dict[str, Any]) -> Evaluation:
    tables = {name: rows or [] for name, rows in batch.items() if name not in ("previous", "facts")}
    read = {*(t.name for t in contract().tables), *modules()} & rule.tables_read
    before = batch.get("previous") or {}
    evaluation = open_evaluation(
        Batch(
            JUNE,
            {
                t: parquet(tmp_path / "now", t, tables.get(t, []))
                for t in sorted(read | set(tables))
            },
            previous={t: parquet(tmp_path / "before", t, before.get(t, [])) for t in sorted(read)}
            if rule.reads_previous
            else {},
            days=days_of(2018),
        ),
        [rule],
    )
    refuse(evaluation)
    note_dates(evaluation)
    for row in (batch.get("facts") or {}).get("rows", []):
        evaluation.connection.execute("insert into facts.rows values (?, ?, ?, ?)", list(row))
    for row in (batch.get("facts") or {}).get("files", []):
        evaluation.connection.execute("insert into facts.files values (?, ?, ?)", list(row))
    ask(evaluation)
    return evaluation


def failing(evaluation: Evaluation, rule: Rule) -> Any:
    """What fails: rows, else the ids of what the rule is asked of, else how many."""
    found = evaluation.connection.execute(
        "select source_row, row_key, person_id from failed where rule_id = ? order by all",
        [rule.id],
    ).fetchall()
    if all(row is not None for row, _, _ in found):
        return [row for row, _, _ in found]
    if all(key or person for _, key, person in found):
        return sorted(str(key or person) for _, key, person in found)
    return len(found)


def test_every_written_rule_has_its_examples() -> None:
    assert {rule.id for rule in written_rules()} == set(examples())


@pytest.mark.parametrize("rule", written_rules(), ids=lambda rule: rule.id)
def test_a_rule_holds_on_good_rows_and_fails_on_its_bad_rows(tmp_path: Path, rule: Rule) -> None:
    example = examples()[rule.id]
    with (good := evaluate(tmp_path / "good", rule, example["good"])).connection:
        assert good.errors == {}
        assert good.not_run == {}, "the good batch has nothing that the rule applies to"
        assert failing(good, rule) == []
    with (bad := evaluate(tmp_path / "bad", rule, example["bad"])).connection:
        assert bad.errors == {}
        expected = example["fails"]
        if isinstance(expected, list) and expected and isinstance(expected[0], str):
            expected = sorted(expected)
        assert failing(bad, rule) == expected
        assert expected, "the bad batch must fail"
