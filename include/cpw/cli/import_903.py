"""``cpw import-903``: import a statutory return, publish its scorecard, list what else to feed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from cpw.cli.terminal import AuthorityOption, console, stopping
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import Partition

if TYPE_CHECKING:
    from cpw.pipeline.import_returns import Imported

Years = Annotated[
    list[int],
    typer.Option(
        "--year",
        "-y",
        min=1992,
        max=2100,
        help="The year the collection ends in: 2018. Once for each return, or only the latest.",
    ),
]
Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="A return: a folder with its CSV files, or an XML file. Several years are possible.",
    ),
]


def import_903(
    authority: AuthorityOption,
    year: Years,
    path: Paths,
    month: Annotated[
        str | None,
        typer.Option(
            "--month", "-m", help="A month within the years. Default: March of the latest year."
        ),
    ] = None,
) -> None:
    """Import a statutory SSDA903 return, and publish its scorecard.

    Reads the return, runs its gate (rows that are not valid go to quarantine), converts it into
    the tables of the extract contract and publishes the month. If the month has monthly extracts,
    these come first; [bold]cpw load --source ssda903[/bold] then publishes the return instead.
    Indicators that a return does not contain have no source, and are never shown as 0.

    Exit code 0: published, or nothing had changed. 1: a gate stopped it. 2: the return or the
    arguments cannot be used.

    Example: [bold]cpw import-903 --authority 886 --year 2018 returns/2018[/bold]

    Example: [bold]cpw import-903 -a 886 -y 2018 returns/2018.xml returns/2017.xml[/bold]
    """
    with stopping():
        partition = Partition.of(authority, month or f"{max(year)}-03", "ssda903")
        home = Home.from_environment()
        _take(home, partition, path, year)
        _publish(home, partition)


def _take(home: Home, partition: Partition, paths: list[Path], years: list[int]) -> None:
    from cpw.pipeline.import_returns import import_returns

    with console.status("importing the return") as status:
        imported = import_returns(
            home,
            partition,
            paths,
            years,
            lambda step: status.update(f"importing the return: {step}"),
        )
    _say_imported(imported)


def _say_imported(imported: Imported) -> None:
    of = f"Return{'s' if len(imported.years) > 1 else ''} of {_listed(imported.years)}"
    for line in imported.refusals:
        _say(f"[yellow]quarantined[/yellow] {escape(line)}")
    for note in imported.notes:
        _say(f"  [dim]note:[/dim] {escape(note)}")
    if imported.changed:
        _say(
            f"{of}: {imported.rows_in:,} rows, {imported.rows_refused:,} quarantined; in the lake "
            f"as version {imported.version}."
        )
    else:
        _say(f"{of}: unchanged since the last import (version {imported.version}).")


def _listed(years: tuple[int, ...]) -> str:
    return ", ".join(str(year) for year in years)


def _publish(home: Home, partition: Partition) -> None:
    """Publish the month and write its reports, unless its extracts come first."""
    from cpw.pipeline import stages
    from cpw.pipeline.load import LoadSummary, print_summary, publish_month

    if stages.source_of(home, partition.authority, str(partition.month)) == "extract":
        _say(
            f"{partition} has monthly extracts, which come first. To publish the return instead:\n"
            f"  cpw load -a {partition.authority} -m {partition.month} --source ssda903\n"
            f"To compare the two:\n"
            f"  cpw reconcile -a {partition.authority} -m {partition.month}"
        )
        return
    summary = LoadSummary()
    publish_month(home, partition, console, summary)
    print_summary(summary, partition, console)
    with console.status("writing reports"):
        written = stages.write_reports(home, partition)
    _say_result(home, partition, str(written))


def _say_result(home: Home, partition: Partition, written: str) -> None:
    from cpw.cli.scorecard import print_scorecard

    print_scorecard(home, partition, console)
    _say_what_to_feed(home, partition)
    _say(f"\n{escape(written)}")
    _say(f"quality report: {escape(str(home.month(partition).quality_report))}")


def _say_what_to_feed(home: Home, partition: Partition) -> None:
    """Print the indicators that the return does not contain, and the tables to feed for them."""
    from cpw.warehouse.kpi_sources import more_of_returns, not_in_returns, to_feed
    from cpw.warehouse.lake import accepted_feeds
    from cpw.warehouse.return_coverage import coverage

    held = coverage(home, partition, accepted_feeds(home, partition))
    if held is None:
        raise InputError("no return is in the lake", remedy="Import one: cpw import-903")
    if more := more_of_returns(held, partition.month):
        _say(f"\n{sum(map(len, more.values()))} more indicators can be computed from returns:")
        for reason, kpis in more.items():
            _say(f"  [bold]{reason}[/bold]: {', '.join(kpis)}")
    missing = not_in_returns()
    _say(f"\n{len(missing)} indicators are in no return. Feed these tables of the extracts:")
    for table, kpis in to_feed(missing).items():
        _say(f"  [bold]{table}[/bold]: {', '.join(kpis)}")
    _say("  See docs/reference: each indicator's source (sources.md), the tables (contract.md).")


def _say(text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)
