"""Failures of plausibility that somebody accepted: by whom, why, how many rows, until when.

A rule of major severity that refuses no row stops a month when more rows fail than it tolerates. An
acceptance lets the month through with as many failing rows as there were; one more, and the rule
stops again. It holds for one authority, and for at most twelve months. The rule still fails.
``quarantine/acceptances.jsonl`` is restricted, and lines are only added: when an acceptance is
withdrawn, a later line records it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from cpw.core import audit
from cpw.core.database import connect
from cpw.core.errors import InputError
from cpw.core.files import make_private
from cpw.core.home import Home
from cpw.core.locks import hold
from cpw.core.partition import Partition
from cpw.core.reporting_month import ReportingMonth
from cpw.quality.rule import Rule
from cpw.quality.rule_book import rule_book

MOST_MONTHS = 12


@dataclass(frozen=True)
class Acceptance:
    """What was accepted; ``since`` and ``until`` are the first and the last month, ``YYYY-MM``."""

    at: str
    authority: str
    rule_id: str
    rows: int
    since: str
    until: str
    by: str
    reason: str
    withdraws: bool = False

    def covers(self, partition: Partition) -> bool:
        """Whether the acceptance holds for a partition."""
        month = str(partition.month)
        return self.authority == partition.authority and self.since <= month <= self.until


def in_force(home: Home, authority: str | None = None) -> list[Acceptance]:
    """The newest acceptance of each authority and rule that is not withdrawn, oldest first."""
    if not home.acceptances.exists():
        return []
    found: dict[tuple[str, str], Acceptance] = {}
    for line in home.acceptances.read_text(encoding="utf-8").splitlines():
        acceptance = Acceptance(**json.loads(line))
        found.pop((acceptance.authority, acceptance.rule_id), None)
        if not acceptance.withdraws:
            found[acceptance.authority, acceptance.rule_id] = acceptance
    return [one for one in found.values() if authority in (None, one.authority)]


def of_partition(home: Home, partition: Partition) -> dict[str, Acceptance]:
    """The acceptances that hold for a partition, by rule."""
    return {one.rule_id: one for one in in_force(home) if one.covers(partition)}


def version(home: Home, partition: Partition) -> str:
    """A hash of the acceptances that hold for a partition; empty if there are none."""
    mine = sorted(
        (one.rule_id, one.rows, one.until) for one in of_partition(home, partition).values()
    )
    return hashlib.sha256(json.dumps(mine).encode()).hexdigest()[:12] if mine else ""


def accept(
    home: Home,
    authority: str,
    rule_id: str,
    *,
    month: ReportingMonth | None,
    until: ReportingMonth | None,
    by: str,
    reason: str,
) -> Acceptance:
    """Accept what a rule found when it last ran.

    Args:
        home: the data home.
        authority: the three-digit code.
        rule_id: the rule; of major severity, and not one that refuses rows.
        month: the one month that the acceptance is for; None if ``until`` is set.
        until: the last month of an acceptance that begins with the month in which the rule failed.
        by: the responsible role.
        reason: why the failures are accepted.

    Raises:
        InputError: the rule cannot be accepted, did not fail, or the months are too many.
    """
    _check_acceptable(rule_id)
    _check_texts(by, reason)
    if (month is None) == (until is None):
        raise InputError(
            "it is not clear for which months the failures are accepted",
            remedy="Use --month for one month, or --until for that month and those up to it",
        )
    since, rows = _last_failure(home, authority, rule_id, month)
    last = until or since
    if not since <= last < since.plus(MOST_MONTHS):
        raise InputError(
            f"--until {last} is not one of the {MOST_MONTHS} months from {since}",
            remedy=f"Use a month from {since} to {since.plus(MOST_MONTHS - 1)}",
        )
    accepted = Acceptance(
        _now(), authority, rule_id, rows, str(since), str(last), by.strip(), reason.strip()
    )
    _add(home, accepted)
    return accepted


def withdraw(home: Home, authority: str, rule_id: str, *, by: str, reason: str) -> Acceptance:
    """Withdraw an acceptance: the rule stops again at what it tolerates.

    Raises:
        InputError: no acceptance of the rule is in force.
    """
    _check_texts(by, reason)
    known = [one for one in in_force(home, authority) if one.rule_id == rule_id]
    if not known:
        raise InputError(
            f"nothing that {rule_id} found for {authority} is accepted",
            remedy="Use a rule that cpw quality accepted lists",
        )
    withdrawn = replace(known[0], at=_now(), by=by.strip(), reason=reason.strip(), withdraws=True)
    _add(home, withdrawn)
    return withdrawn


def _check_acceptable(rule_id: str) -> Rule:
    rule = next((rule for rule in rule_book().rules if rule.id == rule_id), None)
    if rule is None:
        raise InputError(
            f"there is no rule {rule_id}", remedy="Use an id as the error or the report names it"
        )
    if rule.severity == "critical":
        raise InputError(
            f"{rule_id} is critical: what it finds cannot be accepted", remedy=rule.remedy
        )
    if rule.severity == "minor":
        raise InputError(
            f"{rule_id} is minor and stops nothing: there is nothing to accept", remedy=rule.remedy
        )
    if rule.refuses:
        raise InputError(
            f"{rule_id} refuses rows that are not valid: these cannot be accepted",
            remedy="Correct the rows that cpw quarantine list shows, or release them",
        )
    return rule


def _check_texts(by: str, reason: str) -> None:
    for option, text in (("--by", by), ("--reason", reason)):
        if not text.strip():
            raise InputError(
                f"{option} is blank",
                remedy="Name the responsible role with --by and the reason with --reason",
            )


def _last_failure(
    home: Home, authority: str, rule_id: str, month: ReportingMonth | None
) -> tuple[ReportingMonth, int]:
    """The month in which a rule last ran, and how many rows failed it then."""
    files = sorted(home.audit.glob("rule_results/**/*.parquet"), key=lambda path: path.name)
    if files:
        with connect() as connection:
            found = connection.execute(
                "select month, outcome, rows_failed from read_parquet(?, union_by_name = true) "
                "where authority = ? and rule_id = ? and (? is null or month = ?) "
                "order by run_at desc limit 1",
                [
                    [str(path) for path in files],
                    *(authority, rule_id, month and str(month), month and str(month)),
                ],
            ).fetchone()
        if found and found[1] == "errored":
            raise InputError(
                f"{rule_id} errored for {authority} {found[0]}: the rule is broken, not the data",
                remedy="Correct the rule in expectations/",
            )
        if found and found[1] == "fail":
            return ReportingMonth.parse(found[0]), int(found[2])
    raise InputError(
        f"{rule_id} has found nothing for {authority}{f' {month}' if month else ''}",
        remedy="Load the month first; the error and the quality report name the rules that fail",
    )


def _add(home: Home, acceptance: Acceptance) -> None:
    make_private(home.quarantine)
    with hold(home, "acceptances", wait=True):
        descriptor = os.open(home.acceptances, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as handle:
            handle.write(json.dumps(asdict(acceptance)) + "\n")
    audit.record(
        home,
        "acceptance_withdrawn" if acceptance.withdraws else "failures_accepted",
        Partition.of(acceptance.authority, acceptance.since),
        rule=acceptance.rule_id,
        rows=acceptance.rows,
        until=acceptance.until,
        by=acceptance.by,
    )


def shown(acceptances: Iterable[Acceptance]) -> list[tuple[str, ...]]:
    """Acceptances as lines of a table: rule, rows, months, role, reason, day."""
    return [
        (
            one.rule_id,
            f"{one.rows:,}",
            one.since if one.since == one.until else f"{one.since} to {one.until}",
            one.by,
            one.reason,
            one.at[:10],
        )
        for one in acceptances
    ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
