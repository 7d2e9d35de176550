"""Posts, who holds them, and who works with each child."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

from cpw_synthetic.editions.choose import Choice, Effects, Option, total
from cpw_synthetic.editions.life import Life
from cpw_synthetic.editions.plan import (
    Flags,
    Plan,
    choose_flags,
    in_care_flags,
    in_care_since,
)
from cpw_synthetic.editions.spells import days_in, few_of, segments
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.workforce import registration, spread

AREAS = ("North", "South", "East", "West")
_DISTRICT = "CIC_DISTRICT"
_ROLES = {"Allocated Case Worker": "CW", "Independent Reviewing Officer": "IR"}
# Teams that count as children-in-care teams in every edition, and those that do in some.
_TEAMS = {
    "CIC_DISTRICT": "Children in Care",
    "CIC_DISABILITY": "Disabled Children",
    "CIC_UASC": "Unaccompanied Children",
    "FOSTERING": "Fostering",
    "ADOPTION": "Adoption",
    "CARE_LEAVERS": "Care Leavers",
    "IRO": "Reviewing Service",
    "OTHER": "Virtual School",
}


@dataclass(frozen=True)
class EstablishedPost:
    """A post as the establishment of a month shows it; FTE in tenths."""

    post_id: str
    team_type: str
    area: str
    fte: int
    filled: bool
    qualified: bool
    permanent: bool

    @property
    def team(self) -> str:
        """The team's name."""
        return f"{self.area} {_TEAMS[self.team_type]}"

    @property
    def holder(self) -> str:
        """Who holds the post."""
        return f"W{self.post_id[2:]}"


