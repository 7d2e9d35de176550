"""``cpw``: load, synthesise and status, for those who run the warehouse without a scheduler."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cpw import __version__, quarantine_cli
from cpw.errors import InputError, WarehouseError, fault_of
from cpw.home import Home, Partition

app = typer.Typer(
    help="The Corporate Parenting Warehouse: monthly extracts in, a gated scorecard out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(quarantine_cli.app, name="quarantine")
console = Console()
errors = Console(stderr=True)

AuthorityOption = Annotated[
    str, typer.Option("--authority", "-a", help="Three-digit DfE code, such as 886 for Kent.")
]
MonthOption = Annotated[
    str, typer.Option("--month", "-m", help="Reporting month as YYYY-MM, such as 2018-06.")
]


def _fail(error: WarehouseError) -> typer.Exit:
    errors.print(
        f"[bold red]Stopped.[/bold red] {escape(str(error))}", highlight=False, soft_wrap=True
    )
    return typer.Exit(error.exit_code)


@contextmanager
def _stopping() -> Iterator[None]:
    """End with a message and an exit code, not a traceback, where the user can mend what is wrong.

    Raises:
        typer.Exit: the code, once the message is printed.
    """
    try:
        yield
    except WarehouseError as error:
        raise _fail(error) from None
    except OSError as error:
        raise _fail(_unusable_place(error.strerror or "cannot be used", error.filename)) from None
    except Exception as error:
        if type(error).__module__ == "_duckdb" and type(error).__name__ == "IOException":
            raise _fail(_unusable_place(str(error).splitlines()[0])) from None
        if isinstance(error, typer.Exit | typer.Abort):
            raise
        errors.print(f"A fault of the warehouse: {escape(fault_of(error))}", highlight=False)
        raise typer.Exit(70) from None


def _unusable_place(found: str, place: object = None) -> InputError:
    return InputError(
        found,
        file=str(place) if place else None,
        remedy="Look whether it is there, may be read and written, is not open for writing "
        "elsewhere, and whether the disk is full; then run this again",
    )


@app.command()
def load(
    authority: AuthorityOption,
    month: MonthOption,
    feed: Annotated[
        str | None,
        typer.Option(help="Take only this feed into the lake: social_care, health, care_leavers."),
    ] = None,
) -> None:
    """Ingest, gate, build, gate and publish one month.

    Reads the extracts under [bold]$WAREHOUSE_HOME/landing/<authority>/<YYYY-MM>/<feed>/[/bold] and
    runs the stages the Airflow DAGs run, in one process.

    Exit code 0: published, or nothing had changed. 1: a gate stopped it; what was published before
    stays. 2: the input or the arguments cannot be used.

    Example: [bold]cpw load --authority 886 --month 2018-06[/bold]
    """
    from cpw.load import load as run_load
    from cpw.load import print_summary

    with _stopping():
        partition = Partition.of(authority, month)
        summary = run_load(Home.from_environment(), partition, console, feed)
    print_summary(summary, partition, console)


@app.command()
def synthesise(
    authority: AuthorityOption = "886",
    month: Annotated[
        str | None,
        typer.Option("--month", "-m", help="Reporting month as YYYY-MM, such as 2018-06."),
    ] = None,
    edition: Annotated[
        str | None,
        typer.Option(
            help="Instead of a month: the calibrated months of a printed scorecard, "
            "2018-06 or 2016-03."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write, in landing layout; the data home's landing zone else."),
    ] = None,
    children: Annotated[
        int, typer.Option(min=1, help="Children in care at the month's end (with --month).")
    ] = 1600,
    seed: Annotated[int, typer.Option(help="The same seed makes the same children.")] = 1,
) -> None:
    """Write extracts of synthetic children: of one month, or of the months of an edition.

    The same seed and number of children make the same lives: two months agree with each other but
    for what happened in between. The extracts of an edition are made so that what is loaded from
    them shows the figures its papers printed.

    Example: [bold]cpw synthesise -a 886 -m 2018-06 --out var/landing[/bold]

    Example: [bold]cpw synthesise --edition 2018-06[/bold]
    """
    with _stopping():
        if (month is None) == (edition is None):
            raise InputError("what to write is not clear", remedy="Give --month or --edition")
        folder = out or Home.from_environment().landing
        if month is not None:
            _synthesise_month(Partition.of(authority, month), children, seed, folder)
        elif edition is not None:
            _synthesise_edition(authority, edition, seed, folder)


def _synthesise_month(partition: Partition, children: int, seed: int, out: Path) -> None:
    from cpw.synthesise import synthesise as write_extracts

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    ) as progress:
        task = progress.add_task(f"children of {partition}", total=None)
        written = write_extracts(
            partition,
            children=children,
            seed=seed,
            out=out,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    console.print(f"{len(written)} files under {out / str(partition)}")


def _synthesise_edition(authority: str, edition: str, seed: int, out: Path) -> None:
    from cpw.synthesise.editions import AUTHORITY, synthesise_edition

    if authority != AUTHORITY:
        raise InputError(
            f"there are no printed figures of authority {authority}",
            remedy=f"Editions are calibrated for {AUTHORITY} alone; "
            "give --month for another authority",
        )
    with console.status("choosing lives") as status:
        written = synthesise_edition(
            edition, out=out, seed=seed, progress=lambda text: status.update(f"choosing: {text}")
        )
    for month, files in written.items():
        console.print(f"{len(files)} files under {out / authority / str(month)}")


@app.command()
def status(
    authority: Annotated[str | None, typer.Option("--authority", "-a")] = None,
    month: Annotated[str | None, typer.Option("--month", "-m")] = None,
) -> None:
    """Show what has arrived, been gated and been published, per feed and month."""
    from cpw.status import status_table

    with _stopping():
        only = Partition.of(authority, month) if authority and month else None
        console.print(status_table(Home.from_environment(), only))


@app.command()
def scorecard(authority: AuthorityOption, month: MonthOption) -> None:
    """Print a published month's scorecard."""
    from cpw.scorecard_view import print_scorecard

    with _stopping():
        print_scorecard(Home.from_environment(), Partition.of(authority, month), console)


@app.command()
def version() -> None:
    """Show the version."""
    console.print(__version__)


def main() -> None:
    """Run ``cpw``."""
    sys.exit(app())
