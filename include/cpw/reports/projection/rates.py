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
    """A rate the projection uses.

    ``value`` is entries a month (``entries``), the probability to leave within a month before
    turning 18 (``exits``), or the share of cases kept at a birthday (``kept``). ``group`` is
    ``uasc``, ``exc_uasc`` or ``all``; ``age`` an age group, of ``kept`` the birthday. ``count`` is
    what was seen, ``exposure`` of how many months, child-months or cases.
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
    """The rates a projection uses, each with its sentence."""
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
    """What the projection takes for granted, a sentence each."""
    said = [
        "Children go on entering and leaving care as they did: entries as in the last 12 months, "
        "leaving before 18 as in the last 24. Seasons, and a surge or an end of arrivals, are not "
        "foreseen.",
        "Everybody leaves care at 18. How many months children have left is worked out from how "
        "many had their birthdays when; who entered in the last year may have any birthday.",
        "A child is UASC, or is not, throughout: a change of immigration status is not projected.",
        f"Histories of {history_months} months are known.",
    ]
    if leavers_projected:
        said += [
            "New cases of care leavers are children turning 18 in care. Closures cannot be seen in "
            "a snapshot of open cases: at each birthday the service keeps what its stock by age "
            "implies, against the numbers who turned 18 in the years it comes from, UASC and "
            f"others together. At {LEAVES_SERVICE} every case is closed.",
            "A care leaver is former UASC who ever was UASC; of other children turning 18 the "
            "share that makes up last year's number is counted so.",
            "Care leavers under 18 are not counted. A wider duty, such as support to 25 for all, "
            "shows in the projection only once it shows in the stock by age.",
        ]
    if leavers_projected and not leavers_tested:
        said.append(
            "Care leavers have no back-test: an extract holds their cases of one day, "
            "not those of earlier months. Who turns 18 has one."
        )
    return said
