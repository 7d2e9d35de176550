"""Time: in the future, before care, after care, in the wrong order, twice or not at all."""

from __future__ import annotations

from support.faults.model import (
    AS_AT,
    Expected,
    Extract,
    Row,
    Rows,
    birthday,
    cells,
    fault,
    first,
    grouped,
    later,
)

START, END = "clae_cla_episode_start_date", "clae_cla_episode_ceased_date"
REASON = "clae_cla_episode_ceased_reason"
BEGUN, LEFT = "clap_cla_placement_start_date", "clap_cla_placement_end_date"
TODAY = AS_AT.isoformat()


def born(extract: Extract) -> dict[str, str]:
    """Each person's birth date."""
    return {row["pers_person_id"]: row["pers_dob"] for row in extract["ssd_person"]}


def short_breaks(extract: Extract) -> set[str]:
    """Who has short breaks, of which gaps are a part."""
    rows = extract["ssd_legal_status"]
    return {row["lega_person_id"] for row in rows if row["lega_legal_status"] in ("V3", "V4")}


def periods(extract: Extract) -> list[Rows]:
    """The periods of care, short breaks aside, each as its episodes in order."""
    aside = short_breaks(extract)
    groups = grouped(extract["ssd_cla_episodes"], "clae_cla_id", by=START)
    return [group for group in groups if group[0]["clae_person_id"] not in aside]


def stays(extract: Extract) -> list[Rows]:
    """The placements of each period of care, short breaks aside, in order."""
    aside = short_breaks(extract)
    groups = grouped(extract["ssd_cla_placement"], "clap_cla_id", by=BEGUN)
    return [group for group in groups if group[0]["clap_person_id"] not in aside]


def days(row: Row, start: str = START, end: str = END) -> bool:
    """Whether a row lasts for at least four weeks."""
    return bool(row[end]) and later(row[start], 28) < row[end]


def long_ones(group: Rows) -> bool:
    return len(group) > 2 and days(group[0]) and days(group[1])


@fault("an episode that begins before the one ahead of it has ended", "ssd_cla_episodes.overlap")
def _(extract: Extract) -> Expected:
    hit = next(group for group in periods(extract) if long_ones(group))[1]
    hit[START] = later(hit[START], -7)
    return [hit]


@fault("a gap between two episodes of a period of care", "ssd_cla_episodes.gap")
def _(extract: Extract) -> Expected:
    hit = next(group for group in periods(extract) if long_ones(group))[1]
    hit[START] = later(hit[START], 7)
    return [hit]


@fault("two periods of care of one child that overlap", "ssd_cla_episodes.periods_overlap")
def _(extract: Extract) -> Expected:
    for group in grouped(extract["ssd_cla_episodes"], "clae_person_id", by=START):
        ended = [row for row in group if row["clae_cla_id"] == group[0]["clae_cla_id"]]
        after = [row for row in group if row["clae_cla_id"] != group[0]["clae_cla_id"]]
        if len({row["clae_cla_id"] for row in after}) == 1:
            ended[-1][END] = later(after[0][START], 7)
            return after
    raise AssertionError("nobody came back into care")


@fault("a period of care without its first episode", "ssd_cla_episodes.opens_with_s")
def _(extract: Extract) -> Expected:
    group = next(group for group in periods(extract) if long_ones(group))
    extract["ssd_cla_episodes"].remove(group[0])
    return [group[1]]


@fault("care that starts anew in the middle of a period of care", "ssd_cla_episodes.s_inside")
def _(extract: Extract) -> Expected:
    hit = next(group for group in periods(extract) if len(group) > 2)[1]
    hit["clae_cla_episode_start_reason"] = "S"
    return [hit]


@fault("an episode still open though the next has begun", "ssd_cla_episodes.open_before_next")
def _(extract: Extract) -> Expected:
    hit = next(group for group in periods(extract) if len(group) > 2)[0]
    hit[END] = hit[REASON] = ""
    return [hit]


@fault("the episode that follows is missing", "ssd_cla_episodes.continues_without_next")
def _(extract: Extract) -> Expected:
    group = next(group for group in periods(extract) if len(group) > 2 and group[-1][END])
    extract["ssd_cla_episodes"].remove(group[-1])
    return [group[-2]]


@fault("care that goes on after the 18th birthday", "ssd_cla_episodes.in_care_at_18")
def _(extract: Extract) -> Expected:
    dob = born(extract)
    for group in periods(extract):
        adult = birthday(dob[group[0]["clae_person_id"]], 18)
        if group[-1][END] and group[-1][END] >= adult and later(adult, 60) < TODAY:
            group[-1][END] = later(adult, 30)
            return [group[-1]]
    raise AssertionError("nobody left care on the 18th birthday")


@fault("a birth date after care began", "ssd_cla_episodes.before_birth")
def _(extract: Extract) -> Expected:
    group = next(group for group in periods(extract) if len(group) > 2)
    person = first(
        extract["ssd_person"], lambda row: row["pers_person_id"] == group[0]["clae_person_id"]
    )
    person["pers_dob"] = later(group[0][START], 1)
    return [
        row
        for row in extract["ssd_cla_episodes"]
        if row["clae_person_id"] == person["pers_person_id"] and row[START] < person["pers_dob"]
    ]


