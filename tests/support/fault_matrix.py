"""The fault matrix: spoil a month in every way we know, load it, and see which rule says so.

    make faults ONLY="part of a fault's name"

Two months of synthetic children are loaded once. Each fault then gets a copy of that data home,
edits the extract of the second month and has the real ``cpw load`` load the feed it changed; where
the rule needs several feeds, the gate between the feeds follows. Exit code 0 only where nothing was
raised without a fault, and every fault is caught by its rule, which names the very rows. As many
faults are tried at a time as there are processors.
"""

from __future__ import annotations

import io
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import duckdb
from rich.console import Console

from cpw.core.errors import GateBlockedError, InputError, WarehouseError
from cpw.core.home import Home
from cpw.core.partition import FEEDS
from cpw.core.paths import EXPECTATIONS
from cpw.ingest.landing import MANIFEST
from cpw.pipeline import stages
from cpw.pipeline.load import load
from cpw.quality.rule import Rule, feeds_of
from cpw.quality.rule_book import rule_book
from cpw_synthetic import synthesise
from support.faults import FAULTS, Fault
from support.faults.model import CHILDREN, JUNE, MAY, SEED, Expected, Extract

ROWS_LOOKED_AT = 20
_COPIED = ("audit", "keys")  # added to in place; of all else the files are replaced as a whole
_LINKED = ("landing", "lake", "failures")


@dataclass(frozen=True)
class Outcome:
    """How a fault came out: why it was missed, if so, and what else failed."""

    fault: Fault
    missed: str
    others: tuple[str, ...] = ()
    blocked: bool = False

    @property
    def caught(self) -> bool:
        """Whether the rule said all that it must."""
        return not self.missed


@dataclass(frozen=True)
class _Run:
    """What a load left: what it raised, what it printed, and the files its gates wrote."""

    error: Exception | None
    printed: str
    results: list[Path]
    failures: list[Path]


def make_base(root: Path) -> Home:
    """Load two months of synthetic children, which every fault starts from."""
    home = Home(root.resolve())
    with _set("WAREHOUSE_HOME", home.root):
        for partition in (MAY, JUNE):
            synthesise(partition, children=CHILDREN, seed=SEED, out=home.landing)
            for manifest in home.landing.rglob("manifest.csv"):
                manifest.unlink()
            for feed in FEEDS:
                load(home, partition, Console(file=io.StringIO()), feed=feed)
            stages.gate_feeds(home, partition)
    return home


def raised_without_fault(base: Home) -> list[str]:
    """The rules that failed on the months as they were synthesised; there must be none."""
    found = _query(
        _results(base),
        "select distinct month || ' ' || rule_id || ': ' || rows_failed || ' of ' || rows_checked "
        "from {files} where outcome not in ('pass', 'not_run') order by 1",
    )
    return [str(line) for (line,) in found]


def try_fault(fault: Fault, base: Home) -> Outcome:
    """Load a copy of the base with the fault in it, and see how its rule came out."""
    with tempfile.TemporaryDirectory(prefix="fault-", dir=base.root.parent) as folder:
        home = _copy(base, Path(folder) / "home")
        with _set("WAREHOUSE_HOME", home.root), _expectations(fault, Path(folder) / "expectations"):
            extract = Extract(home)
            expected = fault.edit(extract)
            numbers = _as_named(fault, extract, expected)
            extract.save()
            rule = rule_book().rule(fault.rule) if fault.rule else None
            run = _load(home, base, _feeds_to_load(rule, home, base), rule)
        missed = _why_missed(fault, run, numbers) or _leaked(home, base, run)
        blocked = isinstance(run.error, GateBlockedError)
        return Outcome(fault, missed, _others(fault, run), blocked)


def _copy(base: Home, target: Path) -> Home:
    for name in _COPIED:
        shutil.copytree(base.root / name, target / name)
    for name in _LINKED:
        shutil.copytree(base.root / name, target / name, copy_function=os.link)
    return Home(target)


