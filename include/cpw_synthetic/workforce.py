"""The workforce: posts, the professionals who hold them one after the other, and their cases."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from random import Random

from cpw_synthetic.chance import part, profile
from cpw_synthetic.days import YEAR
from cpw_synthetic.extract import After, SyntheticExtract
from cpw_synthetic.lives import Period, World
from cpw_synthetic.placements import FOSTER, Placement

_FROM, _TO = date(1985, 1, 1).toordinal(), date(2036, 1, 1).toordinal()
_FULL_SIZE = 1600
_ROLES = {
    "Allocated Case Worker": "CW",
    "Independent Reviewing Officer": "IR",
    "Personal Adviser": "PA",
    "Supervising Social Worker": "SS",
}


@dataclass(slots=True)
class Post:
    """A post, and from which day on who holds it; nobody ever, where it is vacant."""

    number: int
    team_type: str
    team: str
    area: str
    fte: float
    qualified: bool
    permanent: bool
    vacant: bool
    since: list[int] = field(default_factory=list)

    def holder(self, index: int) -> str:
        """The id of the post's ``index``-th holder."""
        return f"W{self.number:04d}{index:03d}"

    @property
    def title(self) -> str:
        """The job's title: of the advisers every eighth is a senior one."""
        if self.qualified:
            return "Social Worker"
        return "Senior Personal Adviser" if self.number % 8 == 0 else "Personal Adviser"

    def holders(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """Who held the post from ``start`` to ``end``: first day, last day and id."""
        spans: list[tuple[int, int, str]] = []
        index = bisect_right(self.since, start) - 1
        while start < end:
            leaves = self.since[index + 1] if index + 1 < len(self.since) else end
            spans.append((start, min(leaves, end), self.holder(index)))
            start, index = leaves, index + 1
        return spans


@dataclass(frozen=True, slots=True)
class _Case:
    """What a worker does for a child: the role, in a period of care, until the case is closed."""

    period: Period
    role: str
    closes: int


class Workforce:
    """All posts of a world, and what an extract shows of them."""

    def __init__(self, world: World) -> None:
        """Make the posts, as many as the children need."""
        self._world = world
        self._posts: list[Post] = []
        self._staffed: dict[tuple[str, str], list[Post]] = {}
        self._caseload: Counter[str] = Counter()
        self._seen: dict[str, Post] = {}
        rng = world.rng("posts")
        for row in profile().posts:
            total = float(row["fte"]) * world.children / _FULL_SIZE
            for tenths in spread(max(1, round(round(total, 1) * 10)), rng):
                self._post(row, tenths / 10, rng)

    def _post(self, row: dict[str, str], fte: float, rng: Random) -> None:
        areas, number = profile().values("area"), len(self._posts)
        area = areas[number % len(areas)]
        team = f"{area} {row['team']} {1 + number // len(areas) % int(row['teams'])}"
        post = Post(
            number=number,
            team_type=row["team_type"],
            team=team,
            area=area,
            fte=fte,
            qualified=row["qualified"] == "Y",
            permanent=row["permanent"] == "Y",
            vacant=row["filled"] == "N",
        )
        self._posts.append(post)
        if post.vacant:
            return
        day = _FROM - rng.randrange(1000)
        years = float(row["years_in_post"])
        while day < _TO:
            post.since.append(day)
            day += 90 + int(rng.expovariate(1 / (years * YEAR)))
        for place in (area, ""):
            self._staffed.setdefault((row["team_type"], place), []).append(post)

    def add_involvements(
        self, extract: SyntheticExtract, period: Period, placements: list[Placement]
    ) -> None:
        """Add who worked with a child in a period of care, and after it with a care leaver."""
        start, end = period.start, period.end
        if end >= extract.history:
            rng = self._world.rng("involvements", period.slot, period.number)
            team = profile().draw(rng, f"team_{period.kind}")
            for role, team_type in (
                ("Allocated Case Worker", team),
                ("Independent Reviewing Officer", "IRO"),
            ):
                self._add(extract, _Case(period, role, end), team_type, start, part(rng))
            for number, stay in enumerate(placements):
                if stay.type in FOSTER and stay.provider == "PR1":
                    self._supervise(extract, period, stay, 100 * number, rng)
        if period.makes_care_leaver:
            rng = self._world.rng("advisers", period.slot, period.number)
            until = period.person.birthday(25)
            case = _Case(period, "Personal Adviser", until)
            self._add(extract, case, "CARE_LEAVERS", end, rng)

    def _supervise(
        self, extract: SyntheticExtract, period: Period, stay: Placement, number: int, rng: Random
    ) -> None:
        """The worker of the foster carers, for as long as the placement lasts."""
        post = rng.choice(self._posts_near(period, "FOSTERING"))
        if stay.end >= extract.history:
            case = _Case(period, "Supervising Social Worker", stay.end)
            self._hold(extract, case, post, stay.start, stay.end, number)

    def _posts_near(self, period: Period, team_type: str) -> list[Post]:
        near = self._staffed.get((team_type, period.person.area))
        return near or self._staffed[team_type, ""]

    def _add(
        self,
        extract: SyntheticExtract,
        case: _Case,
        team_type: str,
        start: int,
        rng: Random,
    ) -> None:
        """Add a case's workers: one post after the other, and for each post those who hold it."""
        day, number = start, 0
        posts = self._posts_near(case.period, team_type)
        years = profile().rates[f"years_with_{_ROLES[case.role].lower()}"]
        while day < case.closes and day <= extract.horizon:
            post = rng.choice(posts)
            until = min(case.closes, day + 14 + int(rng.expovariate(1 / (years * YEAR))))
            number = self._hold(extract, case, post, day, until, number)
            day = until

    def _hold(
        self,
        extract: SyntheticExtract,
        case: _Case,
        post: Post,
        start: int,
        until: int,
        number: int,
    ) -> int:
        """Add the involvements of a post's holders, and return the number of the next one."""
        care = case.period.cla_id[3:]
        for begins, ends, who in post.holders(start, until):
            if ends == case.closes:
                reason = "Case closed"
            else:
                reason = "Worker left" if ends < until else "Reallocated"
            shown = extract.add(
                "ssd_involvements",
                {
                    "invo_involvements_id": f"{_ROLES[case.role]}{care}{number:04d}",
                    "invo_professional_id": who,
                    "invo_professional_role_id": case.role,
                    "invo_professional_team": post.team,
                    "invo_person_id": case.period.person.person_id,
                    "invo_involvement_start_date": begins,
                    "invo_involvement_end_date": ends,
                    "invo_worker_change_reason": After(ends, reason),
                    "invo_referral_id": f"RF{care}",
                },
                last=ends,
            )
            number += 1
            if shown:
                self._seen[who] = post
                if ends > extract.cut:
                    self._caseload[who] += 1
        return number

    def adviser(self, extract: SyntheticExtract, person_area: str, rng: Random) -> tuple[str, str]:
        """A personal adviser in post on the day of the cut, and the team."""
        posts = self._staffed.get(("CARE_LEAVERS", person_area))
        post = rng.choice(posts or self._staffed["CARE_LEAVERS", ""])
        who = post.holders(extract.cut, extract.cut + 1)[0][2]
        self._seen[who] = post
        return who, post.team

    def add_posts(self, extract: SyntheticExtract) -> None:
        """Add the establishment as on the day of the cut, and everybody who is named."""
        for post in self._posts:
            who = None
            if not post.vacant:
                who = post.holders(extract.cut, extract.cut + 1)[0][2]
                self._seen[who] = post
            extract.add(
                "local_establishment",
                {
                    "post_id": f"PO{post.number:04d}",
                    "team_name": post.team,
                    "team_type": post.team_type,
                    "area": post.area,
                    "established_fte": post.fte,
                    "filled_fte": 0.0 if post.vacant else post.fte,
                    "professional_id": who,
                    "qualified": "Y" if post.qualified else "N",
                    "permanent": "Y" if post.permanent else "N",
                },
            )
        for who, post in self._seen.items():
            extract.add(
                "ssd_professionals",
                {
                    "prof_professional_id": who,
                    "prof_staff_id": f"S{who[1:]}",
                    "prof_social_worker_registration_no": (
                        registration(who) if post.qualified else None
                    ),
                    "prof_agency_worker_flag": "N" if post.permanent else "Y",
                    "prof_professional_job_title": post.title,
                    "prof_professional_caseload": self._caseload[who],
                    "prof_professional_department": post.team,
                    "prof_full_time_equivalency": post.fte,
                },
            )


def registration(who: str) -> str:
    """A social worker's registration number: nobody else's."""
    return f"SW{int(hashlib.sha256(who.encode()).hexdigest(), 16) % 10**10:010d}"


def spread(tenths: int, rng: Random) -> list[int]:
    """Posts of full or part time that add up; FTE in tenths."""
    posts: list[int] = []
    while tenths > 12:
        posts.append(rng.choice((10, 10, 10, 8, 6)))
        tenths -= posts[-1]
    return [*posts, tenths] if tenths > 0 else posts
