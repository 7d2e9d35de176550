"""The tables on the population that an edition's papers printed: ``profile/edition_shapes.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cpw.core.paths import csv_rows
from cpw_synthetic.folders import PROFILE


@dataclass(frozen=True)
class Shape:
    """A line of a printed table: the total, and the numbers of girls and boys where printed."""

    value: str
    female: float
    male: float
    total: float
    by_sex: bool


@cache
def shape(edition: str, dimension: str) -> tuple[Shape, ...]:
    """The lines of the table by a dimension; empty if the edition's papers have no such table."""
    return tuple(
        Shape(
            row["value"],
            float(row["female"] or 0),
            float(row["male"] or 0),
            float(row["total"]),
            bool(row["female"]),
        )
        for row in csv_rows(PROFILE / "edition_shapes.csv")
        if row["edition"] == edition and row["dimension"] == dimension
    )
