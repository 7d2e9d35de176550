"""Typing errors: cells that are not of their type, codes that are none, blanks."""

from __future__ import annotations

from support.faults.model import Expected, Extract, Row, cells, fault


def swapped(day: str) -> str:
    """A date with day and month swapped."""
    return f"{day[:4]}-{day[8:10]}-{day[5:7]}"


def british(day: str) -> str:
    """A date as it is written by hand."""
    return "/".join(reversed(day.split("-")))


def is_late_in_month(day: str) -> bool:
    return day[8:10] > "12"


cells(
    "a birth date with day and month swapped, which no calendar has",
    "ssd_person.pers_dob.type",
    lambda row: is_late_in_month(row["pers_dob"]),
    pers_dob=lambda row: swapped(row["pers_dob"]),
)


@fault(
    "birth dates with day and month swapped, which exist all the same",
    "social_care.changed.birth_dates",
)
def _(extract: Extract) -> Expected:
    def can_be_swapped(row: Row) -> bool:
        day = row["pers_dob"]
        return not is_late_in_month(day) and swapped(day) != day

    known = {row["pers_person_id"] for row in extract.before()["ssd_person"]}
    people = [row for row in extract["ssd_person"] if can_be_swapped(row)]
    hit = [row for row in people if row["pers_person_id"] in known][:5]
    for row in hit:
        row["pers_dob"] = swapped(row["pers_dob"])
    return [row["pers_person_id"] for row in hit]


cells(
    "a review held in the year 0218",
    "ssd_cla_reviews.clar_cla_review_date.placeholder",
    lambda row: row["clar_cla_review_date"] > "2018",
    clar_cla_review_date=lambda row: "0" + row["clar_cla_review_date"][1:],
)
cells(
    "a placement that began in the year 0218",
    "ssd_cla_placement.before_care",
    lambda row: row["clap_cla_placement_start_date"] > "2018",
    clap_cla_placement_start_date=lambda row: "0" + row["clap_cla_placement_start_date"][1:],
)
cells(
    "a questionnaire completed on 30 February",
    "ssd_sdq_scores.csdq_sdq_completed_date.type",
    csdq_sdq_completed_date="2018-02-30",
)
cells(
    "dates of contact as day/month/year, the whole column",
    "ssd_care_leavers.clea_care_leaver_latest_contact.type",
    lambda row: row["clea_care_leaver_latest_contact"],
    rows=None,
    blocks=True,
    clea_care_leaver_latest_contact=lambda row: british(row["clea_care_leaver_latest_contact"]),
)
cells(
    "a date as a spreadsheet's day number",
    "ssd_cla_reviews.clar_cla_review_date.type",
    lambda row: row["clar_cla_review_date"],
    clar_cla_review_date="43256",
)
cells(
    "the word NULL in every empty cell of a date",
    "ssd_legal_status.lega_legal_status_end_date.type",
    lambda row: not row["lega_legal_status_end_date"],
    rows=None,
    blocks=True,
    lega_legal_status_end_date="NULL",
)
cells(
    "the time of day lost in the export",
    "ssd_missing.miss_missing_episode_start_date.type",
    rows=3,
    miss_missing_episode_start_date=lambda row: row["miss_missing_episode_start_date"][:10],
)
cells(
    "a distance with a decimal comma",
    "ssd_cla_placement.clap_cla_placement_distance.type",
    lambda row: "." in row["clap_cla_placement_distance"],
    clap_cla_placement_distance=lambda row: row["clap_cla_placement_distance"].replace(".", ","),
)
cells(
    "a score with a word beside it",
    "ssd_sdq_scores.csdq_sdq_score.type",
    lambda row: row["csdq_sdq_score"],
    csdq_sdq_score=lambda row: row["csdq_sdq_score"] + " (high)",
)
cells(
    "a code in lower case",
    "ssd_cla_health.clah_health_check_status.code",
    clah_health_check_status=lambda row: row["clah_health_check_status"].lower(),
)
cells(
    "the label of a code in place of the code",
    "ssd_person.pers_ethnicity.code",
    lambda row: row["pers_ethnicity"] == "WBRI",
    pers_ethnicity="White British",
)
cells(
    "Yes and No in place of Y and N, the whole column",
    "ssd_cla_reviews.clar_cla_review_cancelled.code",
    rows=None,
    blocks=True,
    clar_cla_review_cancelled=lambda row: {"Y": "Yes", "N": "No"}[row["clar_cla_review_cancelled"]],
)
cells(
    "a required cell left empty",
    "ssd_cla_episodes.clae_cla_episode_start_reason.required",
    clae_cla_episode_start_reason="",
)
cells(
    "half a postcode",
    "ssd_cla_placement.postcode.form",
    lambda row: row["clap_cla_placement_postcode"],
    clap_cla_placement_postcode=lambda row: row["clap_cla_placement_postcode"].split()[0],
)
cells(
    "a URN with a digit too few",
    "ssd_cla_placement.urn.form",
    lambda row: row["clap_cla_placement_urn"].startswith("SC"),
    clap_cla_placement_urn=lambda row: row["clap_cla_placement_urn"][:-1],
)
cells(
    "a registration number without its letters",
    "ssd_professionals.registration.form",
    lambda row: row["prof_social_worker_registration_no"],
    prof_social_worker_registration_no=lambda row: row["prof_social_worker_registration_no"][2:],
)
cells(
    "a school's number with a letter in it",
    "local_education.school_urn_malformed",
    lambda row: row["school_urn"],
    school_urn=lambda row: row["school_urn"][:-1] + "O",
)
cells(
    "a reason for a missing score that is none of the national codes",
    "ssd_sdq_scores.reason_code",
    csdq_sdq_score="",
    csdq_sdq_reason="not returned",
)


@fault("a team's name in other capitals", "local_establishment.team_spelling")
def _(extract: Extract) -> Expected:
    posts = extract["local_establishment"]
    team = next(
        row["team_name"]
        for row in posts
        if sum(other["team_name"] == row["team_name"] for other in posts) > 1
    )
    hit = [row for row in posts if row["team_name"] == team]
    hit[0]["team_name"] = team.upper()
    return hit
