"""``cpw synthesise``: extracts of synthetic children, where the generator is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cpw.cli.terminal import AuthorityOption, console, stopping
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import Partition


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
        typer.Option(help="Folder to write to. Default: the data home's landing zone."),
    ] = None,
    children: Annotated[
        int, typer.Option(min=1, help="Children in care at the month's end (with --month).")
    ] = 1600,
    seed: Annotated[int, typer.Option(help="The same seed makes the same children.")] = 1,
) -> None:
    """Write extracts of synthetic children: of one month, or of the months of an edition.

    The same seed and number of children make the same children: two months differ only in what
    happened between them. The extracts of an edition are made so that the warehouse computes the
    figures printed in its papers.

    Example: [bold]cpw synthesise -a 886 -m 2018-06 --out var/landing[/bold]

    Example: [bold]cpw synthesise --edition 2018-06[/bold]
    """
    with stopping():
        if (month is None) == (edition is None):
            raise InputError(
                "the months to write are not clear", remedy="Use either --month or --edition"
            )
        folder = out or Home.from_environment().landing
        if month is not None:
            _synthesise_month(Partition.of(authority, month), children, seed, folder)
        elif edition is not None:
            _synthesise_edition(authority, edition, seed, folder)


def _synthesise_month(partition: Partition, children: int, seed: int, out: Path) -> None:
    from cpw_synthetic import synthesise as write_extracts

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
    from cpw_synthetic.editions import AUTHORITY, synthesise_edition

    if authority != AUTHORITY:
        raise InputError(
            f"there are no printed figures of authority {authority}",
            remedy=f"Editions are calibrated for {AUTHORITY} only; "
            "use --month for another authority",
        )
    with console.status("choosing lives") as status:
        written = synthesise_edition(
            edition, out=out, seed=seed, progress=lambda text: status.update(f"choosing: {text}")
        )
    for month, files in written.items():
        console.print(f"{len(files)} files under {out / authority / str(month)}")
