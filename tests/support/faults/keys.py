"""Keys and references: persons missing, orphans, ids twice, ids rewritten, ids spelt otherwise."""

from __future__ import annotations

from support.faults.model import Expected, Extract, Rows, cells, fault, first, grouped, later

PERSON = "pers_person_id"


def ids(rows: Rows, column: str) -> set[str]:
    return {row[column] for row in rows}


def kept(extract: Extract, table: str, column: str) -> set[str]:
    """The ids that both months have."""
    now = Extract(extract.home)  # as it lies there, not kept for writing
    return ids(now[table], column) & ids(extract.before()[table], column)


@fault("a person missing", "ssd_cla_episodes.clae_person_id.reference")
def _(extract: Extract) -> Expected:
    episodes = extract["ssd_cla_episodes"]
    person = next(
        group[0]["clae_person_id"]
        for group in grouped(episodes, "clae_person_id", by="clae_cla_episode_start_date")
        if len(group) == 3
    )
    people = extract["ssd_person"]
    people.remove(first(people, lambda row: row[PERSON] == person))
    return [row for row in episodes if row["clae_person_id"] == person]


cells(
    "a placement of a period of care that is not there",
    "ssd_cla_placement.clap_cla_id.reference",
    clap_cla_id="CLA999999999",
)
cells(
    "a review of a period of care that is not there",
    "ssd_cla_reviews.clar_cla_id.reference",
    clar_cla_id="CLA999999999",
)
cells(
    "an interview on a missing episode that is not there",
    "local_return_interviews.miss_table_id.reference",
    miss_table_id="MS999999999999",
)
cells(
    "a care leaver who is no person of the extract",
    "ssd_care_leavers.clea_person_id.reference",
    clea_person_id="886999999999",
)
cells(
    "an id with a letter after it",
    "ssd_cla_health.clah_person_id.reference",
    clah_person_id=lambda row: row["clah_person_id"] + "b",
)
cells(
    "initial assessments of periods of care that are not there",
    "local_initial_health.cla_id.reference",
    rows=50,
    blocks=True,
    cla_id=lambda row: row["cla_id"].replace("CLA", "CLB"),
)
cells("a row without its key", "ssd_sdq_scores.csdq_table_id.required", csdq_table_id="")


@fault("two different checks under one id", "ssd_cla_health.clah_health_check_id.unique")
def _(extract: Extract) -> Expected:
    two = extract["ssd_cla_health"][:2]
    two[1]["clah_health_check_id"] = two[0]["clah_health_check_id"]
    return two


@fault("a placement of another child", "ssd_cla_placement.of_period")
def _(extract: Extract) -> Expected:
    placements = extract["ssd_cla_placement"]
    hit = placements[0]
    other = first(placements, lambda row: row["clap_person_id"] != hit["clap_person_id"])
    hit["clap_person_id"] = other["clap_person_id"]
    return [hit]


@fault(
    "an id that differs from another by its capitals only",
    "ssd_professionals.prof_professional_id.spelling",
)
def _(extract: Extract) -> Expected:
    people = extract["ssd_professionals"]
    copy = {**people[0], "prof_professional_id": people[0]["prof_professional_id"].lower()}
    people.append(copy)
    return [people[0], copy]


@fault(
    "a period of care's id in lower case in one episode", "ssd_cla_episodes.clae_cla_id.spelling"
)
def _(extract: Extract) -> Expected:
    groups = grouped(extract["ssd_cla_episodes"], "clae_cla_id", by="clae_cla_episode_start_date")
    hit = next(group for group in groups if len(group) == 2)
    hit[1]["clae_cla_id"] = hit[1]["clae_cla_id"].lower()
    return hit


@fault("a person entered twice, once without care", "ssd_person.same_details")
def _(extract: Extract) -> Expected:
    details = ("pers_dob", "pers_sex", "pers_ethnicity", "pers_nationality")
    alone = next(g[0] for g in grouped(extract["ssd_person"], *details, by=PERSON) if len(g) == 1)
    copy = {**alone, PERSON: "886999999998"}
    extract["ssd_person"].append(copy)
    return [alone, copy]


@fault("the ids of the health checks rewritten", "ssd_cla_health.ids_rewritten", blocks=True)
def _(extract: Extract) -> Expected:
    alike = ("clah_person_id", "clah_health_check_type", "clah_health_check_status")
    known = {
        tuple(row[column] for column in (*alike, "clah_health_check_date"))
        for row in extract.before()["ssd_cla_health"]
        if row["clah_health_check_date"]
    }
    rows = extract["ssd_cla_health"]
    for row in rows:
        row["clah_health_check_id"] = f"N{row['clah_health_check_id']}"
    return [
        row["clah_health_check_id"]
        for row in rows
        if tuple(row[column] for column in (*alike, "clah_health_check_date")) in known
    ]


@fault("the ids of the care leavers' rows rewritten", "ssd_care_leavers.ids_rewritten", blocks=True)
def _(extract: Extract) -> Expected:
    known = ids(extract.before()["ssd_care_leavers"], "clea_person_id")
    for row in extract["ssd_care_leavers"]:
        row["clea_table_id"] = f"N{row['clea_table_id']}"
    return [
        row["clea_table_id"]
        for row in extract["ssd_care_leavers"]
        if row["clea_person_id"] in known
    ]


@fault(
    "the ids of the periods of care rewritten everywhere",
    "social_care.ids_rewritten.periods_of_care",
    blocks=True,
)
def _(extract: Extract) -> Expected:
    known = kept(extract, "ssd_cla_episodes", "clae_cla_id")
    extract.replace_in_feed("social_care", ",CLA", ",PER")
    return sorted(cla.replace("CLA", "PER") for cla in known)


@fault(
    "the ids of the persons rewritten everywhere",
    "social_care.ids_rewritten.ssd_person",
    blocks=True,
)
def _(extract: Extract) -> Expected:
    known = kept(extract, "ssd_person", PERSON)
    extract.replace_in_feed("social_care", ",886", ",988")
    content = extract.text("ssd_person")
    extract.write("ssd_person", content.replace("\n886", "\n988"))
    return sorted(person.replace("886", "988", 1) for person in known)


@fault("a child's episode under another id", "social_care.ids_rewritten.ssd_cla_episodes")
def _(extract: Extract) -> Expected:
    extract["ssd_cla_episodes"][0]["clae_cla_episode_id"] = "EP999999999999"
    return ["EP999999999999"]


cells(
    "a care leaver's worker who is no professional of the extract",
    "ssd_care_leavers.worker_unknown",
    lambda row: row["clea_care_leaver_worker_id"],
    clea_care_leaver_worker_id="W9999999",
)


@fault("two plans of one period of care", "ssd_permanence.one_a_period")
def _(extract: Extract) -> Expected:
    plan = first(extract["ssd_permanence"], lambda row: row["perm_adm_decision_date"])
    day = later(plan["perm_adm_decision_date"], -1)
    copy = {**plan, "perm_table_id": "PM999999999", "perm_adm_decision_date": day}
    extract["ssd_permanence"].append(copy)
    return [copy]
