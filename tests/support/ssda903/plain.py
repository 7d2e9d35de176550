"""A second, plain computation of figures from the files of one statutory return.

Standard library only, loops over children: what the warehouse publishes of a return is compared
with what stands here. It has the definitions of edition 2018-06 at a 31 March.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from support.ssda903.plain_rows import Return

Figures = dict[tuple[str, str], tuple[int, int | None]]
"""Numerator and denominator by KPI and cohort."""

SHORT_BREAKS = {"V3", "V4"}
TEMPORARY = {"T0", "T1", "T2", "T3", "T4"}
FOR_ADOPTION = {"A3", "A4", "A5", "A6"}
KIN = {"U1", "U2", "U3"}
FOSTER = KIN | {"U4", "U5", "U6"}
RESIDENTIAL = {"K1", "K2", "R1", "S1"}
ADOPTED = {"E11", "E12"}
SGO = {"E43", "E44", "E45", "E46", "E47", "E48"}


# --- what it means --------------------------------------------------------------------------


@dataclass
class Placement:
    """A stay with one carer at one address."""

    start: date
    end: date | None
    place: str
    provider: str | None
    address: str | None


@dataclass
class Period:
    """A period of care, its placements and what is known of an adoption."""

    child: str
    start: date
    end: date | None
    reason: str | None
    is_short_break: bool
    placements: list[Placement]
    placed: date | None
    began_before: bool
    """Whether it began before its first episode here."""
    decision: date | None = None
    reversed: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the child is in care on a day by it."""
        return self.start <= day and (self.end is None or self.end > day)

    def decided(self, day: date) -> bool:
        """Whether an agency decision is in force on a day."""
        return (
            self.decision is not None
            and self.decision <= day
            and (self.reversed is None or self.reversed > day)
            and self.holds(day)
        )


@dataclass
class Child:
    """A child of the return: birth, and all periods of care, short breaks too."""

    id: str
    dob: date
    periods: list[Period] = field(default_factory=list)
    uasc: tuple[date, date | None] | None = None

    def period_on(self, day: date) -> Period | None:
        """The period by which the child is in care on a day, short breaks left out."""
        found = [p for p in self.periods if p.holds(day) and not p.is_short_break]
        return found[-1] if found else None

    def is_uasc(self, day: date) -> bool:
        """Whether the child is unaccompanied on a day."""
        if self.uasc is None:
            return False
        start, end = self.uasc
        return start <= day and (end is None or end >= day)


def months_before(day: date, months: int) -> date:
    """The last day of the month so many months before."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def children(found: Return, as_at: date) -> list[Child]:
    """Every child of the header with its periods of care as known on a day."""
    chains = defaultdict(list)
    for row in _each_until_the_next(found.rows["episodes"]):
        if row["decom"] <= as_at:
            late = row["dec"] is not None and row["dec"] > as_at
            chains[row["child"]].append(row | ({"dec": None, "rec": None} if late else {}))
    duc = {row["child"]: row["duc"] for row in found.rows["uasc"]}
    made = []
    for row in found.rows["header"]:
        child = Child(row["child"], row["dob"])
        chain = chains[child.id]
        child.periods = [_period(part) for part in _parts(chain)]
        if child.id in duc and chain and (duc[child.id] or date.max) >= chain[0]["decom"]:
            child.uasc = (chain[0]["decom"], duc[child.id])
        made.append(child)
    _tell_adoptions({child.id: child for child in made}, found, as_at)
    return made


def _each_until_the_next(episodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The episodes in order; one that is open where the child's next begins ends there."""
    ordered = sorted(episodes, key=lambda row: (row["child"], row["decom"]))
    made = []
    for row, following in zip(ordered, [*ordered[1:], None], strict=True):
        is_same = following is not None and following["child"] == row["child"]
        begins = following["decom"] if following is not None and is_same else date.max
        is_cut = begins < (row["dec"] or date.max)
        made.append(row | ({"dec": begins, "rec": "X1"} if is_cut else {}))
    return made