@fault("a date of death, and care goes on", "ssd_cla_episodes.after_death")
def _(extract: Extract) -> Expected:
    hit = next(
        group for group in periods(extract) if not group[-1][END] and group[-1][START] < "2018-06"
    )[-1]
    person = first(
        extract["ssd_person"], lambda row: row["pers_person_id"] == hit["clae_person_id"]
    )
    person["pers_death_date"] = "2018-06-04"
    return [hit]


@fault("a child in care without a placement", "ssd_cla_episodes.no_placement_in_force")
def _(extract: Extract) -> Expected:
    hit = next(
        group for group in stays(extract) if not group[-1][LEFT] and group[-1][BEGUN] < "2018-06"
    )[-1]
    hit[LEFT] = "2018-06-12"
    return [
        row
        for row in extract["ssd_cla_episodes"]
        if row["clae_person_id"] == hit["clap_person_id"] and not row[END]
    ]


@fault("a placement that ends after care did", "ssd_cla_placement.after_care")
def _(extract: Extract) -> Expected:
    ended = {group[0]["clae_cla_id"] for group in periods(extract) if group[-1][END]}
    hit = next(
        group[-1]
        for group in stays(extract)
        if group[0]["clap_cla_id"] in ended and group[-1][LEFT] < "2018"
    )
    hit[LEFT] = later(hit[LEFT], 30)
    return [hit]


@fault("placements left open when care ended", "ssd_cla_placement.open_after_care", blocks=True)
def _(extract: Extract) -> Expected:
    ended = {group[0]["clae_cla_id"] for group in periods(extract) if group[-1][END]}
    hit = [group[-1] for group in stays(extract) if group[0]["clap_cla_id"] in ended]
    for row in hit:
        row[LEFT] = ""
    return hit


@fault("a day between two placements", "ssd_cla_placement.gap")
def _(extract: Extract) -> Expected:
    hit = next(
        group[1] for group in stays(extract) if len(group) > 2 and days(group[1], BEGUN, LEFT)
    )
    hit[BEGUN] = later(hit[BEGUN], 1)
    return [hit]


@fault("two placements open at once", "ssd_cla_placement.two_open")
def _(extract: Extract) -> Expected:
    hit = next(
        group[-2]
        for group in stays(extract)
        if len(group) > 1
        and not group[-1][LEFT]
        and not any(row["clap_cla_placement_type"].startswith("T") for row in group)
    )
    hit[LEFT] = ""
    return [hit]


@fault(
    "a legal status that ends before it begins", "ssd_legal_status.lega_legal_status_end_date.order"
)
def _(extract: Extract) -> Expected:
    hit = first(extract["ssd_legal_status"], lambda row: row["lega_legal_status_end_date"])
    hit["lega_legal_status_end_date"] = later(hit["lega_legal_status_start_date"], -1)
    return [hit]


@fault("a child in care whose legal status was ended", "ssd_legal_status.none_in_force")
def _(extract: Extract) -> Expected:
    child = next(group for group in periods(extract) if not group[-1][END])[0]["clae_person_id"]
    for row in extract["ssd_legal_status"]:
        if row["lega_person_id"] == child and not row["lega_legal_status_end_date"]:
            row["lega_legal_status_end_date"] = max(
                "2018-06-12", row["lega_legal_status_start_date"]
            )
    return [child]


@fault("a UASC status that was not ended at 18", "ssd_immigration_status.uasc_at_18")
def _(extract: Extract) -> Expected:
    dob = born(extract)
    hit = first(
        extract["ssd_immigration_status"],
        lambda row: (
            row["immi_immigration_status"] == "UASC"
            and row["immi_immigration_status_end_date"]
            and birthday(dob[row["immi_person_id"]], 18) < TODAY
        ),
    )
    hit["immi_immigration_status_end_date"] = ""
    return [hit]


@fault("a review held after care ended", "ssd_cla_reviews.after_care")
def _(extract: Extract) -> Expected:
    ended = {
        group[0]["clae_cla_id"]: group[-1][END] for group in periods(extract) if group[-1][END]
    }
    hit = first(
        extract["ssd_cla_reviews"],
        lambda row: row["clar_cla_id"] in ended and row["clar_cla_review_date"],
    )
    hit["clar_cla_review_date"] = later(ended[hit["clar_cla_id"]], 30)
    return [hit]


@fault("a review entered twice", "ssd_cla_reviews.two_on_a_day")
def _(extract: Extract) -> Expected:
    held = first(extract["ssd_cla_reviews"], lambda row: row["clar_cla_review_date"])
    copy = {**held, "clar_cla_review_id": "RV999999999999"}
    extract["ssd_cla_reviews"].append(copy)
    return [copy]


cells(
    "reviews of long ago without an outcome",
    "ssd_cla_reviews.not_recorded",
    lambda row: row["clar_cla_review_date"] and row["clar_cla_review_date"] < "2018",
    rows=12,
    clar_cla_review_date="",
    clar_cla_review_participation="",
)


