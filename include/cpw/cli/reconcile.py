"""``cpw reconcile``: how a month's extracts and its return differ, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cpw.cli.terminal import AuthorityOption, MonthOption, console, stopping
from cpw.core.home import Home
from cpw.core.partition import Partition

if TYPE_CHECKING:
    from cpw.reconcile.compare import Comparison, Indicator

_WIDTH = 132


def reconcile(authority: AuthorityOption, month: MonthOption) -> None:
    """Compare a month's extracts with its statutory return, and explain each difference.

    Both must be in the lake ([bold]cpw load[/bold], [bold]cpw import-903[/bold]) and use the same
    ids for children. The command compares who is in care and who counts in each indicator. In the
    month's reports it writes a page, [bold]restricted/reconciliation.html[/bold], and a list of
    children, [bold]child-level/reconciliation.csv[/bold]. The published figures do not change.

    Exit code 0: compared, whatever the differences. 1: a source could not be built. 2: a source is
    missing, or no child's id is in both.

    Example: [bold]cpw reconcile --authority 886 --month 2018-03[/bold]
    """
    with stopping():
        from cpw.reconcile.run import run

        partition = Partition.of(authority, month)
        with console.status("comparing") as status:
            done = run(
                Home.from_environment(), partition, lambda step: status.update(f"comparing: {step}")
            )
        print_comparison(done.comparison, console)
        console.print(f"page: {escape(str(done.page))}", highlight=False, soft_wrap=True)
        console.print(f"children: {escape(str(done.children))}", highlight=False, soft_wrap=True)


def print_comparison(found: Comparison, console: Console) -> None:
    """Print a comparison: counts only."""
    wide = Console(file=console.file, width=max(console.width, _WIDTH), highlight=False)
    wide.print(_cohorts(found))
    wide.print(_indicators(found))
    if found.causes:
        wide.print(_causes(found))
    else:
        wide.print("[green]Nothing differs.[/green]")
    for line in _not_compared(found):
        wide.print(line)


def _not_compared(found: Comparison) -> list[str]:
    """A line per source with the indicators it lacks; a cohort is named if only it is lacking."""
    whole = {line.kpi_id for line in found.not_compared if line.cohort == "all"}
    listed: dict[str, list[str]] = {}
    for line in found.not_compared:
        if line.cohort == "all":
            listed.setdefault(line.without, []).append(line.kpi_id)
        elif line.kpi_id not in whole:
            listed.setdefault(line.without, []).append(f"{line.kpi_id} without UASC")
    return [
        f"Not compared ({len(names)}), because the {source} cannot give them (see the page): "
        + ", ".join(names)
        for source, names in listed.items()
    ]


def _cohorts(found: Comparison) -> Table:
    from cpw.reconcile.page import COHORTS

    table = Table(title=f"{found.partition}: extracts and return", title_style="bold")
    table.add_column("children")
    for name in ("extracts", "return", "in both", "extracts alone", "return alone"):
        table.add_column(name, justify="right")
    lines = [(COHORTS[name], members) for name, members in found.cohorts.items()]
    for name, of in [*lines, ("ids of children", found.children)]:
        counts = (of.extract, of.returned, of.both, of.only_extract, of.only_return)
        table.add_row(name, *(f"{count:,}" for count in counts))
    return table


def _indicators(found: Comparison) -> Table:
    from cpw.reconcile.page import OF_COHORT, figure

    table = Table(title="Indicators that both sources have", title_style="bold")
    table.add_column("indicator")
    for name in ("extracts", "return", "same", "other answer", "extracts alone", "return alone"):
        table.add_column(name, justify="right")
    for line in found.indicators:
        of = OF_COHORT[line.cohort]
        table.add_row(
            line.kpi_id + (f" [dim]{of}[/dim]" if of else ""),
            figure(line.extract, line.unit),
            figure(line.returned, line.unit),
            *_counts(line),
        )
    return table


def _counts(line: Indicator) -> tuple[str, ...]:
    if line.members is None:
        return ("–", "–", "–", "–")
    of = line.members
    counts = (of.both - line.other_answer, line.other_answer, of.only_extract, of.only_return)
    return tuple(f"{count:,}" for count in counts)


def _causes(found: Comparison) -> Table:
    from cpw.reconcile.causes import CAUSES

    table = Table(title="Why they differ", title_style="bold")
    table.add_column("cause")
    table.add_column("where")
    table.add_column("differences", justify="right")
    table.add_column("children", justify="right")
    for line in found.causes:
        where = ".".join(part for part in (line.table, line.column) if part)
        rule = f" ({line.rule_id})" if line.rule_id else ""
        table.add_row(
            CAUSES[line.cause], where + rule, f"{line.differences:,}", f"{line.children:,}"
        )
    return table