@contextmanager
def _set(name: str, path: Path) -> Iterator[None]:
    """Set a variable of the environment to a path, for as long as the block runs."""
    before = os.environ.get(name)
    os.environ[name] = str(path)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def _expectations(fault: Fault, folder: Path) -> Iterator[None]:
    """The rule book with the fault's broken rule in it, if it is about one."""
    if fault.mend is None:
        yield
        return
    shutil.copytree(EXPECTATIONS, folder)
    fault.mend(folder)
    with _set("CPW_EXPECTATIONS", folder):
        yield


def _as_named(fault: Fault, extract: Extract, expected: Expected) -> list[object] | int:
    """What the rule must name: row numbers as a spreadsheet shows them, ids, or how many."""
    if isinstance(expected, int):
        return expected
    places: dict[int, int] = {}
    if any(isinstance(one, dict) for one in expected):
        rows = extract[fault.rule.split(".")[0]]
        places = {id(row): number for number, row in enumerate(rows, start=2)}
    return sorted((places.get(id(one), one) for one in expected), key=_order)


def _order(one: object) -> tuple[int, str]:
    return (one, "") if isinstance(one, int) else (0, str(one))


def _feeds_to_load(rule: Rule | None, home: Home, base: Home) -> list[str]:
    """The feeds whose files were changed; those of a broken rule where none was."""
    changed = [feed for feed in FEEDS if _files(home, feed) != _files(base, feed)]
    return changed or sorted(feeds_of(rule) if rule else FEEDS)


def _files(home: Home, feed: str) -> dict[str, bytes]:
    folder = home.landing / JUNE.authority / str(JUNE.month) / feed
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _load(home: Home, base: Home, feeds: Iterable[str], rule: Rule | None) -> _Run:
    printed, error = io.StringIO(), None
    handler = logging.StreamHandler(printed)
    logging.getLogger().addHandler(handler)
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            for feed in feeds:
                load(home, JUNE, Console(file=printed, width=500), feed=feed)
            if rule is not None and len(feeds_of(rule)) > 1:
                stages.gate_feeds(home, JUNE)
    except Exception as raised:  # whatever it is, the other faults are still to be tried
        error = raised
        printed.write(str(raised))
    finally:
        logging.getLogger().removeHandler(handler)
    results = _new(_results(home), _results(base))
    failures = _new(_parquet(home.failures), _parquet(base.failures))
    return _Run(error, printed.getvalue(), results, failures)


def _new(files: list[Path], before: list[Path]) -> list[Path]:
    known = {path.name for path in before}
    return [path for path in files if path.name not in known]


