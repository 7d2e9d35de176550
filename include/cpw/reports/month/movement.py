"""How an indicator moved since the previous month, in sentences made from its published numbers.

Nothing is read or written here. If a figure is withheld in one of the two months, the sentences
give no number for that month and compare nothing with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from cpw.core.reporting_month import ReportingMonth
from cpw.reports.month.month import (
    Figure,
    Indicator,
    PrintedResult,
    PublishedMonth,
    Rag,
    TrendPoint,
)

Direction = Literal["improved", "same", "worsened", "risen", "fallen", "alone", "withheld"]
"""Which way an indicator moved.

``risen`` and ``fallen`` are neither good nor bad. ``alone``: there is no other month to compare
with. ``withheld``: a figure of one of the two months is withheld.
"""

RAG_NAMES: dict[Rag, str] = {"G": "Green", "A": "Amber", "R": "Red"}
RAG_MEANINGS: dict[Rag, str] = {
    "G": "target achieved or exceeded",
    "A": "target not met, floor standard achieved",
    "R": "floor standard not achieved",
}
_NOUNS = {
    "child": ("child", "children"),
    "ola_placement": ("child", "children"),
    "review": ("review", "reviews"),
    "period_of_care": ("period of care", "periods of care"),
    "ehcp": ("plan", "plans"),
    "sdq_score": ("questionnaire", "questionnaires"),
    "permanence": ("case", "cases"),
    "adoption_plan": ("case", "cases"),
    "missing_episode": ("missing episode", "missing episodes"),
    "complaint": ("complaint", "complaints"),
    "care_leaver": ("care leaver", "care leavers"),
    "care_leaver_birthday": ("care leaver", "care leavers"),
    "post": ("FTE", "FTE"),
}
_CHILD = ("child", "children")
_CASE = ("case", "cases")
_POST = _NOUNS["post"]
_LONG = 3
"""After how many months in one direction a sentence says so."""


@dataclass(frozen=True)
class Movement:
    """An indicator's movement: its direction, and sentences about it."""

    direction: Direction
    moved: str
    run: str | None = None
    people: str | None = None
    target: str | None = None
    rag: str | None = None

    @property
    def text(self) -> str:
        """All sentences, joined by spaces."""
        sentences = (self.moved, self.run, self.people, self.target, self.rag)
        return " ".join(sentence for sentence in sentences if sentence)


def month_name(month: str) -> str:
    """A month ``YYYY-MM`` in words: ``June 2018``."""
    return f"{ReportingMonth.parse(month).first_day:%B %Y}"


def describe_movement(indicator: Indicator, month: PublishedMonth) -> Movement:
    """How an indicator moved between the previous month and this one."""
    now = month_name(str(month.partition.month))
    then = month_name(month.previous_month) if month.previous_month else None
    if _is_withheld(indicator):
        return Movement(
            "withheld", f"The result for {now} is withheld, as it could identify single people."
        )
    if indicator.printed.result is None:
        because = f": {indicator.note.rstrip('.')}" if indicator.note else ""
        return Movement("alone", f"There is no result for {now}{because}.")
    if then and _is_withheld_before(indicator):
        moved = f"The result for {now} is {indicator.printed.result}; that for {then} is withheld."
        return Movement("withheld", moved, target=_target(indicator), rag=_rag(indicator, None))
    direction = _direction(indicator)
    if then is None or direction == "alone":
        alone = f"The result for {now} is {indicator.printed.result}; there is none to compare with"
        return Movement(
            "alone",
            f"{alone}{f' for {then}' if then else ''}.",
            people=_people(indicator, None, ""),
            target=_target(indicator),
            rag=_rag(indicator, None),
        )
    return Movement(
        direction,
        _moved(indicator, direction, now, then),
        run=_run(indicator, direction, month),
        people=_people(indicator, indicator.before, then),
        target=_target(indicator),
        rag=_rag(indicator, then),
    )


def rag_change(indicator: Indicator) -> tuple[Rag, Rag] | None:
    """The previous rating and this one, where both are shown and differ."""
    now, then = indicator.printed.rag, indicator.previous.rag
    if _is_withheld(indicator) or _is_withheld_before(indicator) or not now or not then:
        return None
    return (then, now) if now != then else None


def nouns(indicator: Indicator) -> tuple[str, str]:
    """The noun for what an indicator counts, in the singular and the plural."""
    return _NOUNS.get(indicator.subject or "", _CHILD)


def number(value: float) -> str:
    """A number as the papers print it: thousands with a comma, a fraction with one place."""
    rounded = round(value, 1)
    return f"{rounded:,.0f}" if float(rounded).is_integer() else f"{rounded:,.1f}"


def target_text(indicator: Indicator) -> str:
    """The target as the papers print it: ``98%``, ``426.0``; empty without one."""
    if indicator.target is None:
        return ""
    if indicator.sign:
        return f"{indicator.target:g}{indicator.sign}"
    return f"{indicator.target:,.0f}" if indicator.unit == "count" else f"{indicator.target:,.1f}"


