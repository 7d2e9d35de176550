"""Two sources of a month to compare: children made by hand, or a return made of extracts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from cpw.contract.tables import contract
from cpw.core.home import Home
from cpw.core.partition import Partition, Source
from cpw.reconcile.rows import tables
from cpw.reconcile.sides import Side
from support.parquet_files import write_parquet

MARCH = Partition.of("886", "2018-03")
STABLE = "three_or_more_placements_12m"
IN_CARE = "number_of_cic"
Row = dict[str, Any]


class Child:
    """What a source holds of a child: in care since 2017, in one foster placement."""

    def __init__(self, person_id: str, **about: Any) -> None:
        self.id = person_id
        self.born: str = about.get("born", "2008-05-01")
        self.since: str = about.get("since", "2017-02-01")
        self.until: str | None = about.get("until")
        self.placements: list[tuple[str, str | None, str]] = about.get(
            "placements", [(self.since, None, "U6")]
        )
        self.reviews: list[str] = about.get("reviews", [])
        self.is_uasc: bool = about.get("is_uasc", False)
        self.counts: Mapping[str, bool] = about.get("counts", {IN_CARE: True, STABLE: False})

    def rows(self) -> dict[str, list[Row]]:
        """The child's rows by table of the contract."""
        period = f"p-{self.id}-{self.since}"
        uasc = {
            "immi_immigration_status_id": self.id,
            "immi_person_id": self.id,
            "immi_immigration_status": "UASC",
            "immi_immigration_status_start_date": self.since,
        }
        return {
            "ssd_person": [{"pers_person_id": self.id, "pers_dob": self.born, "pers_sex": "F"}],
            "ssd_cla_episodes": [
                {
                    "clae_cla_episode_id": f"e-{self.id}",
                    "clae_person_id": self.id,
                    "clae_cla_id": period,
                    "clae_cla_episode_start_date": self.since,
                    "clae_cla_episode_start_reason": "S",
                    "clae_cla_episode_ceased_date": self.until,
                }
            ],
            "ssd_cla_placement": [
                {
                    "clap_cla_placement_id": f"{self.id}-{number}",
                    "clap_cla_id": period,
                    "clap_person_id": self.id,
                    "clap_cla_placement_start_date": start,
                    "clap_cla_placement_end_date": end,
                    "clap_cla_placement_type": kind,
                }
                for number, (start, end, kind) in enumerate(self.placements)
            ],
            "ssd_cla_reviews": [
                {
                    "clar_cla_review_id": f"{self.id}-{day}",
                    "clar_cla_id": period,
                    "clar_cla_review_date": day,
                    "clar_cla_review_cancelled": "N",
                }
                for day in self.reviews
            ],
            "ssd_immigration_status": [uasc] if self.is_uasc else [],
        }


Refused = tuple[str, str, str]


def side(
    folder: Path,
    source: Source,
    *children: Child,
    refused: tuple[Refused, ...] = (),
    figures: Mapping[tuple[str, str], tuple[str, float | None]] | None = None,
) -> Side:
    """A source as it is laid out and built, of a few children.

    ``refused`` has table, rule and child; ``figures`` status and figure by indicator and cohort,
    by default of those that the children count in.
    """
    inputs = folder / source
    inputs.mkdir(parents=True)
    held: dict[str, list[Row]] = {table.name: [] for table in tables()}
    for child in children:
        for table, rows in child.rows().items():
            held[table] += rows
    for name, rows in held.items():
        write_parquet(inputs / f"{name}.parquet", _columns(name), rows)
    keys = [
        {"subject_type": kind, "source_id": known_by, "subject_id": f"{source}-{kind}-{known_by}"}
        for child in children
        for kind, known_by in [("child", child.id), *_reviews(child)]
    ]
    text = dict.fromkeys(("subject_type", "source_id", "subject_id"), "varchar")
    write_parquet(inputs / "subject_key.parquet", text, keys)
    columns = ("table_name", "rule_id", "person_id")
    lines = [dict(zip(columns, line, strict=True)) for line in refused]
    write_parquet(inputs / "refused.parquet", dict.fromkeys(columns, "varchar"), lines)
    _marts(inputs / "candidate.duckdb", source, children, figures)
    return Side(source, inputs, inputs / "candidate.duckdb")


def _reviews(child: Child) -> list[tuple[str, str]]:
    return [("review", f"{child.id}-{day}") for day in child.reviews]


def _columns(table: str) -> dict[str, str]:
    return {c.name: c.sql_type for c in contract().table(table).columns}


