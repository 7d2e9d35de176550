"""``cpw quality``: write a month's report, accept what a rule finds, list what is accepted."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cpw.cli.terminal import AuthorityOption, console, stopping
from cpw.core.errors import InputError
from cpw.core.home import Home
from cpw.core.partition import SOURCES, Partition
from cpw.core.reporting_month import ReportingMonth

app = typer.Typer(
    help="A month's data-quality report; what the rules find: accept it, list what is accepted.",
    rich_markup_mode="rich",
)


@app.callback(invoke_without_command=True)
def quality(
    context: typer.Context,
    authority: Annotated[
        str | None, typer.Option("--authority", "-a", help="Three-digit DfE code, such as 886.")
    ] = None,
    month: Annotated[
        str | None, typer.Option("--month", "-m", help="Reporting month as YYYY-MM.")
    ] = None,
) -> None:
    """Write a month's data-quality report again, and print its path; or use a command.

    The report shows which rules ran and failed, who corrects the rows, and which figures they
    affect. Every gate writes it too.

    Example: [bold]cpw quality --authority 886 --month 2018-06[/bold]
    """
    if context.invoked_subcommand is not None:
        return
    from cpw.quality import report as quality_report

    with stopping():
        if authority is None or month is None:
            raise InputError(
                "it is not clear which month's report to write",
                remedy="Use --authority and --month, or one of the commands of cpw quality --help",
            )
        home, partition = Home.from_environment(), Partition.of(authority, month)
        written = [
            path
            for source in SOURCES
            if (path := quality_report.write(home, replace(partition, source=source)))
        ]
        if not written:
            raise InputError(f"no gate has run for {partition}", remedy="Load the month first")
    for path in written:
        console.print(str(path), soft_wrap=True, highlight=False)


@app.command()
def accept(
    authority: AuthorityOption,
    rule: Annotated[str, typer.Option(help="The rule, by the id that the error names.")],
    by: Annotated[str, typer.Option(help="The role that takes responsibility.")],
    reason: Annotated[
        str, typer.Option(help="Why the rows may fail; with --withdraw, why no longer.")
    ],
    month: Annotated[
        str | None, typer.Option("--month", "-m", help="Only this month, as YYYY-MM.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(help="From the month in which the rule failed to this one, as YYYY-MM."),
    ] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Withdraw the acceptance of the rule.")
    ] = False,
) -> None:
    """Accept the rows that fail a rule of major severity, so that they do not stop the month.

    As many rows may fail as failed when the rule last ran; one more, and it stops again. The rule
    still fails, and the quality report names who accepted it. What a critical rule finds, and rows
    that are not valid, cannot be accepted.

    Example: [bold]cpw quality accept -a 886 --rule social_care.mix.role --until 2018-09
    --by "performance lead" --reason "teams were merged in May"[/bold]
    """
    from cpw.quality import acceptances

    with stopping():
        Partition.of(authority, month or "1900-01")
        home = Home.from_environment()
        if withdraw:
            gone = acceptances.withdraw(home, authority, rule, by=by, reason=reason)
            _print(f"Withdrawn: {gone.rule_id} stops again at what it tolerates.")
            return
        accepted = acceptances.accept(
            home,
            authority,
            rule,
            month=ReportingMonth.parse(month) if month else None,
            until=ReportingMonth.parse(until) if until else None,
            by=by,
            reason=reason,
        )
    _print(
        f"Accepted: {accepted.rows:,} rows may fail {accepted.rule_id}, "
        f"from {accepted.since} to {accepted.until}."
    )
    _print(f"Run next: cpw load --authority {authority} --month {accepted.since}")
    _print("In Airflow, clear the task of the gate that stopped.")


@app.command()
def accepted(authority: AuthorityOption) -> None:
    """List what is accepted for an authority, by rule."""
    from cpw.quality import acceptances

    with stopping():
        Partition.of(authority, "1900-01")
        found = acceptances.in_force(Home.from_environment(), authority)
    if not found:
        _print(f"Nothing is accepted for {authority}.")
        return
    table = Table("rule", "rows", "months", "by", "reason", "since", box=None, pad_edge=False)
    for line in acceptances.shown(found):
        table.add_row(*(escape(cell) for cell in line))
    console.print(table, highlight=False)


def _print(text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)
