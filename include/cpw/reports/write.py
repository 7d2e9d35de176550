"""Write every report of a published month. If one cannot be written, none is replaced."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cpw.core.database import connect
from cpw.core.errors import InputError
from cpw.core.files import make_private
from cpw.core.home import (
    CHILD_LEVEL_REPORTS,
    RESTRICTED_DATABASE,
    RESTRICTED_REPORTS,
    Home,
)
from cpw.core.partition import Partition
from cpw.reports.disclosure.folding import fold_withheld
from cpw.reports.disclosure.public_edition import decide_withheld, public_edition
from cpw.reports.month.commentary import missing_commentary, read_commentary
from cpw.reports.month.read import load_month
from cpw.reports.paper.paper import write_paper
from cpw.reports.projection.project import Flow, project
from cpw.reports.projection.public import public_projection
from cpw.reports.site.build import ASSETS, Gallery, SiteContent, pages
from cpw.reports.site.forecast import past_stocks
from cpw.reports.workbooks.figures import write_workbook
from cpw.reports.workbooks.subjects import write_restricted_workbook

PAPER = "panel-paper.pdf"
WORKBOOK = "workbook.xlsx"
SUBJECTS = "subjects.xlsx"
# Files in the same folders that other commands write: they are kept.
_FILES_OF_OTHERS = (
    f"{RESTRICTED_REPORTS}/quality-report*.html",
    f"{RESTRICTED_REPORTS}/reconciliation.html",
    f"{CHILD_LEVEL_REPORTS}/reconciliation.csv",
)


@dataclass(frozen=True)
class WrittenReports:
    """The reports of a month: the site's first page, how many files and bytes, and warnings."""

    index: Path
    files: int
    bytes: int
    warnings: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """The warnings, for a task's log."""
        return self.warnings

    def __str__(self) -> str:
        """One line for the terminal or a log."""
        return f"{self.files} files, {self.bytes / 1e6:.1f} MB, at {self.index}"


def write_reports(home: Home, partition: Partition) -> WrittenReports:
    """Write the month's site, paper and workbooks, for the public and for the panel.

    All files are made in a folder beside the target and moved into place one by one at the end.
    A reader never sees half a page, and if anything fails, the earlier reports remain.

    Raises:
        InputError: the month is not published, or an earlier release published it without the
            columns that the reports need.
    """
    target = home.month(partition).reports
    with _opened(home) as (connection, publication), _made_beside(target) as made:
        commentary = read_commentary(home, partition, _kpi_ids(connection))
        panel = load_month(connection, partition, commentary.texts)
        flows = _flows(connection, partition)
        projection = project(flows, panel.as_at)
        whole = SiteContent(panel, projection, past_stocks(flows, public=False))
        with Gallery() as gallery:
            gallery.add(whole)
            withheld = decide_withheld(panel, connection)
            shown = public_edition(panel, withheld)
            public = SiteContent(
                fold_withheld(shown),
                public_projection(projection, shown),
                past_stocks(flows, public=True),
            )
            gallery.add(public)
            children = make_private(made / CHILD_LEVEL_REPORTS)
            write_restricted_workbook(
                panel, connection, publication / RESTRICTED_DATABASE, children / SUBJECTS
            )
            _write_edition(made, public, gallery)
            _write_edition(make_private(made / RESTRICTED_REPORTS), whole, gallery)
        files = _put_in_place(made, target)
    return WrittenReports(
        index=target / "index.html",
        files=len(files),
        bytes=sum(file.stat().st_size for file in files),
        warnings=(
            *commentary.warnings,
            *missing_commentary(panel),
            *map(_exposure_warning, withheld.exposed),
        ),
    )


def _exposure_warning(how: str) -> str:
    return (
        f"a reader of the public edition may work out a count from 1 to 4, from {how}. "
        "Check it before you publish the edition"
    )


@contextmanager
def _opened(home: Home) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """The current publication: a connection to it and its folder, unchanged by later ones."""
    if not home.published_database.exists():
        raise InputError("nothing is published yet", remedy="Load a month first")
    database = home.published_database.resolve()
    with connect(database, read_only=True) as connection:
        yield connection, database.parent


def _kpi_ids(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    found = connection.execute("select distinct kpi_id from marts.kpi_result").fetchall()
    return frozenset(kpi_id for (kpi_id,) in found)


def _flows(connection: duckdb.DuckDBPyConnection, partition: Partition) -> list[Flow]:
    rows = connection.execute(
        "select population, flow_month, age, is_uasc, stock_start, entries, exits, stock_end "
        "from marts.population_flow where authority = ? and month = ? order by all",
        [partition.authority, str(partition.month)],
    ).fetchall()
    return [Flow(*row) for row in rows]


def _write_edition(folder: Path, content: SiteContent, gallery: Gallery) -> None:
    write_paper(content.month, folder / PAPER)
    write_workbook(content.month, folder / WORKBOOK)
    shutil.copytree(ASSETS, folder / "assets")
    (folder / "kpi").mkdir()
    for page in pages(content, gallery):
        (folder / page.file).write_text(page.html, encoding="utf-8")


@contextmanager
def _made_beside(target: Path) -> Iterator[Path]:
    """A folder beside the target to make everything in; it is removed afterwards."""
    made = target.with_name(f".{target.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _put_in_place(made: Path, target: Path) -> list[Path]:
    """Move every file to its place in the target, and remove the files of an earlier report."""
    wanted = [file.relative_to(made) for file in sorted(made.rglob("*")) if file.is_file()]
    target.mkdir(parents=True, exist_ok=True)
    for name in (RESTRICTED_REPORTS, CHILD_LEVEL_REPORTS):
        make_private(target / name)
    for file in wanted:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        (made / file).replace(target / file)
    others = (file for pattern in _FILES_OF_OTHERS for file in target.glob(pattern))
    kept = {*wanted, *(file.relative_to(target) for file in others)}
    for file in [file for file in target.rglob("[!.]*") if file.is_file()]:
        if file.relative_to(target) not in kept:
            file.unlink()
    return [target / file for file in wanted]