def _is_withheld(indicator: Indicator) -> bool:
    return indicator.printed.hidden or indicator.figure.hidden


def _is_withheld_before(indicator: Indicator) -> bool:
    before = indicator.before
    return indicator.previous.hidden or (before is not None and before.hidden)


def _value(printed: PrintedResult) -> float | None:
    """A printed result as a number; None where it is not a number."""
    try:
        return float((printed.result or "").rstrip("%").replace(",", ""))
    except ValueError:
        return None


def _direction(indicator: Indicator) -> Direction:
    """The direction between the printed results; with polarity T, nearer the target is better."""
    now, then = _value(indicator.printed), _value(indicator.previous)
    if indicator.direction is not None and indicator.polarity in ("H", "L"):
        return indicator.direction
    if now is None or then is None:
        return "alone"
    return _compared(indicator, now, then)


def _compared(indicator: Indicator, now: float, then: float) -> Direction:
    """The direction from ``then`` to ``now``, by the indicator's polarity."""
    better = now - then
    if indicator.polarity == "T" and indicator.target is not None:
        better = round(abs(then - indicator.target) - abs(now - indicator.target), 6)
    elif indicator.polarity == "L":
        better = then - now
    elif indicator.polarity != "H":
        return "same" if now == then else "risen" if now > then else "fallen"
    return "same" if better == 0 else "improved" if better > 0 else "worsened"


def _moved(indicator: Indicator, direction: Direction, now: str, then: str) -> str:
    """The sentence about the direction, from the previous result to this one."""
    to, start = indicator.printed.result, indicator.previous.result
    if to == start:
        return f"Performance stayed the same: {to} in {then} and in {now}."
    span = f"from {start} in {then} to {to} in {now}"
    has_risen = (_value(indicator.printed) or 0) > (_value(indicator.previous) or 0)
    if indicator.polarity == "T" and indicator.target is not None:
        return {
            "improved": f"Performance improved: it moved {span}, closer to its target.",
            "worsened": f"Performance worsened: it moved {span}, further from its target.",
        }.get(direction, f"Performance moved {span}, and is as far from its target as before.")
    if direction in ("risen", "fallen"):
        return f"The figure {'rose' if has_risen else 'fell'} {span}."
    if indicator.polarity == "L":
        way = "rising" if has_risen else "falling"
        return f"Performance {direction}, {way} {span} (lower is better)."
    return f"Performance {direction} {span}."


def _run(indicator: Indicator, direction: Direction, month: PublishedMonth) -> str | None:
    """The sentence about how many periods in a row had this direction.

    None where they are few. A month that is withheld or not published ends the row.
    """
    step = 3 if month.frequency == "quarterly" else 1
    length = 0
    for earlier, later in reversed(list(pairwise(indicator.trend))):
        if _follows(earlier, later, step) and _way(indicator, earlier, later) == direction:
            length += 1
        else:
            break
    periods = "quarters" if step > 1 else "months"
    if direction in ("improved", "worsened") and length >= _LONG:
        return f"It has {direction} in each of the last {length} {periods}."
    if direction == "same" and indicator.polarity != "T" and length + 1 >= _LONG:
        return f"It has been the same for {length + 1} {periods}."
    return None


def _follows(earlier: TrendPoint, later: TrendPoint, step: int) -> bool:
    """Whether two points are one period apart, and both are shown."""
    is_next = str(ReportingMonth.parse(earlier.month).plus(step)) == later.month
    return is_next and not (earlier.figure.hidden or later.figure.hidden)


def _way(indicator: Indicator, earlier: TrendPoint, later: TrendPoint) -> Direction | None:
    then, now = earlier.figure.shown, later.figure.shown
    return None if then is None or now is None else _compared(indicator, now, then)


def _people(indicator: Indicator, before: Figure | None, then: str) -> str | None:
    """The sentence about the number of children (or reviews, episodes, posts) behind the result.

    Args:
        indicator: the indicator in this month.
        before: its figure in the previous month, where that is known.
        then: the previous month, in words.
    """
    now, of = indicator.figure.numerator, indicator.figure.denominator
    if now is None or indicator.unit == "external":
        return None
    if indicator.unit == "count":
        return _counted(indicator, now, before)
    if of is None:
        return None
    if indicator.unit == "percent":
        return _shared(indicator, now, of, before, then)
    if indicator.unit == "mean":
        return _averaged(indicator, now, of, before, then)
    was = None if before is None else before.numerator
    return f"The rate is based on {number(now)} {_CHILD[1]}{_against(now, was, None, _CHILD, then)}"


def _counted(indicator: Indicator, now: float, before: Figure | None) -> str | None:
    """The change of a count; the sentence about the direction has the count itself."""
    then = None if before is None else before.numerator
    if then is None or now == then:
        return None
    return f"That is {_change(now - then, nouns(indicator))}."


