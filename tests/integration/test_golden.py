"""Both printed scorecards, cell by cell, out of child-level rows through the models a user runs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

import duckdb
import pytest
from rich.console import Console

from cpw.cli.scorecard import print_scorecard
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.pipeline.load_set import load_set
from cpw_synthetic.editions import synthesise_edition
from support.folders import GOLDEN

EDITIONS = {
    "2018-06": ("2018-03", "2018-05", "2018-06"),
    "2016-03": ("2015-03", "2015-12", "2016-03"),
}
# An edition's tests are run by one process.
EACH = {
    edition: pytest.param(edition, marks=pytest.mark.xdist_group(f"golden-{edition}"))
    for edition in EDITIONS
}
# Columns of the golden file that the mart holds for the cohort of all children.
MART_COLUMNS = (
    "section",
    "label",
    "polarity",
    "period",
    "result",
    "rag",
    "numerator",
    "denominator",
    "target",
    "previous_result",
    "previous_rag",
    "outturn_result",
    "outturn_rag",
    "national_result",
    "national_basis",
)
# Columns of the golden file that the mart with both cohorts side by side holds.
SIDE_BY_SIDE = (
    *("section", "polarity", "period", "result", "rag", "numerator", "denominator", "target"),
    *("exc_uasc_result", "exc_uasc_rag", "exc_uasc_numerator", "exc_uasc_denominator"),
)
# Tests of what one edition alone prints.
of_june_2018 = pytest.mark.parametrize("published", [EACH["2018-06"]], indirect=True)
of_march_2016 = pytest.mark.parametrize("published", [EACH["2016-03"]], indirect=True)


def _rows(name: str) -> list[dict[str, str]]:
    with (GOLDEN / f"{name}.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


MISPRINTS = {(r["edition"], r["kpi_id"], r["column"]): r for r in _rows("known_misprints")}
UNMET = {(r["edition"], r["kpi_id"], r["column"]): r for r in _rows("unmet")}


@dataclass(frozen=True)
class Published:
    """An edition's three months, published."""

    edition: str
    home: Home

    @property
    def month(self) -> str:
        return EDITIONS[self.edition][-1]

    def query(self, sql: str) -> list[dict[str, object]]:
        database = self.home.published / "corporate_parenting.duckdb"
        with duckdb.connect(str(database), read_only=True) as connection:
            cursor = connection.execute(sql, [self.month])
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def scorecard(self) -> dict[str, dict[str, object]]:
        rows = self.query("select * from marts.scorecard where authority = '886' and month = ?")
        return {str(row["kpi_id"]): row for row in rows}

    def without_uasc(self) -> dict[str, dict[str, object]]:
        rows = self.query(
            "select * from marts.kpi_result where authority = '886' and month = ? "
            "and cohort = 'exc_uasc'"
        )
        return {str(row["kpi_id"]): row for row in rows}


@pytest.fixture(scope="module", params=list(EACH.values()))
def published(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Published]:
    root = tmp_path_factory.mktemp(f"edition-{request.param}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_HOME", str(root))
        home = Home.from_environment()
        written = synthesise_edition(request.param, out=home.landing)
        assert [str(month) for month in written] == list(EDITIONS[request.param])
        months = [Partition.of("886", month) for month in EDITIONS[request.param]]
        for loaded in load_set(home, months, Console(quiet=True)):
            assert loaded.state == "published", loaded.why
            assert loaded.rows_refused == 0, "a calibrated extract is clean"
        yield Published(request.param, home)


def _same(found: object, printed: str) -> bool:
    """Whether a cell of the mart is what was printed; figures are compared as figures."""
    bare = printed.replace("%", "").replace(",", "").strip()
    own = "" if found is None else str(found).replace("%", "").replace(",", "").strip()
    try:
        return float(own) == float(bare)
    except ValueError:
        return own == bare


def _expected(edition: str, kpi_id: str, column: str, printed: str) -> str | None:
    """What a cell should be: as printed, or as the print's own arithmetic says; none: not asked."""
    if (edition, kpi_id, column) in UNMET:
        return None
    misprint = MISPRINTS.get((edition, kpi_id, column))
    if misprint is not None:
        return misprint["arithmetic"] or None
    return printed or None


def test_every_printed_cell_is_reproduced(published: Published) -> None:
    own, compared, differ = published.scorecard(), 0, []
    golden = _rows(f"scorecard_{published.edition.replace('-', '_')}")
    positions = {kpi_id: cells["position"] for kpi_id, cells in own.items()}
    assert positions == {row["kpi_id"]: int(row["position"]) for row in golden}
    for row in golden:
        kpi_id = row["kpi_id"]
        for column in MART_COLUMNS:
            printed = row.get(column, "")
            if column == "label" and (published.edition, kpi_id, column) in MISPRINTS:
                # The print's label stands; that it says too much is what the entry notes.
                expected: str | None = printed
            else:
                expected = _expected(published.edition, kpi_id, column, printed)
            if expected is None:
                continue
            compared += 1
            if not _same(own[kpi_id][column], expected):
                differ.append((kpi_id, column, expected, own[kpi_id][column]))
    assert differ == []
    assert compared == {"2018-06": 494, "2016-03": 559}[published.edition]


