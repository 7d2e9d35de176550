"""``cpw quarantine``: count the rows to correct, release some, write lists for their owners."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from cpw.cli.terminal import AuthorityOption, console, stopping
from cpw.core.errors import shape_of
from cpw.core.home import Home
from cpw.core.partition import Partition, check_feed_label

if TYPE_CHECKING:
    from cpw.corrections.ledger import Count, Ledger, Selection

app = typer.Typer(
    help="The rows to correct: list them, release rows that are right, export correction lists.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Month = Annotated[
    str | None,
    typer.Option(
        "--month",
        "-m",
        help="Only the rows of one month, as YYYY-MM. Default: each row as in its newest month.",
    ),
]
Owner = Annotated[
    str | None, typer.Option(help="Only the rows that one role corrects: 'health data lead'.")
]


@app.command("list")
def list_entries(
    authority: AuthorityOption,
    month: Month = None,
    feed: Annotated[
        str | None,
        typer.Option(
            help="Only one feed: social_care, health, care_leavers; or a return: ssda903_2018."
        ),
    ] = None,
    owner: Owner = None,
    rule: Annotated[str | None, typer.Option(help="Only one rule, by its id.")] = None,
    status: Annotated[
        Literal["open", "closed", "released", "all"],
        typer.Option(help="Open: still wrong. Closed: no longer found. Released: loaded as it is."),
    ] = "open",
    refused: Annotated[
        bool,
        typer.Option(
            "--refused/--all-failures",
            help="Only the rows that were refused, or also rows that failed and were loaded.",
        ),
    ] = False,
    entries: Annotated[
        bool, typer.Option("--entries", help="Print one line per row, with tabs, not counts.")
    ] = False,
) -> None:
    """Count the rows to correct, by owner, feed, table and rule.

    No child's data is shown: an entry shows its id, file, row and column, and the value's shape.

    Example: [bold]cpw quarantine list -a 886 --refused[/bold]
    """
    from cpw.corrections.ledger import Selection, check_names, open_ledger

    with stopping():
        _check(authority, month)
        selection = Selection(
            status=None if status == "all" else status,
            feed=check_feed_label(feed) if feed is not None else None,
            owner=owner,
            rule=rule,
            refused_only=refused,
        )
        with open_ledger(Home.from_environment(), authority, month) as ledger:
            check_names(ledger, owner, rule)
            if entries:
                _print_entries(ledger, selection)
            else:
                _print_counts(ledger.counts(selection), status, _what(authority, month))


@app.command()
def release(
    entry: Annotated[
        list[str], typer.Argument(help="Ids from cpw quarantine list --refused --entries.")
    ],
    authority: AuthorityOption,
    by: Annotated[str, typer.Option(help="The role that takes responsibility.")],
    reason: Annotated[
        str, typer.Option(help="Why the row is right as it is; with --withdraw, why it is not.")
    ],
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Withdraw the release of these entries.")
    ] = False,
) -> None:
    """Release refused rows from the rule that refuses them: the next load takes them as they are.

    The rule still reports the row as failing. If the row's content changes, the rule refuses it
    again. After a release is withdrawn, the next load refuses the row again.

    Example: [bold]cpw quarantine release 0f3a9c21be -a 886 --by "health data lead"
    --reason "seen in the paper file"[/bold]
    """
    from cpw.corrections import releasing
    from cpw.corrections.ledger import open_ledger

    with stopping():
        _check(authority, None)
        home = Home.from_environment()
        decide = releasing.withdraw if withdraw else releasing.release
        with open_ledger(home, authority) as ledger:
            released = decide(home, ledger, entry, by, reason)
    done = ("Withdrawn", "refused again") if withdraw else ("Released", "loaded as they are")
    _say(f"{done[0]}: {len(released.entries)} entries, {done[1]} at the next load.")
    for other in released.still_refused:
        _say(f"The same row is refused by {other.rule_id} too: entry {other.entry_id}.")
    if any(entry.feed.startswith("ssda903") for entry in released.entries):
        _say("Run next: cpw import-903, with the same return")
        return
    for month in released.months:
        _say(f"Run next: cpw load --authority {authority} --month {month}")


@app.command()
def export(
    authority: AuthorityOption,
    month: Month = None,
    owner: Owner = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write to. Default: quarantine/corrections/<authority>/<month>/ in the "
            "data home."
        ),
    ] = None,
) -> None:
    """Write a correction list (XLSX) for each owner: the open entries, with values and ids.

    The lists name children: only you can read the files.

    Example: [bold]cpw quarantine export -a 886 --owner "health data lead"[/bold]
    """
    from cpw.corrections.ledger import check_names, open_ledger
    from cpw.corrections.workbook import export as export_lists

    with stopping():
        _check(authority, month)
        home = Home.from_environment()
        with open_ledger(home, authority, month) as ledger:
            check_names(ledger, owner, None)
            written = export_lists(home, ledger, owner, out)
    for one in written:
        _say(f"{one.owner}: {one.refused:,} refused, {one.kept:,} loaded rows in {one.path}")
    if not written:
        _say("There is nothing to correct: no list was written.")


def _say(text: str) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True)


def _check(authority: str, month: str | None) -> None:
    """Check that the authority and the month exist."""
    Partition.of(authority, month or "1900-01")


def _what(authority: str, month: str | None) -> str:
    return f"{authority}/{month}" if month else f"{authority}, all months"


def _print_counts(counts: list[Count], asked: str, what: str) -> None:
    """Print the counts of each rule, below its owner and its table."""
    table = Table("what breaks the rule", "severity", box=None, pad_edge=False)
    for heading in ("refused", "loaded"):
        table.add_column(heading, justify="right")
    table.add_column("since")
    table.columns[0].overflow = "fold"
    for owner, of_owner in groupby(counts, key=lambda count: count.owner):
        mine = list(of_owner)
        table.add_row(f"[bold]{escape(owner)}[/bold]", "", *_sums(mine))
        for (feed, name), of_table in groupby(mine, key=lambda count: (count.feed, count.table)):
            table.add_row(f" [dim]{feed}[/dim] {name}")
            for count in of_table:
                facts = [count.severity, *_sums([count]), count.since]
                table.add_row(f"  {count.rule_id}", *facts)
                if asked in ("all", "closed"):
                    table.add_row(f"    [dim]{_state(count)}[/dim]")
    if counts:
        console.print(table, highlight=False)
    refused, kept = _sums(counts)
    total = f"{sum(c.refused + c.kept for c in counts):,}"
    kind = "" if asked == "all" else f"{asked} "
    _say(
        f"{what}: {total} {kind}corrections, {refused} of refused rows, "
        f"{kept} of rows that failed and were loaded."
    )


def _sums(counts: list[Count]) -> tuple[str, str]:
    return f"{sum(c.refused for c in counts):,}", f"{sum(c.kept for c in counts):,}"


def _state(count: Count) -> str:
    return f"closed by {count.closed_by}" if count.closed_by else count.status


def _print_entries(ledger: Ledger, selection: Selection) -> None:
    """Print a line for each row of the entries, columns between tabs; no line has a value."""
    typer.echo("entry\tfile\trow\tcolumn\trule\tfound\tstate")
    for row in ledger.rows(selection):
        found = shape_of(row["value"]) if row["value"] is not None else ""
        state = "refused" if row["is_refused"] else "loaded"
        cells = [
            row["entry_id"],
            row["file"] or row["table_name"],
            row["source_row"] or "",
            row["column_name"] or "",
            row["rule_id"],
            found,
            f"{row['status']}, {state}",
        ]
        typer.echo("\t".join(str(cell) for cell in cells))