class Workers:
    """The establishment of each month, and the workers of each child."""

    def __init__(self, plan: Plan) -> None:
        """Choose who keeps a worker, who has which kind of team, and how many posts there are."""
        self._plan = plan
        self._changes = {
            "Allocated Case Worker": self._choose_changes("same_social_worker_12m"),
            "Independent Reviewing Officer": self._choose_changes("same_iro_12m"),
        }
        self._in_district = self._choose_district()
        self.posts = [self._establishment(month) for month in plan.months]

    # ------------------------------------------------------------------------------- choosing

    def _choose_changes(self, kpi_id: str) -> dict[Life, list[int]]:
        """The days on which each child is given another worker."""
        plan, rng = self._plan, self._plan.rng(f"changes {kpi_id}")
        looked_at = [day for m in plan.edition.months for day in (m.end(12), m.as_at)]
        ways: dict[Life, dict[Flags, list[tuple[tuple[int, int], ...]]]] = {}
        members = {life: in_care_since(plan, life, 18) for life in plan.lives}
        for life in plan.lives:
            last = min(life.end - 1, plan.edition.last.as_at)
            spans = segments(looked_at, max(life.start, looked_at[0] - 400), last)
            ways[life] = {}
            for way in few_of([span for span in spans if span[1] - span[0] > 5], 2):
                days = days_in(way, None)
                flags = tuple(
                    member and not any(m.end(12) < day <= m.as_at for day in days)
                    for member, m in zip(members[life], plan.edition.months, strict=True)
                )
                ways[life].setdefault(flags, []).append(way)
        chosen = choose_flags(
            plan,
            kpi_id,
            [life for life in plan.lives if any(members[life])],
            members=members.__getitem__,
            possible=lambda life: list(ways[life]),
            usual=0.7,
        )
        found = {}
        for life in plan.lives:
            fitting = (
                ways[life][chosen[life]] if life in chosen else next(iter(ways[life].values()))
            )
            found[life] = days_in(rng.choice(fitting[:12]), rng)
        return found

    def _choose_district(self) -> set[Life]:
        """Whose case worker is of a district team."""
        plan = self._plan
        choice: Choice[Life, bool] = Choice(f"district cases of edition {plan.edition.name}")
        last = plan.months[-1]
        for life in plan.lives:
            effects = Effects()
            if in_care_flags(plan, life)[last]:
                effects.count(total("average_caseload_social_worker", last, "all", "numerator"))
            other = 1.0 if life.uasc or "LD" in life.disabilities else 3.0
            choice.add(life, [Option(True, effects), Option(False, {}, other)])
        for month, cohort, target in plan.edition.targets("average_caseload_social_worker"):
            if target.numerator is not None:
                name = total("average_caseload_social_worker", month, cohort, "numerator")
                choice.exactly(name, target.numerator)
        rng = plan.rng("district")
        return {life for life, option in choice.solve(rng) if option.payload}

    # -------------------------------------------------------------------------------- the posts

    def _establishment(self, month: int) -> list[EstablishedPost]:
        """The posts that give the month's printed staffing figures."""
        tenths = self._tenths(month)
        posts: list[EstablishedPost] = []
        for (team_type, filled, qualified, permanent), fte in tenths.items():
            rng = self._plan.world.rng("posts", team_type, filled, qualified, permanent)
            for number, part in enumerate(spread(fte, rng)):
                kind = "".join("YN"[not flag] for flag in (filled, qualified, permanent))
                posts.append(
                    EstablishedPost(
                        f"PO{team_type}{kind}{number:03d}",
                        team_type,
                        AREAS[number % len(AREAS)],
                        part,
                        filled,
                        qualified,
                        permanent,
                    )
                )
        return posts

    def _tenths(self, month: int) -> dict[tuple[str, bool, bool, bool], int]:
        """FTE in tenths by team type, filled, qualified and permanent."""
        edition = self._plan.edition
        caseload = self._fte(month, "average_caseload_social_worker", self._district_cases(month))
        reviewing = self._fte(month, "average_caseload_iro", len(self._plan.in_care(month)))
        established, permanent = self._permanent(month)
        small = {"CIC_DISABILITY": 34, "CIC_UASC": 20}
        beside = sum(small.values())
        other = {"FOSTERING": 520, "ADOPTION": 180, "CARE_LEAVERS": 700, "OTHER": 120}
        if edition.months[month].window_name == "YTD":
            # These count among the posts of this edition: what the districts leave is theirs.
            cases = len(self._plan.in_care(month)) - self._district_cases(month)
            small["CIC_UASC"] = round(cases / 1.8)
            beside = sum(small.values())
            left = permanent - beside - int(caseload * 0.85)
            other = {"FOSTERING": left // 2, "ADOPTION": left // 4}
            other["CARE_LEAVERS"] = left - sum(other.values())
            beside = permanent - int(caseload * 0.85)
        district = permanent - beside
        found = {(team, True, True, True): fte for team, fte in {**small, **other}.items()}
        found[_DISTRICT, True, True, True] = district
        found[_DISTRICT, True, True, False] = caseload - district
        found[_DISTRICT, False, True, True] = established - permanent - (caseload - district)
        found["IRO", True, True, True] = reviewing
        return found

    def _district_cases(self, month: int) -> int:
        return sum(life in self._in_district for life in self._plan.in_care(month))

    def _fte(self, month: int, kpi_id: str, cases: int) -> int:
        """Tenths of FTE over which so many cases show as printed; as in the printed month else."""
        last = self._plan.months[-1]
        target = self._plan.edition.target(month, kpi_id)
        if target is None:
            return self._fte(last, kpi_id, cases)
        if target.denominator is not None:
            return round(target.denominator * 10)
        return round(cases / target.shown * 10)

    def _permanent(self, month: int) -> tuple[int, int]:
        """Tenths of established FTE, and of it filled by permanent qualified staff."""
        edition, last = self._plan.edition, self._plan.months[-1]
        kpi_id = "posts_filled_permanent_qsw"
        printed = edition.target(last, kpi_id)
        target = edition.target(month, kpi_id)
        if printed is None or printed.denominator is None or printed.numerator is None:
            raise AssertionError("every edition prints its posts")
        established = round(printed.denominator * 10)
        if target is None or target.numerator is not None:
            return established, round(printed.numerator * 10)
        return established, round(established * target.shown / 100)

    # -------------------------------------------------------------------------------- the rows

    def team_of(self, life: Life) -> str:
        """The type of team that works with a child."""
        if life in self._in_district:
            return _DISTRICT
        return "CIC_UASC" if life.uasc else "CIC_DISABILITY"

    def lasting(self, team_type: str) -> list[EstablishedPost]:
        """Posts that are the same in every month."""
        lasting = set(self.posts[0]).intersection(*map(set, self.posts[1:]))
        return sorted(
            (p for p in lasting if p.team_type == team_type and p.filled and p.qualified),
            key=lambda post: post.post_id,
        )

    def add(self, extract: SyntheticExtract, month: int) -> None:
        """Add involvements, establishment and professionals."""
        caseload: Counter[str] = Counter()
        lasting = {team: self.lasting(team) for team in _TEAMS}
        seen: dict[str, EstablishedPost] = {}
        for life in self._plan.lives:
            for role in _ROLES:
                team = "IRO" if role != "Allocated Case Worker" else self.team_of(life)
                self._add_role(extract, life, role, lasting[team], seen, caseload)
        self._add_posts(extract, month, seen, caseload)

    def _add_role(
        self,
        extract: SyntheticExtract,
        life: Life,
        role: str,
        posts: list[EstablishedPost],
        seen: dict[str, EstablishedPost],
        caseload: Counter[str],
    ) -> None:
        period = self._plan.periods[life]
        rng = self._plan.world.rng(role, life.number)
        days = [life.start, *sorted(self._changes[role][life]), life.end]
        near = [post for post in posts if post.area == period.person.area] or posts
        post = rng.choice(near)
        for number, (begins, ends) in enumerate(itertools.pairwise(days)):
            last = number == len(days) - 2
            shown = extract.add(
                "ssd_involvements",
                {
                    "invo_involvements_id": f"{_ROLES[role]}{period.cla_id[3:]}{number:04d}",
                    "invo_professional_id": post.holder,
                    "invo_professional_role_id": role,
                    "invo_professional_team": post.team,
                    "invo_person_id": period.person.person_id,
                    "invo_involvement_start_date": begins,
                    "invo_involvement_end_date": ends,
                    "invo_worker_change_reason": After(
                        ends, "Case closed" if last else "Reallocated"
                    ),
                    "invo_referral_id": f"RF{period.cla_id[3:]}",
                },
                last=ends,
            )
            if shown:
                seen[post.holder] = post
                caseload[post.holder] += ends > extract.cut
            post = rng.choice([p for p in (near if len(near) > 1 else posts) if p != post])

    def _add_posts(
        self,
        extract: SyntheticExtract,
        month: int,
        seen: dict[str, EstablishedPost],
        caseload: Counter[str],
    ) -> None:
        for post in self.posts[month]:
            if post.filled:
                seen[post.holder] = post
            extract.add(
                "local_establishment",
                {
                    "post_id": post.post_id,
                    "team_name": post.team,
                    "team_type": post.team_type,
                    "area": post.area,
                    "established_fte": post.fte / 10,
                    "filled_fte": post.fte / 10 if post.filled else 0.0,
                    "professional_id": post.holder if post.filled else None,
                    "qualified": "Y" if post.qualified else "N",
                    "permanent": "Y" if post.permanent else "N",
                },
            )
        for who, post in seen.items():
            extract.add(
                "ssd_professionals",
                {
                    "prof_professional_id": who,
                    "prof_staff_id": f"S{who[1:]}",
                    "prof_social_worker_registration_no": (
                        registration(who) if post.qualified else None
                    ),
                    "prof_agency_worker_flag": "N" if post.permanent else "Y",
                    "prof_professional_job_title": "Social Worker",
                    "prof_professional_caseload": caseload[who],
                    "prof_professional_department": post.team,
                    "prof_full_time_equivalency": post.fte / 10,
                },
            )