def _shared(
    indicator: Indicator, part: float, whole: float, before: Figure | None, then: str
) -> str:
    """How many a percentage's measure is met for, and how many not.

    Where low is good, only the number for whom the measure applies is given, and for posts only the
    number that is filled.
    """
    was = None if before is None else before.numerator
    of = None if before is None else before.denominator
    noun = _POST if indicator.subject == "post" else nouns(indicator)
    base = f"{number(part)} of {number(whole)} {noun[1]}"
    if indicator.polarity != "H":
        return f"The measure applies to {base}{_against(part, was, of, noun, then)}"
    if indicator.subject == "post":
        return f"The measure is met for {base}{_against(part, was, of, noun, then)}"
    missed = None if was is None or of is None else of - was
    if part == whole:
        all_of = f"all {number(whole)} {noun[1]}" if whole > 1 else f"the one {noun[0]}"
        return f"The measure is met for {all_of}{_missed_before(missed, of, then)}"
    compared = _against(whole - part, missed, of, noun, then)
    return f"The measure is met for {base} and not met for {number(whole - part)}{compared}"


def _missed_before(missed: float | None, of: float | None, then: str) -> str:
    """For how many a measure was not met before, where it is now met for all."""
    if missed is None or of is None:
        return "."
    if missed == 0:
        return f", as it was in {then} ({number(of)} of {number(of)})."
    return f"; in {then} it was not met for {number(missed)} of {number(of)}."


def _averaged(
    indicator: Indicator, total: float, base: float, before: Figure | None, then: str
) -> str:
    """What an average is computed from; for a caseload, the cases and the posts."""
    was = None if before is None else before.denominator
    if indicator.subject != "aggregate":
        noun = nouns(indicator)
        counts = f"It is the average of {number(base)} {noun[0] if base == 1 else noun[1]}"
        return counts + _against(base, was, None, noun, then)
    held = f"There are {number(total)} {_CASE[1]} to {number(base)} {_POST[1]}"
    if before is None or before.numerator is None or was is None:
        return f"{held}."
    cases, posts = _change(total - before.numerator, _CASE), _change(base - was, _POST)
    earlier = f"({number(before.numerator)} to {number(was)})"
    return f"{held}: {cases} and {posts} than in {then} {earlier}."


def _against(
    now: float, was: float | None, of: float | None, noun: tuple[str, str], then: str
) -> str:
    """The end of a sentence about a number: how many more or fewer than before."""
    if was is None:
        return "."
    earlier = number(was) if of is None else f"{number(was)} of {number(of)}"
    if round(now - was, 1) == 0:
        return f", as many as in {then} ({earlier})."
    return f": {_change(now - was, noun)} than in {then} ({earlier})."


def _change(change: float, noun: tuple[str, str]) -> str:
    size = round(abs(change), 1)
    if size == 0:
        return f"no more {noun[1]}"
    return f"{number(size)} {noun[0] if size == 1 else noun[1]} {'more' if change > 0 else 'fewer'}"


def _target(indicator: Indicator) -> str | None:
    """The sentence about the target, and how far the result is from it."""
    value, aim = _value(indicator.printed), target_text(indicator)
    if value is None or indicator.target is None or indicator.polarity is None:
        return None
    gap = round(value - indicator.target, 4)
    size = f"{abs(gap):,.0f}" if indicator.unit == "count" else f"{abs(gap):,.1f}"
    words = f"{size}{_gap_unit(indicator)}"
    if indicator.polarity == "T":
        if gap == 0:
            return f"The target is {aim}: it is met exactly."
        return f"The target is {aim}: the result is {words} {'above' if gap > 0 else 'below'} it."
    bound = "or more" if indicator.polarity == "H" else "or less"
    if gap == 0:
        return f"The target is {aim} {bound}: it is met exactly."
    if (gap > 0) == (indicator.polarity == "H"):
        return f"The target is {aim} {bound}: it is met, with {words} to spare."
    return f"The target is {aim} {bound}: it is missed by {words}."


def _gap_unit(indicator: Indicator) -> str:
    if indicator.sign:
        return " percentage points"
    if indicator.unit == "mean" and (indicator.measure_means or "").startswith("days"):
        return " days"
    if indicator.unit == "mean" and indicator.subject == "aggregate":
        return " cases"
    return ""


def _rag(indicator: Indicator, then: str | None) -> str | None:
    """The sentence about the rating; ``then`` is the previous month, None if it is not shown."""
    now, before = indicator.printed.rag, indicator.previous.rag if then else None
    if now is None:
        return _unrated(indicator, before, then)
    if before is None:
        unrated = f"; it had no rating in {then}" if then else ""
        return f"It is rated {RAG_NAMES[now]}{unrated}."
    if before == now:
        return f"It remains rated {RAG_NAMES[now]}."
    return f"The rating moves from {RAG_NAMES[before]} to {RAG_NAMES[now]}: {RAG_MEANINGS[now]}."


def _unrated(indicator: Indicator, before: Rag | None, then: str | None) -> str | None:
    """The sentence about a missing rating: why, and which rating it had before."""
    was = f"; it was rated {RAG_NAMES[before]} in {then}" if before else ""
    if indicator.target is not None and indicator.polarity in ("H", "L"):
        return f"It is not rated, as too few {nouns(indicator)[1]} are counted{was}."
    return f"It is not rated{was}." if was else None
