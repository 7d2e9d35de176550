"""``cpw check``: what a load of a folder of files would do, without loading anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cpw.cli.terminal import AuthorityOption, MonthOption, console, stopping
from cpw.core.home import Home
from cpw.core.partition import Partition

_PAGE = "check-{authority}-{month}.html"


def check(
    folder: Annotated[
        Path, typer.Argument(help="The folder of files; folders in it are read too.")
    ],
    authority: AuthorityOption,
    month: MonthOption,
    out: Annotated[
        Path | None, typer.Option(help="The page to write. Default: in the current folder.")
    ] = None,
) -> None:
    """Read and gate a folder of files, load nothing, and write one page on what a load would do.

    The page lists tables and columns that are there or missing, what would stop the month, what
    would be refused, and which indicators miss a table. The command ends as a load would: with 0,
    1 (a gate stops it) or 2 (a file cannot be used).

    Example: [bold]cpw check exports/june --authority 886 --month 2018-06[/bold]
    """
    from cpw.pipeline.check import check as check_files
    from cpw.pipeline.check_page import write_page

    with stopping():
        partition = Partition.of(authority, month)
        checked = check_files(Home.from_environment(), partition, folder)
        name = _PAGE.format(authority=authority, month=partition.month)
        page = write_page(checked, out or Path(name))
    there = [table for table in checked.tables if table.file]
    refused = sum(line["rows_refused"] for line in checked.refused)
    _print(f"{len(there)} of {len(checked.tables)} tables; {refused:,} rows would be refused.")
    for problem in checked.problems:
        _print(f"Cannot be used: {problem}")
    for rule in checked.stops:
        _print(f"Would stop: {rule['rule_id']}: {rule['description']}. {rule['remedy']}")
    _print(f"Nothing was loaded. {page.resolve()}")
    raise typer.Exit(checked.exit_code)


def _print(text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)
