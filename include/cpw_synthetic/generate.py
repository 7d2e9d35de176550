"""Synthesise an extract: draw the world's lives, cut them, write them down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cpw.contract.tables import contract
from cpw.core.errors import InputError
from cpw.core.partition import Partition
from cpw_synthetic.adoption import add_permanence
from cpw_synthetic.care_leavers import add_care_leaver
from cpw_synthetic.chance import generator, profile
from cpw_synthetic.education import add_education
from cpw_synthetic.episodes import (
    add_episodes,
    add_legal_statuses,
    plan_legal_statuses,
    with_parents,
)
from cpw_synthetic.extract import SyntheticExtract
from cpw_synthetic.health import add_health, add_regular_appointments
from cpw_synthetic.incidents import add_incidents, add_other_authorities
from cpw_synthetic.lives import Period, World, periods, slot_kind
from cpw_synthetic.people import add_immigration, add_person
from cpw_synthetic.placements import add_placements, plan_placements
from cpw_synthetic.reviews import add_reviews
from cpw_synthetic.services import (
    add_adopters,
    add_fostering_households,
    add_iro_notification,
)
from cpw_synthetic.workforce import Workforce
from cpw_synthetic.writer import write_extract

HISTORY_MONTHS = 72
_TAIL = 250
_SHORT_BREAK_SLOTS = 90000


def synthesise(
    partition: Partition,
    *,
    children: int = 1600,
    seed: int = 1,
    out: Path,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write whole synthetic extracts of an authority and month, in landing layout.

    The same arguments give the same bytes. The same seed and number of children give the same
    children in every month: a later extract is an earlier one and what happened since.

    Args:
        partition: the authority and month.
        children: how many children are in care on every day, short breaks not counted.
        seed: which world.
        out: the folder to write ``<authority>/<YYYY-MM>/<feed>/<table>.csv`` to.
        progress: called with the number of children done and the number of all.

    Returns:
        The files written, each feed's manifest included.

    Raises:
        InputError: there is no child to make up.
    """
    if children < 1:
        raise InputError(
            f"{children} children cannot be synthesised", remedy="Give a number from 1 on"
        )
    world = World(seed, partition.authority, children)
    extract = SyntheticExtract(
        contract(),
        cut=_cut_day(world, partition),
        history=partition.month.plus(-HISTORY_MONTHS).first_day.toordinal(),
    )
    workforce = Workforce(world)
    for slot in range(children):
        for period in periods(world, slot, slot_kind(slot), extract.cut):
            _add_period(extract, world, workforce, period)
        if progress is not None:
            progress(slot + 1, children)
    rates = profile().rates
    for number in range(max(1, round(children * rates["short_breaks_per_child"]))):
        slot = _SHORT_BREAK_SLOTS + number
        for period in periods(world, slot, "short_break", extract.cut):
            shown = _add_period(extract, world, workforce, period)
            if shown and number == 0:
                add_regular_appointments(extract, period)
    for number in range(max(1, round(children * rates["other_authority_per_child"]))):
        add_other_authorities(extract, world, number)
    add_adopters(extract, world)
    add_fostering_households(extract, world)
    workforce.add_posts(extract)
    return write_extract(extract, partition, out)


def _cut_day(world: World, partition: Partition) -> int:
    """The day the extract is made: four to six days after the month's last."""
    rng = generator(world.seed, world.authority, "cut", str(partition.month))
    return partition.month.as_at.toordinal() + rng.randrange(4, 7)


def _add_period(
    extract: SyntheticExtract, world: World, workforce: Workforce, period: Period
) -> bool:
    """Add what an extract holds of a period of care, if it holds the period at all.

    It does from the day care begins until six years after it ended; for a care leaver until six
    years after the 21st birthday, or the 25th birthday, whichever comes last. What care leaves
    to be done is done within ``_TAIL`` days.
    """
    person, leaver = period.person, period.makes_care_leaver
    kept = period.end + _TAIL
    if leaver:
        kept = max(kept, person.birthday(21))
    if kept < extract.history and not (leaver and person.birthday(25) > extract.cut):
        return False
    add_person(extract, world, period)
    placements, temporary = plan_placements(world, period)
    legal = with_parents(plan_legal_statuses(world, period), placements)
    recent = period.end + _TAIL >= extract.history
    held = add_reviews(extract, world, period) if recent else []
    add_placements(extract, period, placements + temporary)
    add_legal_statuses(extract, period, legal)
    add_episodes(extract, period, placements, legal, held)
    add_permanence(extract, world, period)
    add_immigration(extract, world, period)
    workforce.add_involvements(extract, period, placements)
    if recent:
        add_iro_notification(extract, world, period)
        add_health(extract, world, period)
        add_education(extract, world, period)
        add_incidents(extract, world, period)
    if leaver and period.end <= extract.cut:
        add_care_leaver(extract, world, workforce, period)
    return True
