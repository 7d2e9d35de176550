"""``cpw``: the commands of the warehouse, for use without a scheduler."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec
from typing import Annotated

import typer
from rich.markup import escape

from cpw import __version__
from cpw.cli import quality, quarantine
from cpw.cli.check import check
from cpw.cli.import_903 import import_903
from cpw.cli.reconcile import reconcile
from cpw.cli.terminal import AuthorityOption, MonthOption, console, stopping
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import SOURCES, Partition, Source
from cpw.core.partition_set import ALL, authorities_named, months_named, partitions_named

app = typer.Typer(
    help="The Corporate Parenting Warehouse: monthly extracts in, a gated scorecard out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(quality.app, name="quality")


@app.command()
def load(
    authority: Annotated[
        list[str],
        typer.Option(
            "--authority",
            "-a",
            help="Three-digit DfE code, such as 886 for Kent; several as 886,887; "
            "or all that have extracts.",
        ),
    ],
    month: Annotated[
        list[str],
        typer.Option(
            "--month",
            "-m",
            help="Reporting month as YYYY-MM, such as 2018-06; several as 2018-03,2018-05; "
            "or a range, such as 2017-07..2018-06.",
        ),
    ],
    feed: Annotated[
        str | None,
        typer.Option(
            help="Load only this feed into the lake (social_care, health, care_leavers), and "
            "publish nothing."
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="Source of the month: extract, or ssda903 (a return that import-903 imported). "
            "Default: the extracts if the month has any, else the return."
        ),
    ] = None,
) -> None:
    """Ingest, gate, build, gate and publish a month, or several months and authorities together.

    Reads the extracts under [bold]$WAREHOUSE_HOME/landing/<authority>/<YYYY-MM>/<feed>/[/bold] and
    runs the stages the Airflow DAGs run. The marts of several are built in one go and published at
    once; one that is stopped leaves the others alone, and the next run does what is left.

    Exit code 0: published, or nothing had changed. 1: a gate stopped it, or one of several is
    stopped; what was published before stays. 2: the input or the arguments cannot be used.

    Example: [bold]cpw load --authority 886 --month 2018-06[/bold]

    Example: [bold]cpw load --authority 886 --month 2017-07..2018-06[/bold]
    """
    with stopping():
        home = Home.from_environment()
        partitions = _named(home, authority, month, source)
        if len(partitions) > 1:
            _load_together(home, partitions, feed)
        else:
            _load_one(home, partitions[0], feed)


def _named(
    home: Home, authorities: list[str], months: list[str], source: str | None
) -> list[Partition]:
    """The partitions that are named, each with its source.

    Raises:
        InputError: there is no such authority, month or source.
    """
    from cpw.pipeline import stages

    if ALL in authorities_named(authorities):
        authorities = stages.authorities_of(home, months_named(months))
    named = partitions_named(authorities, months)  # reported before a wrong source
    return [replace(p, source=_source(home, p.authority, str(p.month), source)) for p in named]


def _load_one(home: Home, partition: Partition, feed: str | None) -> None:
    from cpw.pipeline.load import load as run_load
    from cpw.pipeline.load import print_summary

    print_summary(run_load(home, partition, console, feed), partition, console)


def _load_together(home: Home, partitions: list[Partition], feed: str | None) -> None:
    """Load several partitions.

    Raises:
        InputError: only one feed is asked for.
        typer.Exit: one of the partitions is stopped; exit code 1.
    """
    from cpw.pipeline.load_set import load_set, print_set

    if feed is not None:
        raise InputError(
            "one feed of several months or authorities cannot be loaded in one go",
            remedy="Name one authority and one month, or leave --feed out",
        )
    loaded = load_set(home, partitions, console)
    print_set(loaded, console)
    if any(one.state == "stopped" for one in loaded):
        raise typer.Exit(1)


def _source(home: Home, authority: str, month: str, asked: str | None) -> Source:
    """The source asked for, or the one a month is published from by itself.

    Raises:
        InputError: there is no such source.
    """
    from cpw.pipeline import stages

    if asked is None:
        return stages.source_of(home, authority, month)
    for source in SOURCES:
        if source == asked:
            return source
    raise InputError(f"'{asked}' is not a source", remedy=f"Sources are {', '.join(SOURCES)}")


app.command("import-903")(import_903)
app.command()(check)
app.command()(reconcile)
if find_spec("cpw_synthetic"):  # a server has no synthetic children
    from cpw.cli.synthesise import synthesise

    app.command()(synthesise)


@app.command()
def status(
    authority: Annotated[str | None, typer.Option("--authority", "-a")] = None,
    month: Annotated[str | None, typer.Option("--month", "-m")] = None,
) -> None:
    """Show for each feed and month what arrived, how its gate ended and what is published."""
    from cpw.cli.status import status_table

    with stopping():
        only = Partition.of(authority, month) if authority and month else None
        console.print(status_table(Home.from_environment(), only))


@app.command()
def scorecard(authority: AuthorityOption, month: MonthOption) -> None:
    """Print a published month's scorecard."""
    from cpw.cli.scorecard import print_scorecard

    with stopping():
        print_scorecard(Home.from_environment(), Partition.of(authority, month), console)


@app.command()
def report(authority: AuthorityOption, month: MonthOption) -> None:
    """Write a published month's site, panel paper and workbooks.

    The public edition is in [bold]$WAREHOUSE_HOME/reports/<authority>/<YYYY-MM>/[/bold]. Its
    folder [bold]restricted/[/bold] has the panel's edition with every number, its folder
    [bold]child-level/[/bold] the work-list and the subjects behind each indicator. The last step
    of the publish DAG does the same.

    Example: [bold]cpw report --authority 886 --month 2018-06[/bold]
    """
    from cpw.pipeline import stages

    with stopping():
        partition = Partition.of(authority, month)
        with console.status("writing reports"):
            written = stages.write_reports(Home.from_environment(), partition)
    for warning in written.warnings:
        console.print(
            f"[yellow]warning:[/yellow] {escape(warning)}", highlight=False, soft_wrap=True
        )
    console.print(str(written), soft_wrap=True, highlight=False)


@app.command()
def version() -> None:
    """Show the version."""
    console.print(__version__)


def main() -> None:
    """Run ``cpw``."""
    sys.exit(app())
