"""Files whose structure is wrong: cut, shifted, doubled, swapped, or of something else."""

from __future__ import annotations

import gzip

from cpw.contract.tables import contract
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw_synthetic import synthesise
from support.faults.model import CHILDREN, SEED, Expected, Extract, fault, unusable

MEDWAY = Partition.of("887", "2018-06")


@fault("a comma in a cell without quotation marks shifts the row", "ssd_involvements.row_shape")
def _(extract: Extract) -> Expected:
    lines = extract.text("ssd_involvements").splitlines(keepends=True)
    lines[4] = lines[4].replace("South ", "South, ").replace("North ", "North, ")
    lines[4] = lines[4].replace("East ", "East, ").replace("West ", "West, ")
    assert lines[4].count(",") == lines[0].count(",") + 1
    extract.write("ssd_involvements", "".join(lines))
    return [5]


@fault("the header twice, in the middle of the rows", "ssd_sdq_scores.csdq_sdq_completed_date.type")
def _(extract: Extract) -> Expected:
    lines = extract.text("ssd_sdq_scores").splitlines(keepends=True)
    extract.write("ssd_sdq_scores", "".join([*lines[:100], lines[0], *lines[100:]]))
    return [101]


@fault("the last row cut in its middle", "ssd_cla_health.row_shape")
def _(extract: Extract) -> Expected:
    content = extract.text("ssd_cla_health").rstrip("\n")
    extract.write("ssd_cla_health", content[: content.rindex(",") - 12])
    return [content.count("\n") + 1]


@fault("a file cut off after two thirds", "ssd_cla_health.rows_fell", blocks=True)
def _(extract: Extract) -> Expected:
    content = extract.text("ssd_cla_health")
    extract.write("ssd_cla_health", content[: len(content) * 2 // 3])
    return 1


@fault("a required table with its header only", "ssd_cla_placement.has_rows", blocks=True)
def _(extract: Extract) -> Expected:
    extract["ssd_cla_placement"].clear()
    return 1


@fault("a table that may be empty, and was not last month", "ssd_sdq_scores.rows_fell", blocks=True)
def _(extract: Extract) -> Expected:
    extract["ssd_sdq_scores"].clear()
    return 1


@fault("every row there twice", "ssd_cla_reviews.repeated_row", blocks=True)
def _(extract: Extract) -> Expected:
    copies = [dict(row) for row in extract["ssd_cla_reviews"]]
    extract["ssd_cla_reviews"].extend(copies)
    return copies


@fault(
    "rows doubled by a join with the workers' teams",
    "ssd_involvements.invo_involvements_id.unique",
    blocks=True,
)
def _(extract: Extract) -> Expected:
    rows = extract["ssd_involvements"]
    joined = [row for row in rows if "Children in Care 1" in row["invo_professional_team"]]
    copies = [{**row, "invo_professional_team": "Children in Care"} for row in joined]
    rows.extend(copies)
    return [row for row in rows if any(row is other for other in [*joined, *copies])]


@fault(
    "the columns of start and end swapped",
    "ssd_missing.miss_missing_episode_end_date.order",
    blocks=True,
)
def _(extract: Extract) -> Expected:
    rows = extract["ssd_missing"]
    start, end = "miss_missing_episode_start_date", "miss_missing_episode_end_date"
    for row in rows:
        row[start], row[end] = row[end], row[start]
    return [row for row in rows if row[start] and row[end] and row[end] < row[start]]


@fault("the columns of two ids swapped", "ssd_sdq_scores.csdq_table_id.unique", blocks=True)
def _(extract: Extract) -> Expected:
    rows = extract["ssd_sdq_scores"]
    for row in rows:
        row["csdq_table_id"], row["csdq_person_id"] = row["csdq_person_id"], row["csdq_table_id"]
    ids = [row["csdq_table_id"] for row in rows]
    return [row for row in rows if ids.count(row["csdq_table_id"]) > 1]


@fault("a table of another authority", "ssd_sdq_scores.csdq_person_id.reference", blocks=True)
def _(extract: Extract) -> Expected:
    rows = extract["ssd_sdq_scores"]
    for row in rows:
        row["csdq_person_id"] = row["csdq_person_id"].replace("886", "887", 1)
    return list(rows)


@fault(
    "the whole feed of another authority",
    "social_care.vanished_children",
    blocks=True,
)
def _(extract: Extract) -> Expected:
    synthesise(MEDWAY, children=CHILDREN, seed=SEED, out=extract.home.landing)
    other = Extract(Home(extract.home.root), MEDWAY)
    for table in contract().feed_tables("social_care"):
        extract.write(table.name, other.text(table.name))
    return sorted(
        {
            row["clae_person_id"]
            for row in extract.before()["ssd_cla_episodes"]
            if not row["clae_cla_episode_ceased_date"]
        }
    )


@unusable("a table missing from the delivery", "table(s) are missing: ssd_legal_status")
def _(extract: Extract) -> None:
    extract.file("ssd_legal_status").unlink()


@unusable("a required column missing", "required column(s) missing from the header: clar_cla_id")
def _(extract: Extract) -> None:
    content = extract.text("ssd_cla_reviews")
    extract.write("ssd_cla_reviews", content.replace("clar_cla_id", "clar_period", 1))


@unusable("a column there twice", "'clah_person_id' more than once")
def _(extract: Extract) -> None:
    content = extract.text("ssd_cla_health")
    extract.write("ssd_cla_health", content.replace("clah_health_check_date", "clah_person_id", 1))


@unusable("the content of one table in the file of another", "required column(s) missing")
def _(extract: Extract) -> None:
    extract.write("ssd_sdq_scores", extract.text("ssd_cla_health"))


@unusable("semicolons between the columns", "separated by semicolons")
def _(extract: Extract) -> None:
    extract.write("ssd_care_leavers", extract.text("ssd_care_leavers").replace(",", ";"))


@unusable("a file that is not UTF-8", "is not UTF-8")
def _(extract: Extract) -> None:
    content = extract.text("ssd_care_leavers").replace("South", "Sévenoaks", 1)
    extract.write("ssd_care_leavers", content.encode("cp1252"))


@unusable("a packed file cut short", "cut short")
def _(extract: Extract) -> None:
    packed = gzip.compress(extract.text("ssd_cla_health").encode())
    path = extract.file("ssd_cla_health")
    path.with_name("ssd_cla_health.csv.gz").write_bytes(packed[: len(packed) // 2])
    path.unlink()


@unusable("a quotation mark that is never closed", "not valid CSV")
def _(extract: Extract) -> None:
    extract.write("ssd_sdq_scores", extract.text("ssd_sdq_scores") + 'SQ1,"2018-06-01,12,\n')


@unusable("a file changed after the manifest was written", "not the one the manifest names")
def _(extract: Extract) -> None:
    folder = extract.file("ssd_cla_health").parent
    listed = [f"{path.name},1,{'0' * 64}" for path in sorted(folder.glob("*.csv"))]
    (folder / "manifest.csv").write_text("\n".join(["file,rows,sha256", *listed]))


@unusable("a table of another feed in the folder", "belongs to the social_care feed")
def _(extract: Extract) -> None:
    path = extract.file("ssd_cla_health").with_name("ssd_person.csv")
    path.write_text(extract.text("ssd_person"), encoding="utf-8")
