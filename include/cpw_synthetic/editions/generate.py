"""Synthesise an edition: choose the lives and what happened, cut them at each month, write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cpw.contract.tables import contract
from cpw.core.partition import Partition
from cpw.core.reporting_month import ReportingMonth
from cpw_synthetic.adoption import add_permanence
from cpw_synthetic.editions.adoption import Adoption
from cpw_synthetic.editions.care_leavers import CareLeavers
from cpw_synthetic.editions.describe import describe
from cpw_synthetic.editions.education import Education
from cpw_synthetic.editions.health import Health
from cpw_synthetic.editions.incidents import Incidents
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.lives import draw_lives
from cpw_synthetic.editions.placements import Placements, address
from cpw_synthetic.editions.plan import Plan
from cpw_synthetic.editions.reviews import Reviews
from cpw_synthetic.editions.targets import AUTHORITY, printed_edition
from cpw_synthetic.editions.workers import Workers
from cpw_synthetic.episodes import (
    add_episodes,
    add_legal_statuses,
    plan_legal_statuses,
    with_parents,
)
from cpw_synthetic.extract import SyntheticExtract
from cpw_synthetic.lives import World
from cpw_synthetic.people import write_person
from cpw_synthetic.placements import Placement, add_placements
from cpw_synthetic.writer import write_extract

_HISTORY_MONTHS = 72
Progress = Callable[[str], None]


class Story:
    """Everything that happened to the children of an edition."""

    def __init__(self, name: str, seed: int, progress: Progress) -> None:
        """Choose it.

        Raises:
            InputError: there are no printed figures of such an edition.
            CalibrationError: they cannot all be met.
        """
        chosen = printed_edition(name)
        self.world = World(seed, AUTHORITY, 0)
        progress("who was in care, and when")
        self.plan = Plan(chosen, self.world, draw_lives(chosen, self.world.rng(name, "lives")))
        describe(self.plan)
        progress("reviews")
        self.reviews = Reviews(self.plan)
        progress("adoption")
        self.adoption = Adoption(self.plan, self.reviews)
        progress("placements")
        self.placements = Placements(self.plan, self.adoption)
        progress("workers")
        self.workers = Workers(self.plan)
        progress("health and education")
        self.health = Health(self.plan)
        self.education = Education(self.plan)
        progress("incidents and care leavers")
        self.incidents = Incidents(self.plan)
        self.care_leavers = CareLeavers(self.plan)

    def extract(self, month: int) -> SyntheticExtract:
        """What an extract of one of the edition's months shows of it."""
        reporting = self.plan.edition.months[month].month
        rng = self.world.rng("cut", str(reporting))
        extract = SyntheticExtract(
            contract(),
            cut=reporting.as_at.toordinal() + rng.randrange(4, 7),
            history=reporting.plus(-_HISTORY_MONTHS).first_day.toordinal(),
        )
        held = self.reviews.add(extract)
        for life in self.plan.lives:
            self._add_life(extract, life, held[life])
        self.adoption.add(extract)
        self.workers.add(extract, month)
        self.health.add(extract)
        self.education.add(extract)
        self.incidents.add(extract)
        self.care_leavers.add(extract, month, self.workers)
        return extract

    def _add_life(self, extract: SyntheticExtract, life: Life, held: list[int]) -> None:
        period = self.plan.periods[life]
        if min(life.start, life.earlier[0] if life.earlier else life.start) > extract.cut:
            return
        write_person(extract, period.person, life.disabilities or ["NONE"])
        if life.earlier is not None:
            self._add_earlier(extract, life)
        if life.start > extract.cut:
            return
        stays = self.placements.of[life]
        legal = with_parents(_in_order(plan_legal_statuses(self.world, period)), stays)
        add_placements(extract, period, stays)
        add_legal_statuses(extract, period, legal)
        add_episodes(extract, period, stays, legal, held)
        if life.kind == "sgo" and life not in self.adoption.paths:
            add_permanence(extract, self.world, period)

    def _add_earlier(self, extract: SyntheticExtract, life: Life) -> None:
        """A period of care before, in one placement."""
        period = self.plan.earlier[life]
        place = address("own", "near", self.world.rng("earlier placement", life.number))
        stay = Placement(f"PL{period.cla_id[3:]}00", period.start, period.end, "U6", "PR1", place)
        add_placements(extract, period, [stay])
        legal = [(period.start, "V2")]
        add_legal_statuses(extract, period, legal)
        add_episodes(extract, period, [stay], legal, [])


def _in_order(legal: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Legal statuses by day, without the steps that a placement order overtook."""
    days = {status: day for day, status in legal}
    ordered = days.get("E1")
    kept = [
        (day, status)
        for day, status in legal
        if ordered is None or day <= ordered or (status == "C2" and day > ordered)
    ]
    return sorted(dict(sorted(kept)).items())


def synthesise_edition(
    name: str, *, out: Path, seed: int = 1, progress: Progress | None = None
) -> dict[ReportingMonth, list[Path]]:
    """Write an edition's extracts: of the printed month, the one before it and the outturn's.

    The same edition and seed give the same bytes. The extracts are cuts of one set of lives; what
    is loaded from them shows the printed figures (``profile/edition_targets.csv``).

    Args:
        name: the edition.
        out: the folder to write ``<authority>/<YYYY-MM>/<feed>/<table>.csv`` to.
        seed: chance.
        progress: called with what is being chosen or written.

    Returns:
        The files written, by month.

    Raises:
        InputError: there are no printed figures of such an edition.
        CalibrationError: they cannot all be met.
    """
    say = progress or (lambda _: None)
    story = Story(name, seed, say)
    written: dict[ReportingMonth, list[Path]] = {}
    for index, month in enumerate(story.plan.edition.months):
        say(f"extracts of {month.month}")
        partition = Partition(AUTHORITY, month.month)
        written[month.month] = write_extract(story.extract(index), partition, out)
    return written
