"""Which KPIs read which tables and columns of the contract, from the models' own SQL.

A KPI reads a table if its model depends on the table's staging model, and a column if a model
between the two names it. A model may name a column for another purpose than this KPI, so the result
has too many KPIs rather than too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from cpw.contract.return_modules import modules
from cpw.contract.tables import contract
from cpw.core.paths import DBT_PROJECT, seed_rows
from cpw.quality.rule import Rule, feeds_of

MODELS = DBT_PROJECT / "models"
_REF = re.compile(r"ref\(\s*'(\w+)'\s*\)")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class _Model:
    parents: frozenset[str]
    words: frozenset[str]


@cache
def _models() -> dict[str, _Model]:
    found = {}
    for path in MODELS.rglob("*.sql"):
        sql = path.read_text(encoding="utf-8")
        found[path.stem] = _Model(frozenset(_REF.findall(sql)), frozenset(_WORD.findall(sql)))
    return found


def _upstream(model: str) -> set[str]:
    """The models that a model depends on, including itself."""
    found, open_ends = {model}, [model]
    while open_ends:
        known = _models().get(open_ends.pop())
        for parent in known.parents - found if known else ():
            found.add(parent)
            open_ends.append(parent)
    return found


@cache
def kpis() -> tuple[str, ...]:
    """The KPIs of the catalogue that have a model."""
    return tuple(sorted(kpi for kpi, model in _model_of_kpi().items() if model in _models()))


@cache
def _model_of_kpi() -> dict[str, str]:
    """The model of each KPI of the catalogue: one of its own, or that of published statistics."""
    return {
        row["kpi_id"]: f"kpi_{'external_figures' if row['unit'] == 'external' else row['kpi_id']}"
        for row in seed_rows("kpi_catalogue")
    }


@cache
def readers() -> dict[str, dict[str, frozenset[str]]]:
    """By table and column, the KPIs that read it; under ``*`` those that read the table at all."""
    found: dict[str, dict[str, set[str]]] = {
        table.name: {"*": set(), **{name: set() for name in table.column_names}}
        for table in contract().tables
    }
    for kpi in kpis():
        upstream = _upstream(_model_of_kpi()[kpi])
        for table in contract().tables:
            staging = f"stg_{table.name}"
            if staging in upstream:
                found[table.name]["*"].add(kpi)
                words = _words_after(staging, upstream)
                for column in words & found[table.name].keys():
                    found[table.name][column].add(kpi)
    return {
        table: {column: frozenset(names) for column, names in columns.items()}
        for table, columns in found.items()
    }


def _words_after(staging: str, upstream: set[str]) -> set[str]:
    """The words in the models that depend on the staging model."""
    words: set[str] = set()
    for model in upstream:
        known = _models().get(model)
        if known and model != staging and staging in _upstream(model):
            words |= known.words
    return words


def protected_by(rule: Rule) -> tuple[str, ...]:
    """The KPIs that a rule protects, in order.

    A rule protects the KPIs in its own ``protects``, if it has one. Otherwise a rule that refuses
    rows protects the KPIs that read its table; any other rule protects the KPIs that read one of
    the rule's columns. A rule on a whole feed protects the KPIs that read the tables it names, or
    any table of the feed. A rule on a return's module protects the KPIs that read a table made from
    the module. A rule of a mart protects every KPI.
    """
    if rule.protects is not None:
        return tuple(sorted(rule.protects))
    if module := modules().get(rule.table):
        return _union(readers()[table]["*"] for table in module.becomes)
    if not feeds_of(rule):
        return kpis()
    columns = readers().get(rule.table)
    if columns is None:
        named = rule.tables_read & readers().keys() or _tables_of(feeds_of(rule))
        return _union(readers()[table]["*"] for table in named)
    read = {*_WORD.findall(rule.sql), rule.column} & columns.keys()
    if rule.refuses or not read:
        return tuple(sorted(columns["*"]))
    return _union(columns[column] for column in read)


def _tables_of(feeds: Iterable[str]) -> frozenset[str]:
    wanted = set(feeds)
    return frozenset(table.name for table in contract().tables if table.feed in wanted)


def _union(sets: Iterable[frozenset[str]]) -> tuple[str, ...]:
    return tuple(sorted(frozenset().union(*sets)))
