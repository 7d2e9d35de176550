"""A reader who wants to know: everything shown, every sum, and a linear programme.

Knows nothing of how the numbers were withheld, and is told the truth only to see what was found.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from cpw.core.paths import seed_rows
from cpw.reports.month.month import Figure, Indicator, PublishedMonth

Name = Hashable


_YEARS = {
    "missing_over_48h_ytd": "04",
    "re_entry_within_24m": "04",
    "sdq_average": "04",
    "plan_changed_from_adoption": "04",
}
"""Indicators of the financial year to date, and the month in which it begins."""


class Reader:
    """Numbers, known or not, and sums of them."""

    def __init__(self) -> None:
        self.shown: dict[Name, float | None] = {}
        self.truth: dict[Name, float] = {}
        self._sums: list[tuple[Name, tuple[Name, ...]]] = []

    def see(self, name: Name, truth: float, shown: float | None) -> None:
        """Read a number; None where it is withheld."""
        self.truth[name] = truth
        self.shown[name] = shown

    def add_up(self, whole: Name, parts: Iterable[Name]) -> None:
        """Know that parts make up a whole: what they leave over is a number that is never shown."""
        parts = tuple(parts)
        names = (whole, *parts)
        if any(name not in self.truth for name in names):
            return
        rest = self.truth[whole] - sum(self.truth[part] for part in parts)
        if rest > 0:
            left_over = ("left over", whole, parts)
            self.see(left_over, rest, None)
            parts = (*parts, left_over)
        if rest >= 0:
            self._sums.append((whole, parts))

    def take_away(self, whole: Name, part: Name) -> None:
        """Know that a number lies within another: what is between is a number never shown."""
        if whole in self.truth and part in self.truth and self.truth[whole] >= self.truth[part]:
            between = ("between", whole, part)
            self.see(between, self.truth[whole] - self.truth[part], None)
            self._sums.append((whole, (part, between)))

    def found(self) -> dict[Name, tuple[float, float]]:
        """The small numbers that are seen, or known to be from 1 to 4, or known exactly."""
        small = [name for name, number in self.truth.items() if 0 < number < 5]
        seen = {name: (n, n) for name in small if (n := self.shown[name]) is not None}
        nodes = [name for name, number in self.shown.items() if number is None]
        limits = self._limits(nodes, [name for name in small if self.shown[name] is None])
        told = {n: (low, high) for n, (low, high) in limits.items() if high < 5 or high - low < 1}
        return {**seen, **told}

    def _limits(
        self, nodes: Sequence[Name], wanted: Sequence[Name]
    ) -> dict[Name, tuple[float, float]]:
        column = {name: place for place, name in enumerate(nodes)}
        matrix, rests = self._matrix(column)
        limits = {}
        for name in wanted:
            if not matrix.shape[0]:
                break
            goal = np.zeros(len(nodes))
            goal[column[name]] = 1
            low, high = (
                self._end(linprog(sign * goal, A_eq=matrix, b_eq=rests, method="highs"))
                for sign in (1, -1)
            )
            limits[name] = (math.ceil(low - 1e-6), math.floor(-high + 1e-6) if high > -1e9 else 1e9)
        return limits

    @staticmethod
    def _end(found: Any) -> float:
        assert found.status in (0, 3), "what the reader has read contradicts itself"
        return float(found.fun) if found.success else -1e9

    def _matrix(self, column: dict[Name, int]) -> tuple[csr_array, list[float]]:
        cells, rests = [], []
        for whole, parts in self._sums:
            signs: dict[Name, int] = defaultdict(int)
            for name, sign in ((whole, -1), *((part, 1) for part in parts)):
                signs[name] += sign
            rests.append(-sum(s * (self.shown[n] or 0) for n, s in signs.items()))
            cells += [(len(rests) - 1, column[n], s) for n, s in signs.items() if n in column]
        matrix = np.zeros((len(rests), len(column)))
        for row, place, sign in cells:
            matrix[row, place] = sign
        return csr_array(matrix), rests


def read_month(truth: PublishedMonth, public: PublishedMonth) -> Reader:
    """Everything a reader of the public edition has, with all that the catalogue tells."""
    reader = Reader()
    for one, shown in zip(truth.indicators, public.indicators, strict=True):
        _read_indicator(reader, truth, one, shown)
    _read_tables(reader, truth, public)
    _relate(reader)
    return reader


def _counts(one: Indicator, figure: Figure) -> dict[str, float]:
    if one.subject == "post" or one.unit == "external" or figure.numerator is None:
        return {}
    if one.unit == "percent":
        whole = figure.denominator or 0
        rest = whole - figure.numerator
        return {"numerator": figure.numerator, "rest": rest, "subjects": whole}
    if one.unit == "mean" and one.subject != "aggregate":
        return {"subjects": figure.denominator or 0}
    return {"subjects": figure.numerator}


def _see(
    reader: Reader, name: tuple[str, ...], one: Indicator, true: Figure, shown: Figure
) -> None:
    counts, read = _counts(one, true), _counts(one, shown)
    for part, number in counts.items():
        reader.see((*name, part), number, read.get(part))
    if len(counts) == 3:
        reader.add_up((*name, "subjects"), [(*name, "numerator"), (*name, "rest")])


def _read_indicator(
    reader: Reader, month: PublishedMonth, one: Indicator, shown: Indicator
) -> None:
    parts = ("numerator", "rest", "subjects")
    _see(reader, (one.kpi_id, "all", ""), one, one.figure, shown.figure)
    if one.exc_uasc and shown.exc_uasc:
        _see(reader, (one.kpi_id, "exc_uasc", ""), one, one.exc_uasc, shown.exc_uasc)
    for group, seen in zip(one.groups, shown.groups, strict=True):
        _see(reader, (one.kpi_id, group.dimension, group.value), one, group.figure, seen.figure)
    for part in parts:
        whole = (one.kpi_id, "all", "", part)
        for dimension in one.dimensions:
            values = [g.value for g in one.groups if g.dimension == dimension]
            reader.add_up(whole, [(one.kpi_id, dimension, value, part) for value in values])
        reader.take_away(whole, (one.kpi_id, "exc_uasc", "", part))
        reader.add_up(
            whole, [(one.kpi_id, "exc_uasc", "", part), (one.kpi_id, "uasc", "UASC", part)]
        )
    now = str(month.partition.month)
    months = []
    for true, point in zip(one.trend, shown.trend, strict=True):
        if true.month != now:
            months.append(true.month)
            _see(reader, (one.kpi_id, true.month, ""), one, true.figure, point.figure)
    begins = _YEARS.get(one.kpi_id, "99")
    for earlier, later in combinations((*months, "all"), 2):
        year = (now if later == "all" else later)[:4]
        if earlier >= f"{year}-{begins}":
            for part in parts:
                reader.take_away((one.kpi_id, later, "", part), (one.kpi_id, earlier, "", part))


def _relate(reader: Reader) -> None:
    """Indicators that count some of whom another counts, in all and in every group."""
    places = {name[1:3] for name in reader.truth if isinstance(name, tuple) and len(name) == 4}
    rows = [row for row in seed_rows("kpi_relations") if row["part"] in ("subjects", "numerator")]
    for row in rows:
        for place in places:
            part = (row["kpi_id"], *place, row["part"])
            whole = (row["other_kpi_id"], *place, row["other_part"])
            if row["relation"] == "equal" and reader.truth.get(part) == reader.truth.get(whole):
                reader.add_up(whole, [part])
            else:
                reader.take_away(whole, part)


def _read_tables(reader: Reader, truth: PublishedMonth, public: PublishedMonth) -> None:
    tables = zip(
        (t for topic in truth.topics for t in topic.tables),
        (t for topic in public.topics for t in topic.tables),
        strict=True,
    )
    for true, shown in tables:
        columns = [place for place, column in enumerate(true.columns) if column.kind == "count"]
        lines = [*zip(true.rows, shown.rows, strict=True)]
        if true.total and shown.total:
            lines.append((true.total, shown.total))
        for index, (row, seen) in enumerate(lines):
            for place in columns:
                number, read = row.values[place], seen.values[place]
                if isinstance(number, float | int):
                    known = read if isinstance(read, float | int) else None
                    reader.see((true.table_id, index, place), number, known)
            if true.last_is_whole:
                *held, last = [(true.table_id, index, place) for place in columns]
                reader.add_up(last, held)
        rows = range(len(true.rows))
        for place in columns if true.adds_up and true.total else ():
            whole = (true.table_id, len(true.rows), place)
            reader.add_up(whole, [(true.table_id, index, place) for index in rows])
        if true.population == "children_in_care" and true.adds_up:
            cells = [(true.table_id, index, columns[-1]) for index in rows]
            reader.add_up(("number_of_cic", "all", "", "subjects"), cells)
        if true.within and true.population == "children_in_care":
            for value in {row.group for row in true.rows}:
                reader.add_up(
                    ("number_of_cic", true.within, value, "subjects"),
                    [(true.table_id, i, columns[-1]) for i in rows if true.rows[i].group == value],
                )