def _parts(chain: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Cut a child's episodes into periods of care."""
    parts: list[list[dict[str, Any]]] = []
    for episode in chain:
        if not parts or episode["rne"] == "S" or parts[-1][-1]["rec"] != "X1":
            parts.append([])
        parts[-1].append(episode)
    return parts


def _period(part: list[dict[str, Any]]) -> Period:
    last = part[-1]
    return Period(
        child=last["child"],
        start=part[0]["decom"],
        end=last["dec"],
        reason=last["rec"] if last["dec"] else None,
        is_short_break=part[0]["ls"] in SHORT_BREAKS,
        placements=_placements(part),
        placed=next((e["decom"] for e in part if e["place"] in FOR_ADOPTION), None),
        began_before=part[0]["rne"] != "S",
    )


def _placements(part: list[dict[str, Any]]) -> list[Placement]:
    stays: list[Placement] = []
    lasting: Placement | None = None  # what a temporary stay interrupts
    for e in part:
        address = (e["pl_post"] or "").replace(" ", "").upper() or e["urn"]
        before = stays[-1] if stays else None
        follows = before is not None and before.end == e["decom"]
        is_temporary = e["place"] in TEMPORARY
        goes_on = None
        if before and follows and is_temporary == (before.place in TEMPORARY):
            if e["rne"] in "LTU" and before.address == address:
                goes_on = before
        elif before and follows and not is_temporary and _is_back(lasting, e, address):
            goes_on = lasting
        if goes_on:
            goes_on.end, goes_on.place = e["dec"], e["place"]
            goes_on.provider, goes_on.address = e["place_provider"], address
            if goes_on is not before:
                stays.remove(goes_on)
                stays.append(goes_on)
        else:
            lasting = before if is_temporary and before and follows else lasting
            goes_on = Placement(e["decom"], e["dec"], e["place"], e["place_provider"], address)
            stays.append(goes_on)
        if not is_temporary:
            lasting = goes_on
    return stays


def _is_back(stay: Placement | None, e: dict[str, Any], address: str | None) -> bool:
    """Whether an episode after a temporary stay is where the child was before it."""
    return stay is not None and (stay.address, stay.provider) == (address, e["place_provider"])


def _tell_adoptions(known: dict[str, Child], found: Return, as_at: date) -> None:
    for row in sorted(found.rows["placed_for_adoption"], key=lambda row: row["date_placed"]):
        for period in known[row["child"]].periods:
            begun = period.began_before or period.start <= row["date_placed"]
            if begun and row["date_placed"] <= (period.end or date.max):
                period.decision, period.reversed = row["date_placed"], row["date_placed_ceased"]
                if period.reversed and period.reversed > as_at:
                    period.reversed = None
    for row in found.rows["ad1"]:
        adopted = [p for p in known[row["child"]].periods if p.reason in ADOPTED]
        if adopted and adopted[-1].decision is None:
            adopted[-1].decision = row["date_int"]


# --- figures --------------------------------------------------------------------------------


MADE_OF = {
    "participation_at_reviews": "reviews",
    "health_assessment_in_timescale": "oc2",
    "dental_check_in_timescale": "oc2",
    "sdq_average": "oc2",
    "care_leavers_suitable_accommodation": "oc3",
    "care_leavers_eet": "oc3",
    "care_leavers_in_contact": "oc3",
    "cic_missing_in_month": "missing",
    "agency_decision_not_placed": "placed_for_adoption",
    "awaiting_adoption": "placed_for_adoption",
    "plan_changed_from_adoption": "placed_for_adoption",
}


def figures(found: Return, as_at: date, population: int | None = None) -> Figures:
    """The figures of a 31 March, as edition 2018-06 has them.

    A module that has rows, none of them valid, tells nothing: there is no figure of it.
    """
    everyone = children(found, as_at)
    result = {
        **_in_care(everyone, as_at, population),
        **_health(everyone, found, as_at),
        **_left_care(everyone, as_at),
        **_adoption(everyone, as_at),
        **_reviews(everyone, found, as_at),
        **_missing(everyone, found, as_at),
        **_care_leavers(everyone, found, as_at),
    }
    silent = {name for name, rows in found.rows.items() if found.refused[name] and not rows}
    return {key: figure for key, figure in result.items() if MADE_OF.get(key[0]) not in silent}


def _both(kpi: str, members: Iterable[tuple[bool, bool]], *, is_count: bool = False) -> Figures:
    """Count members (counted in the numerator; unaccompanied) for both cohorts."""
    members = list(members)
    result: Figures = {}
    for cohort, chosen in (("all", members), ("exc_uasc", [m for m in members if not m[1]])):
        top = sum(counted for counted, _ in chosen)
        result[kpi, cohort] = (top, None if is_count else len(chosen))
    return result


def _in_care(everyone: list[Child], as_at: date, population: int | None) -> Figures:
    year_ago = months_before(as_at, 12)
    cic = [child for child in everyone if child.period_on(as_at)]
    current = {child.id: _current(child, as_at) for child in cic}

    def of(kpi: str, test: Callable[[Child], bool], *, is_count: bool = False) -> Figures:
        return _both(kpi, [(test(c), c.is_uasc(as_at)) for c in cic], is_count=is_count)

    def moved(child: Child) -> bool:
        stays = [
            stay
            for period in child.periods
            if not period.is_short_break
            for stay in period.placements
            if stay.place not in TEMPORARY and (stay.end is None or stay.end > year_ago)
        ]
        return len(stays) >= 3

    def is_residential(child: Child) -> bool:
        return current[child.id].place in RESIDENTIAL

    def is_private(child: Child) -> bool:
        return is_residential(child) and current[child.id].provider in ("PR4", "PR5")

    local = [c for c in cic if not c.is_uasc(as_at)]
    fostered = [current[c.id] for c in local if current[c.id].place in FOSTER]
    in_house = [p for p in fostered if p.provider == "PR1" or p.place in KIN]
    result = {
        **of("number_of_cic", lambda _: True, is_count=True),
        **of("three_or_more_placements_12m", moved),
        **of("private_voluntary_residential", is_private),
        ("in_house_foster_exc_uasc", "all"): (len(in_house), len(fostered)),
        ("residential_placements_exc_uasc", "all"): (
            sum(is_residential(c) for c in local),
            len(local),
        ),
    }
    if population:
        result["cic_per_10000", "all"] = (len(cic), population)
        result["cic_per_10000_exc_uasc", "all"] = (len(local), population)
    return result


def _current(child: Child, day: date) -> Placement:
    """The placement a child is in on a day: the latest, temporary ones only if all are."""
    period = child.period_on(day)
    stays = [
        stay
        for stay in (period.placements if period else [])
        if stay.start <= day and (stay.end is None or stay.end > day)
    ]
    lasting = [stay for stay in stays if stay.place not in TEMPORARY]
    return max(lasting or stays, key=lambda stay: stay.start)


def _health(everyone: list[Child], found: Return, as_at: date) -> Figures:
    """By the national definition: of children in care from 1 April to 31 March."""
    oc2 = {row["child"]: row for row in found.rows["oc2"]}
    first = months_before(as_at, 12) + timedelta(days=1)
    had_short_break = {
        row["child"]
        for row in _each_until_the_next(found.rows["episodes"])
        if row["ls"] in SHORT_BREAKS and row["decom"] <= as_at and (row["dec"] or date.max) >= first
    }
    asked = [
        child
        for child in everyone
        if (period := child.period_on(as_at))
        and period.start <= first
        and child.id not in had_short_break
    ]
    long = [(oc2.get(child.id, {}), child.is_uasc(as_at)) for child in asked]
    result = {
        **_both(
            "health_assessment_in_timescale",
            [(row.get("health_assessment") == "1", uasc) for row, uasc in long],
        ),
        **_both(
            "dental_check_in_timescale",
            [(row.get("teeth_check") == "1", uasc) for row, uasc in long],
        ),
    }
    scores = [
        (score, child.is_uasc(as_at))
        for child in asked
        if (score := oc2.get(child.id, {}).get("sdq_score")) is not None
        and _years_old(child.dob, as_at) >= 4
        and _years_old(child.dob, first) < 17
    ]
    local = [score for score, uasc in scores if not uasc]
    result["sdq_average", "all"] = (sum(score for score, _ in scores), len(scores))
    result["sdq_average", "exc_uasc"] = (sum(local), len(local))
    return result


def _left_care(everyone: list[Child], as_at: date) -> Figures:
    year_ago = months_before(as_at, 12)
    left = [
        (period.reason, child.is_uasc(period.end))
        for child in everyone
        for period in child.periods
        if period.end and year_ago < period.end <= as_at and not period.is_short_break
    ]
    result = {}
    for kpi, reasons in (("left_care_adopted", ADOPTED), ("left_care_sgo", SGO)):
        both = _both(kpi, [(reason in reasons, uasc) for reason, uasc in left])
        result |= both | {(f"{kpi}_exc_uasc", "all"): both[kpi, "exc_uasc"]}
    return result


def _adoption(everyone: list[Child], as_at: date) -> Figures:
    first = date(as_at.year - 1, 4, 1)
    waiting, decided = [], []
    for child in everyone:
        if current := child.period_on(as_at):
            is_placed = current.placed is not None and current.placed <= as_at
            waiting.append((current.decided(as_at) and not is_placed, child.is_uasc(as_at)))
        for period in child.periods:
            if period.decision and not period.is_short_break:
                turned = period.reversed is not None and first <= period.reversed <= as_at
                in_time = turned and period.start <= period.reversed <= (period.end or date.max)
                days = ((first + timedelta(n)) for n in range((as_at - first).days + 1))
                if in_time or any(period.decided(day) for day in days):
                    decided.append((turned, child.is_uasc(as_at)))
    return {
        **_both("agency_decision_not_placed", waiting),
        **_both("awaiting_adoption", waiting),
        **_both("plan_changed_from_adoption", decided),
    }


def _reviews(everyone: list[Child], found: Return, as_at: date) -> Figures:
    known = {child.id: child for child in everyone}
    members = []
    for row in found.rows["reviews"]:
        day, child = row["review"], known[row["child"]]
        periods = [p for p in child.periods if p.start <= day <= (p.end or date.max)]
        if not months_before(as_at, 12) < day <= as_at or row["review_code"] == "PN0":
            continue
        if periods and not periods[-1].is_short_break:
            took_part = row["review_code"] in ("PN1", "PN2", "PN3", "PN5", "PN6")
            members.append((took_part, child.is_uasc(day)))
    return _both("participation_at_reviews", members)


def _missing(everyone: list[Child], found: Return, as_at: date) -> Figures:
    known = {child.id: child for child in everyone}
    first: dict[str, date] = {}
    for row in sorted(found.rows["missing"], key=lambda row: row["mis_start"]):
        day, child = row["mis_start"], known[row["child"]]
        is_in_month = months_before(as_at, 1) < day <= as_at
        if row["missing"] == "M" and is_in_month and child.period_on(day):
            first.setdefault(child.id, day)
    members = [(True, known[child].is_uasc(day)) for child, day in first.items()]
    return _both("cic_missing_in_month", members, is_count=True)


def _care_leavers(everyone: list[Child], found: Return, as_at: date) -> Figures:
    """At birthdays within the year; who was unaccompanied years ago one return does not tell."""
    born = {child.id: child.dob for child in everyone}
    rows = []
    for row in found.rows["oc3"]:
        year = next(
            y for y in (as_at.year - 1, as_at.year) if _in_year(born[row["child"]], y, as_at)
        )
        if 17 <= year - born[row["child"]].year <= 21:
            rows.append(row)
    touch = [row for row in rows if row["in_touch"] == "YES"]
    return {
        ("care_leavers_suitable_accommodation", "all"): (
            sum((row["accom"] or "").endswith("1") for row in touch),
            len(touch),
        ),
        ("care_leavers_eet", "all"): (
            sum((row["activ"] or " ")[0] in "FP" for row in touch),
            len(touch),
        ),
        ("care_leavers_in_contact", "all"): (
            len(touch),
            sum(row["in_touch"] != "DIED" for row in rows),
        ),
    }


def _in_year(dob: date, year: int, as_at: date) -> bool:
    """Whether the birthday of a calendar year lies in the year up to a day."""
    is_leap = dob.month == 2 and dob.day == 29 and not calendar.isleap(year)
    birthday = date(year, 3, 1) if is_leap else dob.replace(year=year)
    return months_before(as_at, 12) < birthday <= as_at


def _years_old(dob: date, day: date) -> int:
    """Completed years; who was born on 29 February is older from 1 March of a common year."""
    return day.year - dob.year - ((day.month, day.day) < (dob.month, dob.day))
