"""Whole extracts: cut short, of last month, a column gone, another mix, other than before."""

from __future__ import annotations

from cpw.contract.tables import contract
from cpw.core.partition import Partition
from cpw_synthetic import synthesise
from support.faults.model import CHILDREN, MAY, SEED, Expected, Extract, Row, fault, first, later

MARCH = Partition.of("886", "2018-03")
END = "clae_cla_episode_ceased_date"


def halve(extract: Extract, table: str) -> Expected:
    del extract[table][1::2]
    return 1


def empty(extract: Extract, table: str, column: str) -> Expected:
    for row in extract[table]:
        row[column] = ""
    return 1


def send_month(extract: Extract, feed: str, month: Partition) -> Expected:
    """Put a feed of an earlier month in the place of this month's."""
    if month != MAY:
        synthesise(month, children=CHILDREN, seed=SEED, out=extract.home.landing)
    earlier = Extract(extract.home, month)
    for table in contract().feed_tables(feed):
        extract.write(table.name, earlier.text(table.name))
    return 1


def in_the_last_year(day: str) -> bool:
    return "2017-07-01" <= day <= "2018-06-30"


@fault("half the health checks", "ssd_cla_health.rows_fell", blocks=True)
def _(extract: Extract) -> Expected:
    return halve(extract, "ssd_cla_health")


@fault("half the care leavers", "ssd_care_leavers.rows_fell", blocks=True)
def _(extract: Extract) -> Expected:
    return halve(extract, "ssd_care_leavers")


@fault("half the outcomes at birthdays", "local_care_leaver_outcomes.rows_fell", blocks=True)
def _(extract: Extract) -> Expected:
    return halve(extract, "local_care_leaver_outcomes")


@fault("half the persons", "social_care.rows_fell.ssd_person", blocks=True)
def _(extract: Extract) -> Expected:
    return halve(extract, "ssd_person")


@fault("half the reviews", "social_care.rows_fell.ssd_cla_reviews", blocks=True)
def _(extract: Extract) -> Expected:
    return halve(extract, "ssd_cla_reviews")


@fault("half the missing episodes", "social_care.rows_fell.ssd_missing", blocks=True)
def _(extract: Extract) -> Expected:
    return halve(extract, "ssd_missing")


@fault("half the posts", "local_establishment.rows_fell", blocks=True)
def _(extract: Extract) -> Expected:
    return halve(extract, "local_establishment")


@fault("a third more persons than the month before", "social_care.rows_rose")
def _(extract: Extract) -> Expected:
    people = extract["ssd_person"]
    people += [{**row, "pers_person_id": f"9{row['pers_person_id']}"} for row in people[::3]]
    return 1


@fault("the health feed of last month sent again", "health.newest_date", blocks=True)
def _(extract: Extract) -> Expected:
    return send_month(extract, "health", MAY)


@fault("the care leavers feed of last month sent again", "care_leavers.newest_date", blocks=True)
def _(extract: Extract) -> Expected:
    return send_month(extract, "care_leavers", MAY)


@fault("the social care feed of last month sent again", "social_care.newest_date", blocks=True)
def _(extract: Extract) -> Expected:
    return send_month(extract, "social_care", MAY)


@fault("the health feed of the quarter before", "health.shows_month", blocks=True)
def _(extract: Extract) -> Expected:
    return send_month(extract, "health", MARCH)


@fault("the care leavers feed of the quarter before", "care_leavers.shows_month", blocks=True)
def _(extract: Extract) -> Expected:
    return send_month(extract, "care_leavers", MARCH)


@fault("the social care feed of the quarter before", "social_care.shows_month", blocks=True)
def _(extract: Extract) -> Expected:
    return send_month(extract, "social_care", MARCH)


@fault("a health feed cut on the 5th of the month", "health.newest_date", blocks=True)
def _(extract: Extract) -> Expected:
    rows = extract["ssd_cla_health"]
    rows[:] = [row for row in rows if row["clah_health_check_date"] <= "2018-06-05"]
    return 1


@fault("the activities of care leavers gone", "ssd_care_leavers.filled", blocks=True)
def _(extract: Extract) -> Expected:
    return empty(extract, "ssd_care_leavers", "clea_care_leaver_activity")