@fault("a child who goes missing again before being found", "ssd_missing.overlap")
def _(extract: Extract) -> Expected:
    start, end = "miss_missing_episode_start_date", "miss_missing_episode_end_date"
    groups = grouped(extract["ssd_missing"], "miss_person_id", by=start)
    group = next(group for group in groups if len(group) > 1 and group[1][end] > group[1][start])
    group[0][end] = group[1][end]
    return [group[1]]


@fault("a return interview before the child was found", "local_return_interviews.before_found")
def _(extract: Extract) -> Expected:
    found = {
        row["miss_table_id"]: row["miss_missing_episode_end_date"] for row in extract["ssd_missing"]
    }
    hit = first(
        extract["local_return_interviews"],
        lambda row: row["interview_date"] and found[row["miss_table_id"]],
    )
    hit["interview_date"] = later(found[hit["miss_table_id"]], -2)
    return [hit]


@fault("two case workers at a time", "ssd_involvements.two_workers")
def _(extract: Extract) -> Expected:
    start, end = "invo_involvement_start_date", "invo_involvement_end_date"
    workers = [
        row
        for row in extract["ssd_involvements"]
        if row["invo_professional_role_id"] == "Allocated Case Worker"
    ]
    group = next(
        group
        for group in grouped(workers, "invo_person_id", by=start)
        if len(group) > 1 and group[0][end] == group[1][start] and days(group[1], start, end)
    )
    group[0][end] = later(group[0][end], 14)
    return [group[1]]


cells(
    "a child placed for adoption before the match",
    "ssd_permanence.placed.after_match",
    lambda row: row["perm_matched_date"] and row["perm_placed_for_adoption_date"],
    perm_placed_for_adoption_date=lambda row: later(row["perm_matched_date"], -1),
)
cells(
    "a match before the agency decision",
    "ssd_permanence.match.after_decision",
    lambda row: row["perm_matched_date"] and row["perm_adm_decision_date"],
    perm_matched_date=lambda row: later(row["perm_adm_decision_date"], -1),
)
cells(
    "the steps of a family of adopters out of order",
    "local_adopters.steps.in_order",
    lambda row: row["placed_date"] and row["matched_date"],
    placed_date=lambda row: later(row["matched_date"], -3),
)
cells(
    "a plan issued before it was requested",
    "local_ehcp_requests.issued_before_request",
    lambda row: row["plan_issued_date"],
    blocks=True,
    plan_issued_date=lambda row: later(row["request_date"], -1),
)
cells(
    "a youth offending involvement at the age of 6",
    "local_youth_offending.under_10",
    start_date="2004-01-01",
    end_date="2004-02-01",
)


@fault("two education records open at once", "local_education.two_open")
def _(extract: Extract) -> Expected:
    groups = grouped(extract["local_education"], "person_id", by="start_date")
    group = next(
        group
        for group in groups
        if len(group) > 1
        and not group[-1]["end_date"]
        and group[-2]["start_date"] < group[-1]["start_date"]
    )
    group[-2]["end_date"] = ""
    return [group[-2]]


cells(
    "a completed check in the future",
    "ssd_cla_health.completed_in_future",
    lambda row: row["clah_health_check_status"] == "Completed",
    rows=3,
    clah_health_check_date="2018-09-14",
)
cells(
    "a check a century too early",
    "ssd_cla_health.before_birth",
    lambda row: row["clah_health_check_date"] > "2018",
    clah_health_check_date=lambda row: "19" + row["clah_health_check_date"][2:],
)
cells(
    "planned checks that nobody closed",
    "ssd_cla_health.planned_long_ago",
    lambda row: "2017-07" < row["clah_health_check_date"] < "2018-01",
    rows=8,
    clah_health_check_status="Planned",
)


@fault(
    "an initial assessment before care began",
    "local_initial_health.assessment_before_care",
)
def _(extract: Extract) -> Expected:
    started = {group[0]["clae_cla_id"]: group[0][START] for group in periods(extract)}
    hit = first(
        extract["local_initial_health"],
        lambda row: row["assessment_date"] and row["cla_id"] in started,
    )
    hit["assessment_date"] = later(started[hit["cla_id"]], -5)
    return [hit]


cells(
    "a questionnaire completed next year",
    "ssd_sdq_scores.in_future",
    lambda row: row["csdq_sdq_score"],
    csdq_sdq_completed_date="2019-06-11",
)
cells(
    "a contact with the year mistyped",
    "ssd_care_leavers.contact_in_future",
    lambda row: row["clea_care_leaver_latest_contact"] > "2018-06",
    clea_care_leaver_latest_contact=lambda row: "2019" + row["clea_care_leaver_latest_contact"][4:],
)
cells(
    "a care leaver in touch whose latest contact was in 2016",
    "ssd_care_leavers.in_touch_long_ago",
    lambda row: row["clea_care_leaver_in_touch"] == "YES",
    clea_care_leaver_latest_contact="2016-03-01",
)
