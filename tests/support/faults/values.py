"""Values that cannot be, contradict each other, or are not there."""

from __future__ import annotations

from support.faults.model import AS_AT, Expected, Extract, Row, birthday, cells, fault, first, later

TODAY = AS_AT.isoformat()
END = "clae_cla_episode_ceased_date"


def people(extract: Extract) -> dict[str, Row]:
    return {row["pers_person_id"]: row for row in extract["ssd_person"]}


def in_care(extract: Extract) -> list[str]:
    """Who has an open period of care, in the order of the extract."""
    open_ones = [row for row in extract["ssd_cla_episodes"] if not row[END]]
    return [row["clae_person_id"] for row in open_ones]


def not_known(extract: Extract, youngest: int, oldest: int) -> str:
    """A child in care between two ages who is no care leaver of the extract."""
    known = {row["clea_person_id"] for row in extract["ssd_care_leavers"]}
    persons = people(extract)
    return next(
        child
        for child in in_care(extract)
        if child not in known
        and birthday(persons[child]["pers_dob"], youngest) <= TODAY
        and birthday(persons[child]["pers_dob"], oldest) > TODAY
    )


cells("a score of 41", "ssd_sdq_scores.csdq_sdq_score.range", csdq_sdq_score="41")
cells(
    "scores of 99 for those that are missing",
    "ssd_sdq_scores.csdq_sdq_score.range",
    rows=25,
    blocks=True,
    csdq_sdq_score="99",
)
cells(
    "a questionnaire with neither score nor reason",
    "ssd_sdq_scores.score_or_reason",
    csdq_sdq_score="",
    csdq_sdq_reason="",
)
cells(
    "a reason for a missing score beside the score",
    "ssd_sdq_scores.score_and_reason",
    lambda row: row["csdq_sdq_score"],
    csdq_sdq_reason="SDQ3",
)


@fault("a questionnaire about a child of 3", "ssd_sdq_scores.age")
def _(extract: Extract) -> Expected:
    hit = first(extract["ssd_sdq_scores"], lambda row: row["csdq_sdq_score"])
    dob = people(extract)[hit["csdq_person_id"]]["pers_dob"]
    hit["csdq_sdq_completed_date"] = later(birthday(dob, 4), -1)
    return [hit]


@fault("a questionnaire entered twice", "ssd_sdq_scores.two_on_a_day")
def _(extract: Extract) -> Expected:
    held = first(extract["ssd_sdq_scores"], lambda row: row["csdq_sdq_score"])
    copy = {**held, "csdq_table_id": "SQ999999999"}
    extract["ssd_sdq_scores"].append(copy)
    return [copy]


cells(
    "completed checks without a date",
    "ssd_cla_health.completed_without_date",
    lambda row: (
        row["clah_health_check_status"] == "Completed" and row["clah_health_check_date"] < "2016"
    ),
    rows=4,
    clah_health_check_date="",
)


@fault("a check entered twice", "ssd_cla_health.two_on_a_day")
def _(extract: Extract) -> Expected:
    held = first(
        extract["ssd_cla_health"], lambda row: row["clah_health_check_status"] == "Completed"
    )
    copy = {**held, "clah_health_check_id": "HA99999999999"}
    extract["ssd_cla_health"].append(copy)
    return [copy]


cells(
    "a birth date of 1900 for one not known",
    "ssd_person.pers_dob.oldest",
    pers_dob="1900-01-01",
)
cells(
    "a mother of 5",
    "ssd_person.pers_is_mother.age",
    lambda row: row["pers_dob"] > "2013" and row["pers_sex"] == "F",
    pers_is_mother="Y",
)
cells("a sex that is not known", "ssd_person.pers_sex.known", rows=2, pers_sex="U")
cells(
    "a child who died before being born",
    "ssd_person.pers_death_date.after_birth",
    pers_death_date=lambda row: later(row["pers_dob"], -1),
)


@fault("a British child with a status as unaccompanied", "ssd_immigration_status.uasc_nationality")
def _(extract: Extract) -> Expected:
    statuses = extract["ssd_immigration_status"]
    hit = first(statuses, lambda row: row["immi_immigration_status"] == "UASC")
    person = hit["immi_person_id"]
    people(extract)[person]["pers_nationality"] = "British"
    return [
        row
        for row in statuses
        if row["immi_person_id"] == person and row["immi_immigration_status"] == "UASC"
    ]


@fault("no disability beside a disability", "ssd_disability.none_beside_another")
def _(extract: Extract) -> Expected:
    other = first(extract["ssd_disability"], lambda row: row["disa_disability_code"] != "NONE")
    copy = {**other, "disa_table_id": "DI999999999", "disa_disability_code": "NONE"}
    extract["ssd_disability"].append(copy)
    return [copy]


