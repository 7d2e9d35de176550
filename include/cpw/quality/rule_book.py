"""The rules of the gates: what each checks, how severe it is, who corrects it, what it protects.

The basic rules of a table (shape, types, keys, code sets, references, order of dates) are derived
from the contract of the extract or the return (:mod:`cpw.quality.contract_rules`). All others, and
every threshold, are in ``expectations/``: one YAML file for each table, and ``_defaults.yml`` with
the values for everything that a rule leaves out.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cpw.contract import return_modules as ssda903
from cpw.contract.tables import Contract, contract
from cpw.core.paths import EXPECTATIONS, read_yaml, seed_file
from cpw.quality.contract_rules import basic_rules
from cpw.quality.rule import EXTRACT_SUFFIX, Rule, Tolerance, feeds_of

_LEFT_OPEN = re.compile(r"\{[a-z]\w*\}")


@dataclass(frozen=True)
class RuleBook:
    """All rules, read from the contract and from a folder of expectations."""

    rules: tuple[Rule, ...]
    version: str

    def of_table(self, table: str) -> tuple[Rule, ...]:
        """The rules of one table (or mart)."""
        return tuple(rule for rule in self.rules if rule.table == table)

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id."""
        return next(rule for rule in self.rules if rule.id == rule_id)

    def of_feed(self, feed: str) -> tuple[Rule, ...]:
        """The rules that need this feed alone."""
        return tuple(rule for rule in self.rules if feeds_of(rule) == {feed})

    def between_feeds(self) -> tuple[Rule, ...]:
        """The rules that need several feeds."""
        return tuple(rule for rule in self.rules if len(feeds_of(rule)) > 1)

    def of_marts(self) -> tuple[Rule, ...]:
        """The rules on what was built."""
        return tuple(rule for rule in self.rules if not feeds_of(rule))


def read_rules(folder: Path = EXPECTATIONS, tables: Contract | None = None) -> RuleBook:
    """Read the rule book: the basic rules of every table and module, then those of its file.

    Raises:
        ValueError: two rules share an id, or a rule uses a threshold that it does not define.
    """
    known = tables or contract()
    defaults = _read(folder / "_defaults.yml")
    files = {path.stem: _read(path) for path in sorted(folder.glob("*/*.yml"))}
    rules: list[Rule] = []
    of_return = defaults | defaults.get(ssda903.FEED, {})
    for tables_of, common in ((known, defaults), (ssda903.return_contract(), of_return)):
        for table in tables_of.tables:
            own = files.pop(table.name, {})
            owner = own.get("owner", common["owner"])
            rules += basic_rules(table, tables_of, owner, Tolerance(**common["tolerance"]))
            rules += _written_rules(table.name, own, common)
    of_feeds = _read(folder / "_feeds.yml").get("rules", [])
    for name, content in files.items():
        content["rules"] = [*_feed_rules(name, content, of_feeds), *(content.get("rules") or [])]
        rules += _written_rules(name, content, defaults)
    _check_ids(rules)
    return RuleBook(tuple(rules), _version(folder))


def _read(path: Path) -> dict[str, Any]:
    content = read_yaml(path)
    return content if isinstance(content, dict) else {}


def _feed_rules(
    name: str, content: Mapping[str, Any], of_feeds: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rules that every feed answers, with what the feed's own file has for each of them."""
    feed = name.removesuffix(EXTRACT_SUFFIX)
    own: Mapping[str, Any] = content.get("of_the_feed", {})
    if unknown := set(own) - {entry["id"] for entry in of_feeds}:
        raise ValueError(
            f"{name} names {', '.join(sorted(unknown))}, which _feeds.yml does not have"
        )
    found = []
    for entry in of_feeds:
        if entry["id"] not in own:
            continue
        facts = {**entry, **own[entry["id"]], "id": f"{feed}.{entry['id']}"}
        tables = facts.pop("tables", [])
        texts = {
            "feed": feed,
            "dates": facts.pop("dates", ""),
            "tables": ", ".join(f"'{table}'" for table in tables),
            "row_counts": "\nunion all\n".join(map(_row_counts, tables)),
        }
        for part in ("description", "rows"):
            for placeholder, text in texts.items():
                facts[part] = facts[part].replace(f"{{{placeholder}}}", text)
        facts["thresholds"] = {**entry.get("thresholds", {}), **facts.get("thresholds", {})}
        found.append(facts)
    return found


def _row_counts(table: str) -> str:
    return (
        f"select '{table}' as table_name, "
        f"(select count(*) from valid.{table}) as rows_now, "
        f"(select count(*) from previous.{table}) as rows_before"
    )


def _written_rules(table: str, content: dict[str, Any], defaults: dict[str, Any]) -> list[Rule]:
    rules = []
    for entry in content.get("rules") or []:
        facts = dict(entry)
        tolerance = {**defaults["tolerance"], **facts.pop("tolerance", {})}
        thresholds = {**defaults.get("thresholds", {}), **facts.pop("thresholds", {})}
        if "protects" in facts:
            facts["protects"] = tuple(facts["protects"])
        facts.setdefault("owner", content.get("owner", defaults["owner"]))
        facts.setdefault("rows", content.get("rows"))
        for name in ("rows", "failing_rows", "fails_when", "asked_of", "description", "remedy"):
            if facts.get(name):
                facts[name] = _filled(str(facts[name]), thresholds, facts["id"])
        rules.append(
            Rule(
                table=table,
                tolerance=Tolerance(**tolerance),
                thresholds=thresholds,
                **facts,
            )
        )
    return rules


def _filled(text: str, thresholds: dict[str, float], rule: str) -> str:
    for name, value in thresholds.items():
        text = text.replace(f"{{{name}}}", str(value))
    if left := _LEFT_OPEN.search(text):
        raise ValueError(f"{rule} uses the threshold {left.group()} but does not define it")
    return text


def _check_ids(rules: Iterable[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ValueError(f"two rules share the id {rule.id}")
        seen.add(rule.id)


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    contract_seeds = [
        seed_file(name)
        for name in ("extract_contract", "contract_tables", "code_sets", *ssda903.SEED_NAMES)
    ]
    for path in [*contract_seeds, *sorted(folder.rglob("*.yml"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def rule_book() -> RuleBook:
    """The rules in force: those of the folder ``$CPW_EXPECTATIONS``, by default the project's."""
    return _read_once(Path(os.environ.get("CPW_EXPECTATIONS") or EXPECTATIONS))


@cache
def _read_once(folder: Path) -> RuleBook:
    return read_rules(folder)