def _marts(
    target: Path,
    source: str,
    children: tuple[Child, ...],
    figures: Mapping[tuple[str, str], tuple[str, float | None]] | None,
) -> None:
    subjects = []
    for child in children:
        key = f"{source}-child-{child.id}"
        for kpi, counts in child.counts.items():
            subjects.append((kpi, "child", key, key, counts, child.is_uasc))
        for _, known_by in _reviews(child):
            review = f"{source}-review-{known_by}"
            of_review = ("participation_at_reviews", "review", review, key, True, child.is_uasc)
            subjects.append(of_review)
    shown = figures or {
        (line[0], cohort): ("computed", 1.0) for line in subjects for cohort in ("all", "exc_uasc")
    }
    with duckdb.connect(str(target)) as connection:
        connection.execute(
            "create schema marts; create table marts.kpi_subject (kpi_id varchar, "
            "subject_type varchar, subject_id varchar, child_key varchar, in_numerator boolean, "
            "is_uasc boolean, measure double); create table marts.kpi_result (kpi_id varchar, "
            "cohort varchar, status varchar, shown decimal(18, 1))"
        )
        for line in subjects:
            connection.execute(
                "insert into marts.kpi_subject values (?, ?, ?, ?, ?, ?, null)", list(line)
            )
        for of, figure in shown.items():
            connection.execute("insert into marts.kpi_result values (?, ?, ?, ?)", [*of, *figure])


RETURN = {
    "header": (
        "select pers_person_id as CHILD, if(pers_sex = 'M', 1, 2) as SEX, "
        "strftime(pers_dob, '%d/%m/%Y') as DOB, pers_ethnicity as ETHNIC, 'UN1' as UPN, "
        "null as MOTHER, null as MC_DOB from ssd_person where pers_person_id in "
        "(select clae_person_id from ssd_cla_episodes where {in_year})"
    ),
    "episodes": (
        "select clae_person_id as CHILD, strftime(clae_cla_episode_start_date, '%d/%m/%Y') as "
        "DECOM, clae_cla_episode_start_reason as RNE, lega_legal_status as LS, "
        "clae_cla_primary_need_code as CIN, clap_cla_placement_type as PLACE, "
        "clap_cla_placement_provider as PLACE_PROVIDER, "
        "strftime(clae_cla_episode_ceased_date, '%d/%m/%Y') as DEC, "
        "clae_cla_episode_ceased_reason as REC, null as REASON_PLACE_CHANGE, null as HOME_POST, "
        "clap_cla_placement_postcode as PL_POST, clap_cla_placement_urn as URN "
        "from ssd_cla_episodes inner join ssd_cla_placement "
        "on clae_cla_placement_id = clap_cla_placement_id left join ssd_legal_status "
        "on clae_person_id = lega_person_id "
        "and lega_legal_status_start_date <= clae_cla_episode_start_date "
        "and coalesce(lega_legal_status_end_date, 'infinity') > clae_cla_episode_start_date "
        "where {in_year}"
    ),
    "reviews": (
        "select clae_person_id as CHILD, null as DOB, "
        "strftime(clar_cla_review_date, '%d/%m/%Y') as REVIEW, "
        "clar_cla_review_participation as REVIEW_CODE from ssd_cla_reviews inner join "
        "(select clae_cla_id, any_value(clae_person_id) as clae_person_id "
        "from ssd_cla_episodes where {in_year} group by 1) on clar_cla_id = clae_cla_id "
        "where clar_cla_review_date between '2017-04-01' and '2018-03-31'"
    ),
    "uasc": (
        "select immi_person_id as CHILD, null as SEX, null as DOB, "
        "strftime(max(immi_immigration_status_end_date), '%d/%m/%Y') as DUC "
        "from ssd_immigration_status where immi_immigration_status = 'UASC' "
        "and coalesce(immi_immigration_status_end_date, 'infinity') >= '2017-04-01' "
        "and immi_person_id in (select clae_person_id from ssd_cla_episodes where {in_year}) "
        "group by immi_person_id"
    ),
}
IN_YEAR = (
    "clae_cla_episode_start_date <= '2018-03-31' "
    "and coalesce(clae_cla_episode_ceased_date, 'infinity') >= '2017-04-01'"
)


def write_return(home: Home, folder: Path, *changes: str) -> list[str]:
    """Write the year's return that fits the extracts in the lake, but for changes in SQL.

    Returns:
        The ids of children with a foster carer at the year's end, UASC aside, in order.
    """
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        for table in tables():
            path = home.lake / table.name / MARCH.path / "*.parquet"
            connection.execute(f"create table {table.name} as from read_parquet('{path}')")
        in_care = connection.execute(
            "select distinct clap_person_id from ssd_cla_placement "
            "where clap_cla_placement_end_date is null and clap_cla_placement_type like 'U%' "
            "and clap_cla_placement_start_date <= '2018-03-01' and clap_person_id not in "
            "(select immi_person_id from ssd_immigration_status) order by 1"
        ).fetchall()
        for change in changes:
            connection.execute(change.format(*(person for (person,) in in_care)))
        for module, query in RETURN.items():
            connection.execute(
                f"copy ({query.format(in_year=IN_YEAR)}) to '{folder / module}.csv' (header)"
            )
    return [person for (person,) in in_care]