cells(
    "a distance in metres",
    "ssd_cla_placement.distance.range",
    lambda row: 1 < float(row["clap_cla_placement_distance"] or 0) < 999,
    clap_cla_placement_distance="31859.4",
)
cells(
    "open placements without a postcode",
    "ssd_cla_placement.postcode.expected",
    lambda row: (
        not row["clap_cla_placement_end_date"]
        and not row["clap_cla_placement_type"].startswith("A")
    ),
    rows=4,
    clap_cla_placement_postcode="",
)
cells(
    "a foster placement without a provider",
    "ssd_cla_placement.provider.expected",
    lambda row: not row["clap_cla_placement_end_date"] and row["clap_cla_placement_type"] == "U4",
    clap_cla_placement_provider="",
)
cells(
    "an episode that ended, without a reason",
    "ssd_cla_episodes.ended_without_reason",
    lambda row: row[END],
    clae_cla_episode_ceased_reason="",
)
cells(
    "a reason for the end of an episode that is open",
    "ssd_cla_episodes.reason_without_end",
    lambda row: not row[END],
    clae_cla_episode_ceased_reason="E8",
)
cells(
    "a review without a participation code",
    "ssd_cla_reviews.participation.expected",
    lambda row: row["clar_cla_review_date"],
    clar_cla_review_participation="",
)
cells(
    "a review cancelled and held",
    "ssd_cla_reviews.cancelled_and_held",
    lambda row: row["clar_cla_review_date"],
    clar_cla_review_cancelled="Y",
)
cells(
    "a child under 4 who spoke at the review",
    "ssd_cla_reviews.participation.under_4",
    lambda row: row["clar_cla_review_participation"] == "PN0",
    clar_cla_review_participation="PN1",
)
cells(
    "children of 4 and over with the code for those under 4",
    "ssd_cla_reviews.participation.from_4",
    lambda row: row["clar_cla_review_participation"] not in ("", "PN0"),
    rows=None,
    blocks=True,
    clar_cla_review_participation="PN0",
)
cells(
    "an adoption order without its date",
    "ssd_permanence.permanence_order.type_and_date",
    lambda row: row["perm_permanence_order_date"],
    perm_permanence_order_date="",
)
cells(
    "a caseload of 999",
    "ssd_professionals.caseload.range",
    prof_professional_caseload="999",
)
cells(
    "a full time equivalent of 11",
    "local_establishment.fte_range",
    lambda row: row["filled_fte"] == "1.0",
    blocks=True,
    established_fte="11",
    filled_fte="11",
)
cells(
    "a placing authority that is the authority itself",
    "local_ola_placements.own_authority",
    blocks=True,
    placing_authority="886",
)
cells(
    "a part-time timetable of a child not in school",
    "local_education.part_time_not_in_school",
    lambda row: row["education_status"] == "NEET",
    part_time_timetable="Y",
)
cells(
    "a dispute at level 7",
    "local_dispute_resolutions.level.range",
    level="7",
)


@fault("a child in care without a case worker", "ssd_involvements.no_case_worker")
def _(extract: Extract) -> Expected:
    rows = extract["ssd_involvements"]
    hit = first(
        rows,
        lambda row: (
            row["invo_professional_role_id"] == "Allocated Case Worker"
            and not row["invo_involvement_end_date"]
            and row["invo_involvement_start_date"] < "2018-06"
            and row["invo_person_id"] in in_care(extract)
        ),
    )
    hit["invo_involvement_end_date"] = "2018-06-20"
    return [hit["invo_person_id"]]


@fault("a post left out of the establishment", "ssd_involvements.worker_without_post")
def _(extract: Extract) -> Expected:
    working = [
        row
        for row in extract["ssd_involvements"]
        if not row["invo_involvement_end_date"]
        and row["invo_professional_role_id"] == "Allocated Case Worker"
    ]
    posts = extract["local_establishment"]
    held = [row["professional_id"] for row in posts]
    worker = first(working, lambda row: held.count(row["invo_professional_id"]) == 1)
    gone = worker["invo_professional_id"]
    posts.remove(first(posts, lambda row: row["professional_id"] == gone))
    return [row for row in working if row["invo_professional_id"] == gone]


@fault("a care leaver of 12", "ssd_care_leavers.under_16")
def _(extract: Extract) -> Expected:
    hit = extract["ssd_care_leavers"][0]
    hit["clea_person_id"] = not_known(extract, 10, 13)
    return [hit]


@fault("a care leaver who is still in care", "ssd_care_leavers.still_in_care")
def _(extract: Extract) -> Expected:
    child = not_known(extract, 16, 18)
    copy = {
        **extract["ssd_care_leavers"][0],
        "clea_table_id": "CL999999999",
        "clea_person_id": child,
        "clea_care_leaver_eligibility": "Relevant",
    }
    extract["ssd_care_leavers"].append(copy)
    return [copy]


@fault("two rows of a care leaver", "ssd_care_leavers.one_row_a_person")
def _(extract: Extract) -> Expected:
    copy = {**extract["ssd_care_leavers"][0], "clea_table_id": "CL999999999"}
    extract["ssd_care_leavers"].append(copy)
    return [copy]


@fault("two rows of every care leaver", "ssd_care_leavers.one_row_a_person", blocks=True)
def _(extract: Extract) -> Expected:
    rows = extract["ssd_care_leavers"]
    copies = [{**row, "clea_table_id": f"{row['clea_table_id']}B"} for row in rows]
    rows.extend(copies)
    return copies


cells(
    "a care leaver in custody, suitably housed",
    "ssd_care_leavers.suitable_though_not",
    lambda row: row["clea_care_leaver_in_touch"] == "YES",
    clea_care_leaver_accommodation="X",
    clea_care_leaver_accom_suitable="1",
)
cells(
    "care leavers in touch without accommodation",
    "ssd_care_leavers.accommodation_missing",
    lambda row: (
        row["clea_care_leaver_in_touch"] == "YES"
        and row["clea_care_leaver_eligibility"] == "Former Relevant"
    ),
    rows=3,
    clea_care_leaver_accommodation="",
)
cells(
    "a care leaver in touch, and never contacted",
    "ssd_care_leavers.in_touch_without_contact",
    lambda row: row["clea_care_leaver_in_touch"] == "YES",
    clea_care_leaver_latest_contact="",
)
cells(
    "a birthday that is none of the person's",
    "local_care_leaver_outcomes.is_a_birthday",
    birthday_date=lambda row: later(row["birthday_date"], 3),
)
cells(
    "an outcome in touch without an activity",
    "local_care_leaver_outcomes.activity_missing",
    lambda row: row["in_touch"] == "YES" and row["activity"],
    activity="",
)
