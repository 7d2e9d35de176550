"""Spells: what is so from a day to a day, made of what is to be so at each month's end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement, pairwise
from random import Random
from typing import TypeVar

from cpw_synthetic.editions.targets import PrintedEdition

State = TypeVar("State")


def spells(
    edition: PrintedEdition, start: int, end: int, states: Sequence[State | None], rng: Random
) -> list[tuple[int, int, State]]:
    """First day, end and state of each spell between two days.

    Args:
        edition: whose months' ends the states hold on.
        start: the first day of the first spell.
        end: the day the last spell ends.
        states: the state at each month's end; none where nothing is asked.
        rng: chance, for the days of change.
    """
    asked = [
        (month.as_at, state)
        for month, state in zip(edition.months, states, strict=True)
        if state is not None and start <= month.as_at < end
    ]
    if not asked:
        return []
    found: list[tuple[int, int, State]] = []
    begins = start
    for index, (day, state) in enumerate(asked):
        last = index == len(asked) - 1
        if not last and asked[index + 1][1] == state:
            continue
        ends = end if last else rng.randrange(day + 1, asked[index + 1][0] + 1)
        found.append((begins, ends, state))
        begins = ends
    return found


def segments(days: Sequence[int], start: int, end: int) -> list[tuple[int, int]]:
    """The spans between days, cut to a span of time: each from a day up to and with a day."""
    cuts = [start, *sorted(day for day in set(days) if start < day < end), end]
    return [(a + 1, b) for a, b in pairwise(cuts) if b > a]


def few_of(spans: Sequence[tuple[int, int]], most: int) -> list[tuple[tuple[int, int], ...]]:
    """All ways to put up to so many events into spans, each with days enough for its own."""
    ways: list[tuple[tuple[int, int], ...]] = [()]
    for number in range(1, most + 1):
        for way in combinations_with_replacement(spans, number):
            if all(b - a + 1 >= 6 * way.count((a, b)) for a, b in way):
                ways.append(way)
    return ways


def days_in(way: Sequence[tuple[int, int]], rng: Random | None) -> list[int]:
    """Days for events in their spans, in order and some days apart; evenly, without chance."""
    days: list[int] = []
    for span in sorted(set(way)):
        number = sum(1 for other in way if other == span)
        first, last = span
        width = (last - first + 1) / number
        for index in range(number):
            low = first + int(index * width)
            room = max(1, int(width) - 3)
            days.append(low + (rng.randrange(room) if rng else room // 2))
    return days
