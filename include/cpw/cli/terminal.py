"""What all commands share: options, the console, and how a command ends after an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cpw.core.errors import InputError, WarehouseError, fault_of

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
def stopping() -> Iterator[None]:
    """End with a message and an exit code instead of a traceback if the user can correct the error.

    Raises:
        typer.Exit: with the exit code, after the message is printed.
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
        remedy="Check that it exists, that you may read and write it, that no other program has "
        "it open for writing, and that the disk is not full; then run this again",
    )
