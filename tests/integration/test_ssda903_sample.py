"""The sector's sample return from its files to figures, beside a second, plain computation."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from cpw.contract.tables import contract
from cpw.core.partition import Partition
from cpw.core.paths import seed_rows
from cpw.pipeline.import_returns import import_returns
from support.folders import SAMPLES
from support.ssda903 import plain, plain_rows
from support.ssda903.forms import children_of, write_csv, write_xml
from support.ssda903.imported import MARCH, ImportHome

pytestmark = pytest.mark.xdist_group("ssda903_sample")
of_xml = pytest.mark.xdist_group("ssda903_sample_xml")

AS_AT = date(2018, 3, 31)
PARTITION = Partition.of("886", MARCH, "ssda903")
POPULATION = 333045  # Kent's under 18, as the panel's paper of June 2018 has it


@dataclass
class Sample:
    """A return that was imported, what was printed, and what the plain computation makes of it."""

    home: ImportHome
    raw: plain_rows.Raw
    valid: plain_rows.Return
    output: str

    @property
    def expected(self) -> dict[tuple[str, str], tuple[int, int | None]]:
        return plain.figures(self.valid, AS_AT, POPULATION)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    home = ImportHome.at(tmp_path_factory.mktemp("sample"))
    result = home.import_903(SAMPLES / "ssda903")
    assert result.exit_code == 0, result.output
    raw = plain_rows.read_csv(SAMPLES / "ssda903")
    return Sample(home, raw, plain_rows.valid(raw, 2018), result.output)


@pytest.fixture(scope="module")
def sample_xml(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    home = ImportHome.at(tmp_path_factory.mktemp("sample_xml"))
    home.take(SAMPLES / "ssda903.xml")
    raw = plain_rows.read_xml(SAMPLES / "ssda903.xml")
    return Sample(home, raw, plain_rows.valid(raw, 2018), "")


def _sources() -> list[dict[str, str]]:
    return seed_rows("kpi_sources")


def test_the_sample_is_published_from_its_return(sample: Sample) -> None:
    assert sample.home.ask("select distinct month, source from marts.dim_kpi") == [
        (MARCH, "ssda903")
    ]
    cic = sample.expected["number_of_cic", "all"][0]
    [(printed,)] = sample.home.ask(
        "select result from marts.scorecard where kpi_id = 'number_of_cic'"
    )
    assert printed == f"{cic:,}"
    assert printed in sample.output


def test_figures_of_the_csv_files_are_those_of_the_plain_computation(sample: Sample) -> None:
    published = sample.home.figures()
    assert {key: published.get(key) for key in sample.expected} == sample.expected


@of_xml
def test_figures_of_the_xml_file_are_those_of_the_plain_computation(sample_xml: Sample) -> None:
    published = sample_xml.home.figures()
    assert {key: published.get(key) for key in sample_xml.expected} == sample_xml.expected


def test_values_are_numerator_by_denominator(sample: Sample) -> None:
    values = dict(
        sample.home.ask("select kpi_id, value from marts.kpi_result where cohort = 'all'")
    )
    top, bottom = sample.expected["three_or_more_placements_12m", "all"]
    assert float(values["three_or_more_placements_12m"]) == pytest.approx(100 * top / bottom)
    top, bottom = sample.expected["sdq_average", "all"]
    assert float(values["sdq_average"]) == pytest.approx(top / bottom)
    assert float(values["cic_per_10000"]) == pytest.approx(
        10_000 * sample.expected["number_of_cic", "all"][0] / POPULATION
    )


def test_what_the_return_cannot_know_has_no_source_and_no_figure(sample: Sample) -> None:
    cannot = {row["kpi_id"] for row in _sources() if row["ssda903"] == "no"}
    # these look back further than one return
    cannot |= {"re_entry_within_24m", "same_placement_2y", "adoption_days_care_to_placed"}
    # SW episodes: the sample's only row is of a child that the header does not have
    cannot |= {"same_social_worker_12m"}
    rows = sample.home.ask(
        "select kpi_id, status, numerator, denominator, value, shown, rag from marts.kpi_result"
    )
    found = {row for row in rows if row[0] in cannot}
    assert {row[0] for row in found} == cannot
    assert {row[1:] for row in found} == {("no_source", None, None, None, None, None)}


def test_the_scorecard_has_no_figure_where_there_is_no_source(sample: Sample) -> None:
    without = {kpi for kpi, cohort in sample.home.without_source() if cohort == "all"}
    rows = sample.home.ask(
        "select kpi_id, result, rag, numerator, denominator, direction from marts.scorecard"
    )
    shown = {row[0]: row[1:] for row in rows if row[0] in without}
    assert "reviews_in_timescale" in shown
    assert set(shown.values()) == {(None, None, None, None, None)}


def test_breakdowns_and_subjects_have_nothing_without_a_source(sample: Sample) -> None:
    without = {kpi for kpi, cohort in sample.home.without_source() if cohort == "all"}
    for table in ("kpi_breakdown", "kpi_subject"):
        held = {kpi for (kpi,) in sample.home.ask(f"select distinct kpi_id from marts.{table}")}
        assert held
        assert not held & without


@pytest.mark.parametrize("which", ["sample", pytest.param("sample_xml", marks=of_xml)])
def test_quarantine_holds_what_is_not_valid_and_nothing_else(
    which: str, request: pytest.FixtureRequest
) -> None:
    sample: Sample = request.getfixturevalue(which)
    refused = {(table, row) for table, row, _ in sample.home.quarantined()}
    assert refused == {
        (f"ssda903_{module}", row) for module, rows in sample.valid.refused.items() for row in rows
    }


def test_overlapping_episodes_are_named(sample: Sample) -> None:
    named = {
        row
        for table, row, rule in sample.home.quarantined()
        if (table, rule) == ("ssda903_episodes", "ssda903_episodes.overlap")
    }
    assert named == sample.valid.overlapping
    assert len(named) > 50


def test_every_row_is_loaded_or_refused(sample: Sample) -> None:
    read = sum(len(rows) for rows in sample.raw.values())
    refused = sum(len(rows) for rows in sample.valid.refused.values())
    assert f"Return of 2018: {read:,} rows, {refused:,} quarantined" in sample.output
    for child, rows in (("ssd_person", "header"), ("ssd_cla_episodes", "episodes")):
        lake = sample.home.home.lake / "ssda903" / child
        [(loaded,)] = duckdb.sql(
            f"select count(*) from read_parquet('{lake}/**/*.parquet')"
        ).fetchall()
        assert loaded == len(sample.raw[rows]) - len(sample.valid.refused[rows])


def test_no_pupil_number_is_anywhere(sample: Sample) -> None:
    numbers = {row["upn"] for row in sample.raw["header"]}
    assert len(numbers) == len(sample.raw["header"])
    pattern = re.compile(rb"(?<![A-Za-z0-9])[A-Z]\d{12}(?![A-Za-z0-9])")
    header = (SAMPLES / "ssda903" / "header.csv").read_bytes()
    assert {match.decode() for match in pattern.findall(header)} == numbers
    found = set()
    for name, content in _contents(sample.home.home.root):
        if any(match.decode() in numbers for match in pattern.findall(content)):
            found.add(name)
    assert not found


def _contents(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every file's bytes, and the cells of those that are compressed."""
    for path in root.rglob("*"):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes()
        if path.suffix == ".parquet":
            for row in duckdb.sql(f"from read_parquet('{path}')").fetchall():
                yield str(path), repr(row).encode()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield from ((str(path), book.read(name)) for name in book.namelist())
        if path.suffix == ".duckdb":
            yield str(path), "\n".join(_cells(path)).encode()


