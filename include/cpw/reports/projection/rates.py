"""The rates and assumptions of a projection, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cpw.reports.projection.model import ADULT, LEAVER_AGES, LEAVES_SERVICE, Leavers, Rates

RateKind = Literal["entries", "exits", "kept"]

UASC = ("exc_uasc", "uasc")
AGES = ("under_10", "10_15", "16_17")
LEAVER_AGE_GROUPS = ("18_20", "21_24")
_WHO = {"exc_uasc": "Other children", "uasc": "UASC"}
_AGED = {"under_10": "under 10", "10_15": "10-15", "16_17": "16-17"}


@dataclass(frozen=True)
class Rate:
    """A rate that the projection uses.

    Attributes:
        kind: ``entries``, ``exits`` or ``kept``.
        group: ``uasc``, ``exc_uasc`` or ``all``.
        age: the age group of exits, the birthday of cases kept; None for entries.
        value: entries a month; the probability of leaving within a month, before turning 18; or
            the share of cases that stay open at the birthday.
        count: how many entries, exits or cases kept there were.
        exposure: the months, child-months or cases in which the count was made.
        basis_months: over how many months it was made.
        words: the rate in a sentence.
    """

    kind: RateKind
    group: str
    age: str | None
    value: float
    count: float
    exposure: float
    basis_months: int | None
    words: str


def rates_in_words(rates: Rates) -> tuple[Rate, ...]:
    """The rates that a projection uses."""
    kept = _kept(rates.leavers) if rates.leavers else ()
    return (*_entries(rates), *_exits(rates), *kept)


def _entries(rates: Rates) -> Iterable[Rate]:
    months = rates.entries.months
    for index in (1, 0):
        group, count = UASC[index], float(rates.entries.count[index].sum())
        value = count / months
        words = (
            f"{_WHO[group]}: {value:,.1f} entered care a month "
            f"({count:,.0f} in the last {months} months)"
        )
        yield Rate("entries", group, None, value, count, float(months), months, words)


def _exits(rates: Rates) -> Iterable[Rate]:
    exits = rates.exits
    for index in (1, 0):
        for number, age in enumerate(AGES):
            group, exposure = UASC[index], float(exits.exposure[index, number])
            if exposure <= 0:
                continue
            value = float(exits.probability[index, number])
            words = (
                f"{_WHO[group]} aged {_AGED[age]}: {value:.1%} left care each month before "
                f"turning 18 (last {exits.months} months)"
            )
            count = float(exits.count[index, number])
            yield Rate("exits", group, age, value, count, exposure, exits.months, words)


def _kept(leavers: Leavers) -> Iterable[Rate]:
    for number in range(LEAVER_AGES):
        age, value = ADULT + number, float(leavers.share[number])
        words = f"Care leavers: {value:.0%} have a case after the {_ordinal(age)} birthday"
        count, exposure = float(leavers.kept[number]), float(leavers.of[number])
        yield Rate("kept", "all", str(age), value, count, exposure, None, words)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number > 20 else "th"
    return f"{number}{ending}"


def assumptions(history_months: int, leavers_projected: bool, leavers_tested: bool) -> list[str]:
    """The assumptions of the projection, a sentence each.

    Args:
        history_months: for how many months movements are known.
        leavers_projected: whether care leavers are projected.
        leavers_tested: whether a back-test of care leavers was possible.
    """
    said = [
        "Children go on entering and leaving care as they did: entries as in the last 12 months, "
        "leaving before 18 as in the last 24. Seasons, and a surge or an end of arrivals, are not "
        "foreseen.",
        "Everybody leaves care at 18. When children turn 18 is worked out from how many had their "
        "birthdays in each month of the last year; a child who entered care within the year may "
        "have any birthday.",
        "A child is UASC, or is not, throughout: a change of immigration status is not projected.",
        f"Entries and exits are known for {history_months} months.",
    ]
    if leavers_projected:
        said += [
            "New cases of care leavers are children who turn 18 in care. A snapshot of open cases "
            "does not show which were closed. How many stay open at each birthday is estimated "
            "from the numbers of open cases by age, compared with how many turned 18 in the years "
            "they come from, UASC and others together. "
            f"At {LEAVES_SERVICE} every case is closed.",
            "A care leaver who was ever UASC counts as former UASC. Some children turn 18 without "
            "being UASC any more but were UASC before: their share is taken from last year.",
            "Care leavers under 18 are not counted. A wider duty, such as support to 25 for all, "
            "changes the projection only once it changes the numbers of open cases by age.",
        ]
    if leavers_projected and not leavers_tested:
        said.append(
            "Care leavers have no back-test: an extract holds their cases of one day, "
            "not those of earlier months. Who turns 18 has one."
        )
    return said