@fault("the distances of placements gone", "social_care.filled.ssd_cla_placement", blocks=True)
def _(extract: Extract) -> Expected:
    return empty(extract, "ssd_cla_placement", "clap_cla_placement_distance")


@fault("the column of nationalities dropped", "social_care.filled.ssd_person", blocks=True)
def _(extract: Extract) -> Expected:
    for row in extract["ssd_person"]:
        del row["pers_nationality"]
    return 1


@fault("refused in place of completed in half the checks", "ssd_cla_health.status_mix", blocks=True)
def _(extract: Extract) -> Expected:
    done = [
        row
        for row in extract["ssd_cla_health"]
        if row["clah_health_check_status"] == "Completed"
        and in_the_last_year(row["clah_health_check_date"])
    ]
    for row in done[::2]:
        row["clah_health_check_status"] = "Refused"
    return 2


@fault("nobody in touch any more", "ssd_care_leavers.in_touch_mix", blocks=True)
def _(extract: Extract) -> Expected:
    for row in extract["ssd_care_leavers"]:
        if row["clea_care_leaver_in_touch"] == "YES":
            row["clea_care_leaver_in_touch"] = "NO"
    return 2


def remap(extract: Extract, table: str, column: str, old: str, new: str) -> Expected:
    for row in extract[table]:
        if row[column] == old:
            row[column] = new
    return 2


@fault("spoke for self mapped to no views", "social_care.mix.participation", blocks=True)
def _(extract: Extract) -> Expected:
    return remap(extract, "ssd_cla_reviews", "clar_cla_review_participation", "PN1", "PN7")


@fault("full care orders mapped to interim ones", "social_care.mix.legal_status", blocks=True)
def _(extract: Extract) -> Expected:
    return remap(extract, "ssd_legal_status", "lega_legal_status", "C2", "C1")


@fault("foster homes mapped to children's homes", "social_care.mix.placement_type", blocks=True)
def _(extract: Extract) -> Expected:
    return remap(extract, "ssd_cla_placement", "clap_cla_placement_type", "U6", "K2")


@fault("male and female mapped to one code", "social_care.mix.sex", blocks=True)
def _(extract: Extract) -> Expected:
    return remap(extract, "ssd_person", "pers_sex", "F", "M")


