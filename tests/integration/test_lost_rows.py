"""A figure's range holds what the figure would be with the rows that were refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from cpw.contract.tables import Table, contract
from support.shared_homes import SharedHomes, copy_home, working_in
from support.warehouse import Rows, Warehouse

pytestmark = pytest.mark.xdist_group("quality_report")

Figure = tuple[str, str]
"""A KPI and its cohort."""

# Rows of these name nobody, or a whole family: no figure knows how many of them belong to it.
TABLES = [table for table in contract().tables if table.person or table.parent]


@pytest.fixture(scope="module")
def spoiled(
    shared_homes: SharedHomes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """June, published with three rows refused of every table that is about children."""
    root = copy_home(shared_homes.may_published(), tmp_path_factory.mktemp("lost") / "home")
    with working_in(root) as made:
        for manifest in (made.home.landing / "886" / "2018-06").rglob("manifest.csv"):
            manifest.unlink()
        for place, table in enumerate(TABLES):
            if made.file(table.name).exists() and made.rows(table.name):
                made.change(table.name, lambda rows, t=table, p=place: spoil(rows, t, p))
        result = made.load()
        assert result.exit_code == 0, result.output
        yield made


def spoil(rows: Rows, table: Table, place: int) -> None:
    """Leave a required cell of three rows empty, of other children in each table."""
    required = [c for c in table.columns if c.required and not c.is_key and not c.references]
    needed = required[0] if required else table.key
    for part in range(3):
        rows[(place + part * len(rows) // 3 + len(rows) // 6) % len(rows)][needed.name] = ""


def ask(home: Path, query: str) -> list[tuple[object, ...]]:
    database = home / "published" / "corporate_parenting.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def figures(home: Path) -> dict[Figure, Decimal]:
    """What was published; but for means of days, whose missing values are taken from the others."""
    query = (
        "select r.kpi_id, r.cohort, r.shown from marts.kpi_result as r "
        "inner join marts.dim_kpi as k using (authority, month, kpi_id) "
        "where month = '2018-06' and status = 'computed' and shown is not null "
        "and (k.unit <> 'mean' or kpi_id = 'sdq_average')"
    )
    return {(str(kpi), str(cohort)): Decimal(str(shown)) for kpi, cohort, shown in ask(home, query)}


def test_each_table_has_lost_rows(spoiled: Warehouse) -> None:
    lost = {table for table, *_ in spoiled.quarantined()}
    assert len(lost & {table.name for table in TABLES}) > 20


def test_the_figure_with_all_rows_lies_in_the_range(
    spoiled: Warehouse, shared_homes: SharedHomes
) -> None:
    whole, found = figures(shared_homes.both_published()), figures(spoiled.home.root)
    ranges = {
        (str(kpi), str(cohort)): sorted((Decimal(str(best)), Decimal(str(worst))))
        for kpi, cohort, best, worst in ask(
            spoiled.home.root,
            "select kpi_id, cohort, best, worst from marts.kpi_data_quality "
            "where month = '2018-06' and best is not null",
        )
    }
    outside = {
        figure: (found.get(figure), ranges[figure], whole[figure])
        for figure in whole.keys() & ranges.keys()
        if not ranges[figure][0] <= whole[figure] <= ranges[figure][1]
    }
    assert outside == {}
    changed = [figure for figure in whole if found.get(figure) != whole[figure]]
    assert len(changed) > 10
    assert len(set(changed) & ranges.keys()) > 10


def test_the_report_counts_the_children_who_are_not_counted_in_care(spoiled: Warehouse) -> None:
    [(lost,)] = ask(
        spoiled.home.root,
        "select subjects_refused from marts.kpi_data_quality "
        "where month = '2018-06' and kpi_id = 'number_of_cic' and cohort = 'all'",
    )
    assert lost
    report = spoiled.home.root / "reports/886/2018-06/restricted/quality-report.html"
    text = report.read_text(encoding="utf-8")
    assert "not counted in care" in text
    assert f'<dd class="warn">{lost}</dd>' in text
