"""Return interviews after missing episodes: whether one is held, and how soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.days import working_days_after
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.missing import Absence
from cpw_synthetic.editions.plan import Plan

_HELD, _SOON = "return_interviews_completed", "return_interviews_within_3_working_days"
_NOT_HELD, _LATE = "not held", "late"
# The weight for groups to have about as many interviews: small, as the print comes first.
_ALIKE = 0.05
# UASC or not, the windows that contain the return, and whether an interview could be late.
_Group = tuple[bool, tuple[int, ...], bool]


def choose_interviews(plan: Plan, absences: list[Absence]) -> None:
    """Choose the days of return interviews, to meet the printed figures.

    Raises:
        CalibrationError: the printed figures cannot be met.
    """
    rng = plan.rng("return interviews")
    printed = {month for kpi in (_HELD, _SOON) for month, _, _ in plan.edition.targets(kpi)}
    timed = any(plan.edition.targets(_SOON))
    apart = any(cohort != "all" for _, cohort, _ in plan.edition.targets(_HELD))
    choice: Choice[Absence, str] = Choice(f"return interviews of edition {plan.edition.name}")
    groups: Counter[_Group] = Counter()
    for absence in absences:
        windows = tuple(m for m in plan.months if plan.edition.months[m].in_window(absence.back))
        if absence.kind != "M" or not printed.intersection(windows):
            held = profile().happens(rng, "interview_completed")
            _hold(plan, absence, "held" if held else _NOT_HELD, rng)
            continue
        ways = ["soon" if timed else "held", _NOT_HELD]
        if timed and working_days_after(absence.back, 4) <= _seen_by(plan, absence):
            ways.append(_LATE)
        alike = (apart and absence.life.uasc, windows, _LATE in ways)
        groups[alike] += 1
        options = [_option(absence, windows, way, alike) for way in ways]
        choice.add(absence, options, alike=alike)
    for kpi_id in (_HELD, _SOON):
        choice.kpi(plan.edition, kpi_id)
    whole, soon = (plan.edition.target(plan.months[-1], kpi_id) for kpi_id in (_HELD, _SOON))
    if whole is not None:
        late = (whole.shown - (soon or whole).shown) / 100 * groups.total()
        can_be_late = sum(number for group, number in groups.items() if group[-1])
        for group, number in groups.items():
            choice.near(f"{group} {_NOT_HELD}", number * (1 - whole.shown / 100), _ALIKE)
            if group[-1]:
                choice.near(f"{group} {_LATE}", late * number / can_be_late, _ALIKE)
    for absence, option in choice.solve(rng):
        _hold(plan, absence, option.payload, rng)


def _option(absence: Absence, windows: Sequence[int], way: str, alike: _Group) -> Option[str]:
    effects = Effects()
    effects.count(f"{alike} {way}")
    for month in windows:
        effects.kpi(_HELD, month, absence.life.uasc, way != _NOT_HELD)
        effects.kpi(_SOON, month, absence.life.uasc, way == "soon")
    return Option(way, effects)


def _seen_by(plan: Plan, absence: Absence) -> int:
    """The last day of an interview that counts in every month that counts its absence."""
    ends = [month.as_at for month in plan.edition.months if month.as_at >= absence.back]
    return min([working_days_after(absence.back, 15), *ends[:1]])


def _hold(plan: Plan, absence: Absence, way: str, rng: Random) -> None:
    if way == _NOT_HELD:
        return
    latest, soonest = _seen_by(plan, absence), working_days_after(absence.back, 4)
    soon = way == "soon" or soonest > latest
    if soon or (way == "held" and profile().happens(rng, "interview_soon")):
        soonest, latest = absence.back, min(latest, working_days_after(absence.back, 3))
    absence.interview = rng.randrange(soonest, latest + 1)