@fault("scores on another scale", "ssd_sdq_scores.average_jumped", blocks=True)
def _(extract: Extract) -> Expected:
    for row in extract["ssd_sdq_scores"]:
        if row["csdq_sdq_score"] and in_the_last_year(row["csdq_sdq_completed_date"]):
            row["csdq_sdq_score"] = str(int(row["csdq_sdq_score"]) // 2)
    return 1


def open_children(extract: Extract) -> list[str]:
    """Who was in an open period of care last month, and still is."""
    before = {row["clae_person_id"] for row in extract.before()["ssd_cla_episodes"] if not row[END]}
    now = {row["clae_person_id"] for row in extract["ssd_cla_episodes"] if not row[END]}
    return sorted(before & now)


def vanish(extract: Extract, children: list[str]) -> Expected:
    episodes = extract["ssd_cla_episodes"]
    episodes[:] = [row for row in episodes if row["clae_person_id"] not in children]
    return children


@fault("a child in care who vanished", "social_care.vanished_children")
def _(extract: Extract) -> Expected:
    return vanish(extract, open_children(extract)[:1])


@fault("six children in care who vanished", "social_care.vanished_children", blocks=True)
def _(extract: Extract) -> Expected:
    return vanish(extract, open_children(extract)[:6])


@fault("a period of care that had ended is open again", "social_care.reopened_periods")
def _(extract: Extract) -> Expected:
    before = {
        row["clae_cla_episode_id"] for row in extract.before()["ssd_cla_episodes"] if row[END]
    }
    hit = first(
        extract["ssd_cla_episodes"],
        lambda row: (
            row["clae_cla_episode_id"] in before and row["clae_cla_episode_ceased_reason"] != "X1"
        ),
    )
    hit[END] = hit["clae_cla_episode_ceased_reason"] = ""
    return [hit["clae_person_id"]]


@fault("twenty periods of care closed at once", "social_care.children_in_care_jumped", blocks=True)
def _(extract: Extract) -> Expected:
    open_ones = [row for row in extract["ssd_cla_episodes"] if not row[END]]
    for row in open_ones[:20]:
        row[END], row["clae_cla_episode_ceased_reason"] = "2018-06-29", "E8"
    return 1


def changed(extract: Extract, table: str, key: str, known: Row) -> Row:
    """The row of this month that is a row of last month."""
    return first(extract[table], lambda row: row[key] == known[key])


@fault("a sex that changed since last month", "social_care.changed.sex")
def _(extract: Extract) -> Expected:
    known = first(extract.before()["ssd_person"], lambda row: row["pers_sex"] == "F")
    changed(extract, "ssd_person", "pers_person_id", known)["pers_sex"] = "M"
    return [known["pers_person_id"]]


@fault("an end of care that changed since last month", "social_care.changed.episode_ends")
def _(extract: Extract) -> Expected:
    known = first(
        extract.before()["ssd_cla_episodes"],
        lambda row: row["clae_cla_episode_ceased_reason"] not in ("", "X1"),
    )
    hit = changed(extract, "ssd_cla_episodes", "clae_cla_episode_id", known)
    hit[END] = later(hit[END], -1)
    return [hit["clae_cla_episode_id"]]


@fault("a UASC status deleted in place of ended", "social_care.changed.uasc")
def _(extract: Extract) -> Expected:
    known = first(
        extract.before()["ssd_immigration_status"],
        lambda row: row["immi_immigration_status"] == "UASC",
    )
    rows = extract["ssd_immigration_status"]
    rows.remove(changed(extract, "ssd_immigration_status", "immi_immigration_status_id", known))
    return [known["immi_person_id"]]


@fault("reviews of last year deleted", "social_care.reviews_disappeared", blocks=True)
def _(extract: Extract) -> Expected:
    known = {
        row["clar_cla_review_id"]
        for row in extract.before()["ssd_cla_reviews"]
        if in_the_last_year(row["clar_cla_review_date"])
    }
    rows = extract["ssd_cla_reviews"]
    gone = [row["clar_cla_review_id"] for row in rows if row["clar_cla_review_id"] in known][:40]
    rows[:] = [row for row in rows if row["clar_cla_review_id"] not in gone]
    return gone


@fault("a missing episode deleted", "social_care.disappeared.missing_episodes")
def _(extract: Extract) -> Expected:
    known = first(
        extract.before()["ssd_missing"],
        lambda row: in_the_last_year(row["miss_missing_episode_start_date"]),
    )
    rows = extract["ssd_missing"]
    rows.remove(changed(extract, "ssd_missing", "miss_table_id", known))
    return [known["miss_table_id"]]


@fault("a completed check of last year deleted", "ssd_cla_health.disappeared")
def _(extract: Extract) -> Expected:
    known = first(
        extract.before()["ssd_cla_health"],
        lambda row: (
            row["clah_health_check_status"] == "Completed"
            and in_the_last_year(row["clah_health_check_date"])
        ),
    )
    rows = extract["ssd_cla_health"]
    rows.remove(changed(extract, "ssd_cla_health", "clah_health_check_id", known))
    return [known["clah_person_id"]]


@fault("a care leaver who disappeared", "ssd_care_leavers.disappeared")
def _(extract: Extract) -> Expected:
    young = {row["pers_person_id"] for row in extract["ssd_person"] if row["pers_dob"] > "1997-09"}
    known = first(
        extract.before()["ssd_care_leavers"],
        lambda row: (
            row["clea_person_id"] in young
            and row["clea_care_leaver_eligibility"] == "Former Relevant"
            and row["clea_care_leaver_in_touch"] == "YES"
        ),
    )
    rows = extract["ssd_care_leavers"]
    rows.remove(changed(extract, "ssd_care_leavers", "clea_person_id", known))
    return [known["clea_person_id"]]


@fault("an outcome of an old birthday that changed", "local_care_leaver_outcomes.changed")
def _(extract: Extract) -> Expected:
    hit = first(extract["local_care_leaver_outcomes"], lambda row: row["activity"] == "F1")
    hit["activity"] = "G5"
    return [hit["outcome_id"]]


@fault("the posts of a type of team emptied", "local_establishment.filled_fte_jumped", blocks=True)
def _(extract: Extract) -> Expected:
    for row in extract["local_establishment"]:
        if row["team_type"] == "CIC_DISTRICT":
            row["filled_fte"] = "0"
    return 1
