"""The projection's interval, on children whose rates of coming and going are known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cpw.core.reporting_month import ReportingMonth
from cpw.reports.projection.project import CHILDREN, Flow, project

JUNE = ReportingMonth(2018, 6)


def known_rates(seed: int) -> tuple[list[Flow], list[int]]:
    """Twenty-three months of children of known rates, and how many there are in the next twelve."""
    rng = np.random.default_rng(seed)
    ages = rng.integers(0, 216, 400)
    is_uasc = (ages >= 180) & (rng.random(400) < 0.5)
    flows: list[Flow] = []
    came: list[int] = []
    for month in [str(JUNE.plus(at)) for at in range(-22, 13)]:
        count = rng.poisson(16)
        uasc_come = rng.random(count) < 0.4
        entering = np.where(uasc_come, rng.integers(180, 216, count), rng.integers(0, 216, count))
        present = np.concatenate([ages, entering])
        marks = np.concatenate([is_uasc, uasc_come])
        rate = np.where(marks, 0.05, 0.02)
        leaves = (rng.random(len(present)) < rate) | (present == 215)
        after = present[~leaves] + 1
        for uasc in (False, True):
            of = [
                (ages, is_uasc == uasc),
                (entering, uasc_come == uasc),
                (present, leaves & (marks == uasc)),
                (after, marks[~leaves] == uasc),
            ]
            counts = [np.bincount(who[which] // 12, minlength=18) for who, which in of]
            if month <= str(JUNE):
                flows += [
                    Flow(CHILDREN, month, age, uasc, *(int(number[age]) for number in counts))
                    for age in range(18)
                ]
        ages, is_uasc = after, marks[~leaves]
        if month > str(JUNE):
            came.append(len(ages))
    return flows, came


def covered(histories: Iterable[int]) -> float:
    """How often the interval of all children holds what came, over histories and months."""
    held = []
    for seed in histories:
        flows, came = known_rates(seed)
        ahead = project(flows, JUNE.as_at).of(CHILDREN)[0].points[1:]
        held += [p.low <= number <= p.high for p, number in zip(ahead, came, strict=True)]
    return float(np.mean(held))


def test_interval_covers_8_in_10() -> None:
    assert 0.72 <= covered(range(40)) <= 0.92
