"""What happens now and then: going missing, offending, protection plans, complaints."""

from __future__ import annotations

from collections import Counter
from random import Random

from cpw_synthetic.chance import profile
from cpw_synthetic.editions.choose import Choice, Effects, Option
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.missing import Absence, draw_absences
from cpw_synthetic.editions.other_incidents import OtherIncidents
from cpw_synthetic.editions.plan import (
    Flags,
    Plan,
    changes,
    choose_flags,
    in_care_flags,
    patterns,
)
from cpw_synthetic.editions.return_interviews import choose_interviews
from cpw_synthetic.editions.spells import spells
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.people import add_immigration

_OFFENDING, _PROTECTION = "open_to_youth_offending", "cic_with_child_protection_plan"
_OFFENDS_FROM = 12
# Small beside what is printed: every group is as likely.
_ALIKE = 0.3
# The share of children where nothing is printed.
_RARELY = 0.01
Spell = tuple[int, int]
# Unaccompanied or not, in care at which months' ends, and old enough then.
_Group = tuple[bool, Flags, Flags]


class Incidents:
    """What happens now and then in an edition's lives."""

    def __init__(self, plan: Plan) -> None:
        """Choose who goes missing when and is spoken to, and what else happens to whom."""
        self._plan = plan
        self.absences = draw_absences(plan)
        choose_interviews(plan, self.absences)
        self._offending = self._choose_offending()
        self._protection = self._choose_protection()
        self._others = OtherIncidents(plan)

    # ------------------------------------------------------------- in force at the months' ends

    def _choose_evenly(
        self, kpi_id: str, youngest: int, count: bool, uasc_too: bool
    ) -> dict[Life, Flags]:
        """In force or not at each month's end: of every group about as many, as printed in all."""
        plan = self._plan
        targets = list(plan.edition.targets(kpi_id))
        choice: Choice[Life, Flags] = Choice(f"{kpi_id} of edition {plan.edition.name}")
        # Who came alone is told apart only where the print does: else it is left to chance.
        apart = any(cohort != "all" for _, cohort, _ in targets)
        groups: Counter[_Group] = Counter()
        can = {life: self._can(life, youngest, uasc_too) for life in plan.ever_in_care()}
        if not targets:
            return choose_flags(
                plan,
                kpi_id,
                can,
                members=can.__getitem__,
                usual=_RARELY,
                steady=True,
            )
        for life, months in can.items():
            members = in_care_flags(plan, life)
            group = (apart and life.uasc, members, months)
            groups[group] += 1
            options = []
            for flags in patterns(months):
                effects = Effects()
                for month in plan.months:
                    if members[month]:
                        effects.kpi(kpi_id, month, group[0], flags[month])
                        effects.count(f"{group} {month}", flags[month])
                options.append(Option(flags, effects, float(changes(flags, months))))
            choice.add(life, options, alike=group)
        (choice.count if count else choice.kpi)(plan.edition, kpi_id)
        for month in plan.months:
            target = plan.edition.target(month, kpi_id) or targets[-1][2]
            number = target.shown * (1 if count else len(plan.in_care(month)) / 100)
            everybody = sum(n for group, n in groups.items() if group[-1][month])
            for group, size in groups.items():
                if group[-1][month]:
                    choice.near(f"{group} {month}", number * size / everybody, _ALIKE)
        return {life: option.payload for life, option in choice.solve(plan.rng(kpi_id))}

    def _can(self, life: Life, youngest: int, uasc_too: bool) -> Flags:
        """At which months' ends a child is in care, and old enough."""
        return tuple(
            in_care and life.age(month.as_at) >= youngest and (uasc_too or not life.uasc)
            for in_care, month in zip(
                in_care_flags(self._plan, life), self._plan.edition.months, strict=True
            )
        )

    def _choose_offending(self) -> dict[Life, list[Spell]]:
        """When each young person has an involvement with the youth offending service."""
        rng = self._plan.rng("offending")
        found: dict[Life, list[Spell]] = {}
        chosen = self._choose_evenly(_OFFENDING, _OFFENDS_FROM, count=False, uasc_too=True)
        for life, flags in chosen.items():
            first = max(life.start, self._plan.periods[life].person.birthday(_OFFENDS_FROM))
            found[life] = self._spells(life, first, flags, rng)
        return found

    def _spells(self, life: Life, first: int, flags: Flags, rng: Random) -> list[Spell]:
        """Spells in force at the months' ends wanted, none of which need begin with care."""
        states = [
            flag if member else None
            for flag, member in zip(flags, in_care_flags(self._plan, life), strict=True)
        ]
        ends = [month.as_at for month in self._plan.edition.months]
        found = []
        for begins, stops, state in spells(self._plan.edition, first, life.end, states, rng):
            if not state:
                continue
            seen = next(day for day in ends if day >= begins)
            begins = max(begins, seen - rng.randrange(20, 300))
            if stops == life.end:
                asked = max(day for day in ends if day < stops)
                stops = min(stops, asked + rng.randrange(10, 250))
            found.append((begins, stops))
        return found

    def _choose_protection(self) -> dict[Life, list[Spell]]:
        """When each child is subject to a protection plan: some still are in care."""
        plan, rng = self._plan, self._plan.rng("protection plans")
        chosen = self._choose_evenly(_PROTECTION, 0, count=True, uasc_too=False)
        ends = [month.as_at for month in plan.edition.months]
        found: dict[Life, list[Spell]] = {}
        for life in plan.lives:
            flags = chosen.get(life, (False,))
            if any(flags):
                found[life] = self._spells(life, life.start, flags, rng)
            elif not life.uasc and profile().happens(rng, "protection_plan"):
                # Made before care began, and ended before any month's end looks at it.
                made = max(life.born, life.start - rng.randrange(5, 300))
                over = min(
                    [life.start + rng.randrange(10, 120), *(d for d in ends if d >= life.start)]
                )
                found[life] = [(made, over)]
        return found

    # -------------------------------------------------------------------------------------- rows

    def add(self, extract: SyntheticExtract) -> None:
        """Add what happened, and the immigration status of unaccompanied children."""
        numbers: Counter[Life] = Counter()
        for absence in self.absences:
            self._add_absence(extract, absence, numbers[absence.life])
            numbers[absence.life] += 1
        for life, period in self._plan.periods.items():
            add_immigration(extract, self._plan.world, period)
            for number, spell in enumerate(self._offending.get(life, ())):
                self._add_offending(extract, life, number, spell)
            for number, spell in enumerate(self._protection.get(life, ())):
                self._add_protection(extract, life, number, spell)
        self._others.add(extract)

    def _add_absence(self, extract: SyntheticExtract, absence: Absence, number: int) -> None:
        period = self._plan.periods[absence.life]
        row_id = f"MS{period.cla_id[3:]}{number:03d}"
        back, interview = absence.back, absence.interview
        extract.add(
            "ssd_missing",
            {
                "miss_table_id": row_id,
                "miss_person_id": period.person.person_id,
                "miss_missing_episode_start_date": absence.start,
                "miss_missing_episode_type": absence.kind,
                "miss_missing_episode_end_date": absence.end,
                "miss_missing_rhi_offered": After(back, "Y"),
                "miss_missing_rhi_accepted": After(back, "Y" if interview else "N"),
            },
            last=back,
        )
        if absence.kind == "M" or interview:
            extract.add(
                "local_return_interviews",
                {
                    "return_interview_id": f"RI{row_id[2:]}",
                    "miss_table_id": row_id,
                    "interview_date": interview,
                    "interview_completed": After(interview, "Y", "N"),
                },
                known=back,
                last=back,
            )

    def _add_offending(
        self, extract: SyntheticExtract, life: Life, number: int, spell: Spell
    ) -> None:
        period = self._plan.periods[life]
        extract.add(
            "local_youth_offending",
            {
                "youth_offending_id": f"YO{period.cla_id[3:]}{number:02d}",
                "person_id": period.person.person_id,
                "start_date": spell[0],
                "end_date": spell[1],
            },
            last=spell[1],
        )

    def _add_protection(
        self, extract: SyntheticExtract, life: Life, number: int, spell: Spell
    ) -> None:
        period = self._plan.periods[life]
        rng = self._plan.world.rng("protection plan", life.number)
        category = profile().draw(rng, "protection_category")
        over = period.person.birthday(18)
        extract.add(
            "ssd_cp_plans",
            {
                "cppl_cp_plan_id": f"CP{period.cla_id[3:]}{number:02d}",
                "cppl_referral_id": f"RF{period.cla_id[3:]}",
                "cppl_person_id": period.person.person_id,
                "cppl_cp_plan_start_date": spell[0],
                "cppl_cp_plan_end_date": min(spell[1], over),
                "cppl_cp_plan_ola": "N",
                "cppl_cp_plan_initial_category": category,
                "cppl_cp_plan_latest_category": category,
            },
            # Known with the person, who is known when care begins.
            known=max(spell[0], period.start),
            last=spell[1],
        )