def _cells(database: Path) -> Iterator[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
        for schema, table in tables:
            for row in connection.execute(f'from "{schema}"."{table}"').fetchall():
                yield repr(row)


def test_nothing_of_a_child_is_in_audit_or_on_the_screen(sample: Sample) -> None:
    audit = b"\n".join(content for _, content in _contents(sample.home.home.audit))
    for text in (audit.decode(errors="ignore"), sample.output):
        numbers = set(re.findall(r"(?<![\w.-])\d{5,7}(?![\w.-])", text))
        assert not numbers & {row["child"] for row in sample.raw["header"]}
        assert set(re.findall(r"\d\d/\d\d/\d{4}", text)) <= {"99/99/9999"}  # a value's shape
        born = {f"{row['dob']:%Y-%m-%d}" for row in sample.valid.rows["header"]}
        assert not {d for d in set(re.findall(r"\d{4}-\d\d-\d\d", text)) if d < "2016"} & born


def test_a_return_written_as_xml_becomes_the_same_rows(sample: Sample, tmp_path: Path) -> None:
    first = {row["child"] for row in sample.raw["header"][:120]}
    cut = children_of(sample.raw, first)
    del cut["sw_episodes"]
    made = []
    for path in (write_csv(cut, tmp_path / "csv"), write_xml(cut, tmp_path / "cut.xml")):
        home = ImportHome.at(tmp_path / f"home-{path.name}")
        import_returns(home.home, PARTITION, [path], [2018])
        made.append({table: _rows(home, table) for table in _tables()})
    assert len(made[0]["ssd_person"]) == len(first)
    assert sum(bool(rows) for rows in made[0].values()) > 7
    assert made[0] == made[1]


def _tables() -> list[str]:
    return [table.name for table in contract().tables]


def _rows(home: ImportHome, table: str) -> list[str]:
    """The rows of a table in the lake, all that figures are made of, in no order."""
    folder = home.home.lake / "ssda903" / table
    if not list(folder.rglob("*.parquet")):
        return []
    found = duckdb.sql(
        f"select * exclude (source_row) from read_parquet('{folder}/**/*.parquet')"
    ).fetchall()
    return sorted(map(repr, found))


@of_xml
def test_a_return_written_as_csv_gives_the_same_results(sample_xml: Sample, tmp_path: Path) -> None:
    as_csv = ImportHome.at(tmp_path / "home")
    as_csv.take(write_csv(sample_xml.raw, tmp_path / "csv"))
    assert as_csv.results() == sample_xml.home.results()