def _parquet(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def _results(home: Home) -> list[Path]:
    return _parquet(home.audit / "rule_results")


def _query(files: list[Path], query: str, *values: object) -> list[tuple[object, ...]]:
    if not files:
        return []
    listed = ", ".join(f"'{path}'" for path in files)
    sql = query.replace("{files}", f"read_parquet([{listed}])")
    with duckdb.connect() as connection:
        rows: list[tuple[object, ...]] = connection.execute(sql, list(values)).fetchall()
        return rows


def _others(fault: Fault, run: _Run) -> tuple[str, ...]:
    found = _query(
        run.results,
        "select distinct rule_id from {files} "
        "where outcome in ('fail', 'errored') and rule_id <> ? order by 1",
        fault.rule,
    )
    return tuple(str(rule) for (rule,) in found)


def _why_missed(fault: Fault, run: _Run, expected: list[object] | int) -> str:
    """Why the fault does not count as caught; empty where it does."""
    if fault.says:
        said = isinstance(run.error, InputError) and fault.says in str(run.error)
        return "" if said and not run.results else f"ended with {_named(run.error)}"
    if run.error is not None and not isinstance(run.error, GateBlockedError):
        return f"ended with {_named(run.error)}"
    found = _query(
        run.results,
        "select outcome, blocks, rows_failed from {files} where rule_id = ?",
        fault.rule,
    )
    if not found:
        return "the rule was not asked"
    outcome, blocks, failed = found[-1]
    if outcome != ("fail" if fault.mend is None else "errored"):
        return f"the rule came out as {outcome}"
    if blocks != fault.blocks or (fault.blocks and run.error is None):
        return "it did not stop the load" if fault.blocks else "it stopped the load"
    named = failed if isinstance(expected, int) else _named_rows(fault, run, expected)
    return "" if named == expected else f"it names {_short(named)}, not {_short(expected)}"


def _named(error: Exception | None) -> str:
    if error is None:
        return "no error"
    message = str(error).splitlines()[0] if isinstance(error, WarehouseError) else ""
    return f"{type(error).__name__} {message}".strip()


def _named_rows(fault: Fault, run: _Run, expected: list[object]) -> list[object]:
    by_number = bool(expected) and isinstance(expected[0], int)
    column = "source_row" if by_number else "coalesce(row_key, person_id)"
    query = f"select {column} from {{files}} where rule_id = ?"
    return sorted((one for (one,) in _query(run.failures, query, fault.rule)), key=_order)


def _short(named: object) -> str:
    if not isinstance(named, list):
        return str(named)
    shown = ", ".join(str(one) for one in named[:4])
    return f"{len(named)} ({shown}{', …' if len(named) > 4 else ''})"


def _leaked(home: Home, base: Home, run: _Run) -> str:
    """Where a cell of a row the fault changed is shown to all; it must be nowhere."""
    secrets = _secrets(home, base)
    places = {"the output": run.printed}
    for folder in (home.audit, home.data_docs, home.reports):
        for path in folder.rglob("*.*"):
            if path.is_file() and path.suffix != ".parquet":
                places[path.name] = path.read_text(encoding="utf-8", errors="ignore")
    for place, text in places.items():
        if any(secret in text for secret in secrets):
            return f"a cell is shown in {place}"
    return ""


def _secrets(home: Home, base: Home) -> set[str]:
    """Cells of changed rows that can only be a child's: six signs or more, and a digit in them."""
    found: set[str] = set()
    for feed in FEEDS:
        before = _files(base, feed)
        for name, content in _files(home, feed).items():
            if name == MANIFEST:
                continue
            lines = set(content.splitlines()) - set(before.get(name, b"").splitlines())
            for line in sorted(lines)[:ROWS_LOOKED_AT]:
                found |= set(line.decode("utf-8", errors="ignore").split(","))
    is_cell = re.compile(r"(?=.*\d).{6,}")
    return {cell for cell in found if is_cell.fullmatch(cell)} - {JUNE.month.as_at.isoformat()}


def line(outcome: Outcome) -> str:
    """One line of the table."""
    fault = outcome.fault
    rule = fault.rule or f"unusable: {fault.says}"
    state = "caught" if outcome.caught else f"MISSED, {outcome.missed}"
    stops = "blocked" if outcome.blocked else "ended" if fault.says else "passed"
    others = ", ".join(outcome.others[:4]) + (
        f" and {len(outcome.others) - 4} more" if len(outcome.others) > 4 else ""
    )
    return f"{fault.name:<62} {rule:<58} {state:<8} {stops:<8} {others or '-'}"


def main(parts: Sequence[str], write: Callable[[str], None] = print) -> int:
    """Try the faults whose name has one of the parts in it, or all; returns the exit code."""
    chosen = [
        number
        for number, fault in enumerate(FAULTS)
        if not parts or any(part in fault.name for part in parts)
    ]
    head = f"{'fault':<62} {'rule that must catch it':<58} {'':<8} {'load':<8} what else failed"
    with tempfile.TemporaryDirectory(prefix="fault-matrix-") as folder:
        base = make_base(Path(folder) / "base")
        raised = raised_without_fault(base)
        write(f"clean: {'; '.join(raised) if raised else 'nothing raised'}")
        write(head)
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
            tried = processes.map(_try_one, chosen, [base.root] * len(chosen))
            caught = 0
            for is_caught, text in tried:
                caught += is_caught
                write(text)
    write(f"{len(chosen)} faults: {caught} caught, {len(chosen) - caught} missed")
    return 0 if caught == len(chosen) and not raised else 1


def _try_one(number: int, base: Path) -> tuple[bool, str]:
    outcome = try_fault(FAULTS[number], Home(base))
    return outcome.caught, line(outcome)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
