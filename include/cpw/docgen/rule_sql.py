"""Write the SQL that is in YAML as SQL files, so that sqlfluff can read it.

``python -m cpw.docgen.rule_sql FOLDER`` writes a file for each file of ``expectations/``, with the
SQL of the rules in it, and a file for each page of the topics. Comments above a statement name the
rules or the tables that have it. Thresholds have their values, and a condition becomes a query of
the rows that meet it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cpw.core.paths import EXPECTATIONS, read_yaml
from cpw.quality.rule import EXTRACT_SUFFIX, Rule
from cpw.quality.rule_book import RuleBook, read_rules

TOPICS = Path(__file__).parents[1] / "reports" / "month" / "topics.yml"


def main() -> None:
    """Write the files into the folder that the command line names."""
    folder = Path(sys.argv[1])
    written = {*write_rule_sql(folder), *write_topic_sql(folder / "topics")}
    for file in folder.rglob("*.sql"):
        if file not in written:
            file.unlink()


def write_rule_sql(folder: Path, expectations: Path = EXPECTATIONS) -> Iterator[Path]:
    """Write ``<feed>/<table>.sql`` for each file of rules that has SQL; yields the files."""
    book = read_rules(expectations)
    for file in sorted(expectations.glob("*/*.yml")):
        target = folder / file.parent.name / f"{file.stem}.sql"
        yield from _write(target, _of_rules(book, file))


def write_topic_sql(folder: Path) -> Iterator[Path]:
    """Write ``<page>.sql`` for each page of topics; yields the files."""
    for page in read_yaml(TOPICS):
        queries = ((one["id"], one["query"].replace("$here", "true")) for one in page["tables"])
        yield from _write(folder / f"{page['id']}.sql", queries)


def _write(target: Path, statements: Iterable[tuple[str, str]]) -> Iterator[Path]:
    """Write statements by their name, each once under the names of all that have it."""
    names: dict[str, str] = defaultdict(str)
    for name, sql in statements:
        names[sql.strip()] += f"-- {name}\n"
    if names:
        target.parent.mkdir(parents=True, exist_ok=True)
        texts = (f"{above}{sql};\n" for sql, above in names.items())
        text = "\n".join(texts)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")  # else it keeps its time: nothing to lint
        yield target


def _of_rules(book: RuleBook, file: Path) -> Iterator[tuple[str, str]]:
    """Which rule and key each statement of a file is of, and the statement."""
    content = read_yaml(file) or {}
    ids = _ids(content, file.stem)
    for rule in book.of_table(file.stem):
        if rule.id in ids:
            for key, sql in _statements(rule):
                yield f"{rule.id}: {key}", sql


def _ids(content: dict[str, Any], table: str) -> set[str]:
    """The ids of the rules that a file has itself; other rules follow from the contract."""
    feed = table.removesuffix(EXTRACT_SUFFIX)
    of_the_feed = {f"{feed}.{rule}" for rule in content.get("of_the_feed") or {}}
    return of_the_feed | {rule["id"] for rule in content.get("rules") or []}


def _statements(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.rows:
        yield "rows", rule.rows
    if rule.failing_rows:
        yield "failing_rows", rule.failing_rows
    if rule.fails_when:
        yield "fails_when", _rows_that_meet(rule.fails_when, rule)
    if rule.asked_of:
        is_query = rule.asked_of.lower().startswith("select")
        yield "asked_of", rule.asked_of if is_query else _rows_that_meet(rule.asked_of, rule)


def _rows_that_meet(condition: str, rule: Rule) -> str:
    return f"select *\nfrom {rule.table}\nwhere\n    {condition.strip()}"


if __name__ == "__main__":
    main()
