"""Statutory returns of several years, made row by row, and what they become."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from cpw.contract.return_modules import modules
from cpw.contract.tables import contract
from cpw.ingest.returns.conversion import Converted, convert
from support.parquet_files import write_parquet

MAIDSTONE, CROYDON = "ME14 1XX", "CR0 1EA"

Row = Mapping[str, object]


class Returns:
    """Returns of several years, put together row by row, and what they became."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: defaultdict[tuple[int, str], list[Row]] = defaultdict(list)

    def add(self, year: int, module: str, child: str, **cells: object) -> None:
        """Add a row to a module of a year."""
        self.rows[year, f"ssda903_{module}"].append({"child": child, **cells})

    def episode(
        self, year: int, child: str, decom: str, dec: str | None = None, **cells: object
    ) -> None:
        """Add an episode, in foster care at Maidstone if nothing else is said; another follows."""
        usual = {
            "rne": "S",
            "ls": "C2",
            "cin": "N1",
            "place": "U6",
            "place_provider": "PR1",
            "rec": "X1" if dec else None,
            "pl_post": MAIDSTONE,
        }
        self.add(year, "episodes", child, decom=decom, dec=dec, **(usual | cells))

    def convert(self, as_at: date, name: str = "out") -> Result:
        """Write the modules and convert them; every year has a header of all its children."""
        for year, module in list(self.rows):
            headed = {row["child"] for row in self.rows[year, "ssda903_header"]}
            for child in {row["child"] for row in self.rows[year, module]} - headed:
                self.add(year, "header", str(child), sex="F", dob="2010-01-01", ethnic="WBRI")
        for (year, module), rows in self.rows.items():
            _write(self.folder / str(year) / f"{module}.parquet", module, rows)
        folders = {year: self.folder / str(year) for year, _ in self.rows}
        target = self.folder / name
        return Result(target, convert(folders, as_at, target))


class Result:
    """The contract's tables as they were written."""

    def __init__(self, folder: Path, converted: Converted) -> None:
        self.folder = folder
        self.converted = converted

    def of(self, child: str, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """A child's rows of a table, in the order of the columns asked for."""
        person = contract().table(table).person
        where = f"{person.name} = '{child}'" if person else f"clar_cla_id like '{child}-%'"
        path = self.folder / "typed" / f"{table}.parquet"
        rows: list[tuple[Any, ...]] = duckdb.sql(
            f"select {', '.join(columns)} from '{path}' where {where} order by all"
        ).fetchall()
        return rows

    def episodes(self, child: str, *columns: str) -> list[tuple[Any, ...]]:
        """A child's episodes; the columns without their prefix."""
        return self.of(child, "ssd_cla_episodes", *(f"clae_{column}" for column in columns))

    def placements(self, child: str) -> list[str]:
        """A child's placements: when, type and change reason."""
        rows = self.of(
            child,
            "ssd_cla_placement",
            "clap_cla_placement_start_date",
            "clap_cla_placement_end_date",
            "clap_cla_placement_type",
            "clap_cla_placement_change_reason",
        )
        return [
            f"{start} to {end or 'now'}: {kind} {reason or ''}".strip()
            for start, end, kind, reason in rows
        ]


def _write(path: Path, module: str, rows: list[Row]) -> None:
    columns = {column.name: column.sql_type for column in modules()[module].columns}
    numbered = [{"source_row": number, **row} for number, row in enumerate(rows, start=2)]
    write_parquet(path, {"source_row": "integer", **columns}, numbered)
