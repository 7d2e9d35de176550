"""The published scorecard in the terminal, in the order and colours of the panel's paper."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from cpw.engine import connect
from cpw.errors import InputError
from cpw.home import Home, Partition

_COLOURS = {"G": "black on green3", "A": "black on orange1", "R": "white on red3"}
_ARROWS = {"improved": "[green]↑[/]", "same": "[yellow]→[/]", "worsened": "[red]↓[/]"}
WIDTH = 132
_COLUMNS = (
    "section, label, polarity, period, result, rag, numerator, denominator, target, "
    "previous_result, previous_rag, direction, outturn_result, outturn_rag, edition, note"
)


@dataclass(frozen=True)
class _Line:
    section: str
    label: str
    polarity: str | None
    period: str
    result: str | None
    rag: str | None
    numerator: float | None
    denominator: float | None
    target: float | None
    previous_result: str | None
    previous_rag: str | None
    direction: str | None
    outturn_result: str | None
    outturn_rag: str | None
    edition: str
    note: str | None


def print_scorecard(home: Home, partition: Partition, console: Console) -> None:
    """Print a published month's scorecard, and how many indicators are green, amber and red.

    Raises:
        InputError: the month is not published.
    """
    wide = Console(file=console.file, width=max(console.width, WIDTH), highlight=False)
    wide.print(scorecard_table(home, partition))
    wide.print(summary_line(home, partition))


def _lines(home: Home, partition: Partition) -> list[_Line]:
    database = home.published / "corporate_parenting.duckdb"
    if not database.exists():
        raise InputError("nothing is published yet", remedy="Load a month first")
    with connect(database, read_only=True) as connection:
        rows = connection.execute(
            f"select {_COLUMNS} from marts.scorecard where authority = ? and month = ? "
            "order by position",
            [partition.authority, str(partition.month)],
        ).fetchall()
    if not rows:
        raise InputError(f"{partition} is not published", remedy="Load it first")
    return [_Line(*row) for row in rows]


def scorecard_table(home: Home, partition: Partition) -> Table:
    """The scorecard of a published month.

    Raises:
        InputError: the month is not published.
    """
    lines = _lines(home, partition)
    table = Table(
        title=f"Children in Care, {partition.month.as_at:%B %Y} (edition {lines[0].edition})",
        title_style="bold",
        show_lines=False,
        pad_edge=False,
    )
    table.add_column("indicator", min_width=40)
    for name in ("pol.", "period"):
        table.add_column(name, no_wrap=True)
    for name in ("result", "RAG", "num", "denom", "target", "previous", "DoT", "outturn"):
        table.add_column(name, justify="right", no_wrap=True)
    section = ""
    for line in lines:
        if line.section != section:
            section = line.section
            table.add_section()
            table.add_row(f"[bold]{section}[/]")
        table.add_row(
            line.label,
            line.polarity or "",
            line.period,
            line.result or "",
            _rag(line.rag),
            _number(line.numerator),
            _number(line.denominator),
            _number(line.target),
            line.previous_result or "",
            _ARROWS.get(line.direction or "", ""),
            line.outturn_result or "",
        )
    return table


def summary_line(home: Home, partition: Partition) -> str:
    """How many indicators are green, amber and red, as the paper says it."""
    rags = [line.rag for line in _lines(home, partition)]
    return (
        f"{rags.count('G')} green, {rags.count('A')} amber, {rags.count('R')} red; "
        f"{sum(1 for line in _lines(home, partition) if line.result)} of {len(rags)} "
        "indicators have a figure"
    )


def _rag(rag: str | None) -> str:
    return f"[{_COLOURS[rag]}] {rag} [/]" if rag else ""


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{float(value):,.1f}"