@of_march_2016
def test_every_printed_figure_without_uasc_is_reproduced(published: Published) -> None:
    golden = _rows(f"scorecard_{published.edition.replace('-', '_')}")
    own, everybody = published.without_uasc(), published.scorecard()
    compared, differ = 0, []
    for row in golden:
        kpi_id = row["kpi_id"]
        for column, name in (
            ("exc_uasc_result", "shown"),
            ("exc_uasc_rag", "rag"),
            ("exc_uasc_numerator", "numerator"),
            ("exc_uasc_denominator", "denominator"),
        ):
            expected = _expected(published.edition, kpi_id, column, row[column])
            if expected in (None, "-", "See note"):
                continue
            if kpi_id.endswith("_exc_uasc"):
                found = everybody[kpi_id]["result" if name == "shown" else name]
            else:
                found = own[kpi_id][name]
            compared += 1
            if not _same(found, str(expected)):
                differ.append((kpi_id, column, expected, found))
    assert differ == []
    assert compared == 101


def test_direction_follows_from_result_previous_and_polarity(published: Published) -> None:
    judged = 0
    for row in published.scorecard().values():
        result, previous = row["result"], row["previous_result"]
        if row["polarity"] not in ("H", "L") or result is None or previous is None:
            assert row["direction"] is None
            continue
        if "See note" in (result, previous):
            continue
        now, before = (float(str(x).replace("%", "").replace(",", "")) for x in (result, previous))
        better = now > before if row["polarity"] == "H" else now < before
        expected = "same" if now == before else "improved" if better else "worsened"
        assert row["direction"] == expected, row["kpi_id"]
        judged += 1
    assert judged >= 30


@of_march_2016
def test_the_page_with_and_without_uasc_is_reproduced(published: Published) -> None:
    """It prints the figures of the first page again, and one that the first page has not."""
    rows = published.query(
        "select * from marts.scorecard_by_cohort where authority = '886' and month = ?"
    )
    own = {str(row["kpi_id"]): row for row in rows}
    golden = {row["kpi_id"]: row for row in _rows("scorecard_2016_03")}
    second_page = _rows("scorecard_2016_03_second_page")
    for line in second_page:
        replaced = golden.pop(line["in_place_of"])
        golden[line["kpi_id"]] = {**line, "position": replaced["position"]}
    assert {kpi: row["position"] for kpi, row in own.items()} == {
        kpi: int(row["position"]) for kpi, row in golden.items()
    }
    compared, differ = 0, []
    for kpi_id, row in golden.items():
        for column in SIDE_BY_SIDE:
            expected = _expected(published.edition, kpi_id, column, row[column])
            if expected in (None, "-", "See note"):
                continue
            compared += 1
            if not _same(own[kpi_id][column], str(expected)):
                differ.append((kpi_id, column, expected, own[kpi_id][column]))
    assert differ == []
    assert compared == 494
    home = own["residential_placements"]
    assert (home["result"], home["rag"], home["numerator"], home["denominator"]) == (
        *("7.0%", "A", 163, 2320),
    )


@of_march_2016
def test_what_cannot_be_met_is_near_and_differs(published: Published) -> None:
    """An entry of `unmet.csv` that comes out as printed after all must go."""
    own = published.scorecard()
    for (edition, kpi_id, column), entry in UNMET.items():
        assert edition == published.edition, "June 2018 is met in full"
        found, printed = str(own[kpi_id][column]), entry["as_published"]
        assert not _same(found, printed)
        assert abs(float(found.rstrip("%")) - float(printed.rstrip("%"))) < 1.0


@of_june_2018
def test_june_2018_has_the_rags_of_the_paper(published: Published) -> None:
    printed = StringIO()
    print_scorecard(
        published.home, Partition.of("886", "2018-06"), Console(file=printed, width=200)
    )
    assert "14 green, 10 amber, 0 red" in printed.getvalue().splitlines()


@of_june_2018
def test_the_demographic_page_of_june_2018_is_reproduced(published: Published) -> None:
    rows = published.query("select * from marts.demographics where authority = '886' and month = ?")
    own = {(row["dimension"], row["value"]): row for row in rows}
    differ = []
    for row in _rows("demographics_2018_06"):
        found = own.get((row["dimension"], row["value"]), {})
        for column in ("female", "male", "total"):
            if row[column] and not _same(found.get(column), row[column]):
                differ.append((row["dimension"], row["value"], column, row[column], found))
    assert differ == []
