"""The synthetic children: valid by the contract, one world in every month, the same every time."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from cpw.contract.tables import Table, contract
from cpw.core.errors import InputError
from cpw.core.partition import FEEDS, Partition
from cpw_synthetic import synthesise
from cpw_synthetic.days import add_months, age_on, birthday, iso, working_days_after

CHILDREN = 70
MONTHS = ("2012-02", "2016-01", "2018-05", "2018-06", "2026-09")

Row = dict[str, str]
Extract = dict[str, list[Row]]


def read_csv(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def read_extract(out: Path, month: str, authority: str = "886") -> Extract:
    return {
        table.name: read_csv(out / authority / month / table.feed / f"{table.name}.csv")
        for table in contract().tables
    }


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("landing")
    for month in MONTHS:
        synthesise(Partition.of("886", month), children=CHILDREN, out=out)
    return out


@pytest.fixture(scope="module", params=MONTHS)
def month(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def extract(landing: Path, month: str) -> Extract:
    return read_extract(landing, month)


def as_at(month: str) -> str:
    return Partition.of("886", month).month.as_at.isoformat()


def periods(extract: Extract) -> Iterator[tuple[str, str, list[Row]]]:
    """Each period of care: its id, its person, its episodes in order."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in extract["ssd_cla_episodes"]:
        grouped[row["clae_cla_id"]].append(row)
    for cla_id, rows in grouped.items():
        rows.sort(key=lambda row: row["clae_cla_episode_start_date"])
        yield cla_id, rows[0]["clae_person_id"], rows


def short_breaks(extract: Extract) -> set[str]:
    return {
        row["lega_person_id"]
        for row in extract["ssd_legal_status"]
        if row["lega_legal_status"] in ("V3", "V4")
    }


def born(extract: Extract) -> dict[str, int]:
    return {
        row["pers_person_id"]: date.fromisoformat(row["pers_dob"]).toordinal()
        for row in extract["ssd_person"]
    }


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# -- what is written


def test_same_arguments_same_bytes(landing: Path, tmp_path: Path) -> None:
    partition = Partition.of("886", "2018-06")
    written = synthesise(partition, children=CHILDREN, out=tmp_path)
    again = files_of(tmp_path / "886" / "2018-06")
    assert again == files_of(landing / "886" / "2018-06")
    assert len(written) == len(set(written)) == len(again) == len(contract().tables) + len(FEEDS)


def test_another_seed_is_another_world(tmp_path: Path) -> None:
    for seed in (1, 2):
        synthesise(Partition.of("886", "2018-06"), children=3, seed=seed, out=tmp_path / str(seed))
    first, second = (read_extract(tmp_path / str(seed), "2018-06") for seed in (1, 2))
    assert {row["pers_dob"] for row in first["ssd_person"]} != {
        row["pers_dob"] for row in second["ssd_person"]
    }


def test_manifest_says_what_is_there(landing: Path, month: str) -> None:
    for feed in FEEDS:
        folder = landing / "886" / month / feed
        manifest = read_csv(folder / "manifest.csv")
        assert [row["file"] for row in manifest] == [
            f"{table.name}.csv" for table in contract().feed_tables(feed)
        ]
        for row in manifest:
            content = (folder / row["file"]).read_bytes()
            assert sha256(content).hexdigest() == row["sha256"]
            assert len(read_csv(folder / row["file"])) == int(row["rows"])
            assert b"\r" not in content


def test_nothing_is_left_beside_the_files(landing: Path) -> None:
    assert {path.suffix for path in landing.rglob("*") if path.is_file()} == {".csv"}
    assert not list(landing.rglob(".*"))


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    synthesise(
        Partition.of("886", "2018-06"),
        children=3,
        out=tmp_path,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_no_child_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 children"):
        synthesise(Partition.of("886", "2018-06"), children=0, out=tmp_path)


# -- valid by the contract

PATTERNS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    "integer": re.compile(r"-?\d+"),
    "number": re.compile(r"-?\d+(\.\d+)?"),
    "string": re.compile(r".+"),
}
PARSERS = {
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "integer": int,
    "number": Decimal,
    "string": str,
}


def faults(extract: Extract) -> list[str]:
    """Everything the contract forbids, as one line each."""
    found: list[str] = []
    held = {
        (table.name, column.name): {row[column.name] for row in extract[table.name]}
        for table in contract().tables
        for column in table.columns
    }
    for table in contract().tables:
        rows = extract[table.name]
        if rows and tuple(rows[0]) != table.column_names:
            found.append(f"{table.name}: columns")
        if len(held[table.name, table.key.name]) != len(rows):
            found.append(f"{table.name}: a key twice")
        for column in table.columns:
            where = f"{table.name}.{column.name}"
            values = held[table.name, column.name]
            if column.required and "" in values:
                found.append(f"{where}: missing")
            for value in values - {""}:
                if not PATTERNS[column.type].fullmatch(value):
                    found.append(f"{where}: {value!r} is no {column.type}")
                PARSERS[column.type](value)
            if column.code_set:
                unknown = values - {"", *contract().code_sets[column.code_set]}
                found.extend(f"{where}: code {code!r}" for code in unknown)
            if column.references:
                unknown = values - {""} - held[column.references]
                found.extend(f"{where}: {key!r} does not resolve" for key in unknown)
            if column.not_before:
                found.extend(
                    f"{where}: before its start"
                    for row in rows
                    if row[column.name] and row[column.name] < row[column.not_before]
                )
    return found


def test_valid_by_the_contract(extract: Extract) -> None:
    assert faults(extract) == []


def test_every_table_has_rows(extract: Extract, month: str) -> None:
    empty = {name for name, rows in extract.items() if not rows}
    # Plans could be asked for from September 2014 on.
    assert empty <= ({"local_ehcp_requests"} if month < "2016-06" else set())


def feeds_without(extract: Extract, month: str) -> list[str]:
    """The feeds that do not show which month they are of."""
    return [
        feed
        for feed in FEEDS
        if not any(
            row[column.name].startswith(month)
            for table in contract().feed_tables(feed)
            for column in table.columns
            if column.shows_month
            for row in extract[table.name]
        )
    ]


def test_every_feed_shows_its_month(extract: Extract, month: str) -> None:
    assert feeds_without(extract, month) == []


def test_no_forbidden_columns(landing: Path) -> None:
    forbidden = re.compile(r"upn|nhs|forename|surname|first_name|last_name|address", re.I)
    for path in landing.rglob("*.csv"):
        header = path.read_text(encoding="utf-8").partition("\n")[0]
        assert not forbidden.search(header), path


def test_periods_of_a_person_do_not_overlap(extract: Extract) -> None:
    spans: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for _, person, rows in periods(extract):
        spans[person].append(
            (
                rows[0]["clae_cla_episode_start_date"],
                rows[-1]["clae_cla_episode_ceased_date"] or "9999",
            )
        )
    for periods_of_one in spans.values():
        for before, after in pairwise(sorted(periods_of_one)):
            assert before[1] <= after[0]
    assert any(len(periods_of_one) > 1 for periods_of_one in spans.values())


# -- plausible lives


def test_exactly_as_many_children_in_care(extract: Extract, month: str) -> None:
    day, without = as_at(month), short_breaks(extract)
    in_care = [
        person
        for _, person, rows in periods(extract)
        if person not in without
        and rows[0]["clae_cla_episode_start_date"] <= day
        and (rows[-1]["clae_cla_episode_ceased_date"] or "9999") > day
    ]
    assert len(in_care) == len(set(in_care)) == CHILDREN
    assert without


def test_episodes_meet(extract: Extract) -> None:
    homes = {row["clap_cla_placement_id"]: row for row in extract["ssd_cla_placement"]}
    for cla_id, person, rows in periods(extract):
        reasons = [row["clae_cla_episode_start_reason"] for row in rows]
        assert reasons[0] == "S"
        assert "S" not in reasons[1:]
        for before, after in pairwise(rows):
            assert before["clae_cla_episode_ceased_date"] == after["clae_cla_episode_start_date"]
            assert before["clae_cla_episode_ceased_reason"] == "X1"
            moved = before["clae_cla_placement_id"] != after["clae_cla_placement_id"]
            assert moved == (after["clae_cla_episode_start_reason"] != "L")
        last = rows[-1]
        assert last["clae_cla_episode_ceased_reason"] != "X1"
        assert bool(last["clae_cla_episode_ceased_reason"]) == bool(
            last["clae_cla_episode_ceased_date"]
        )
        for row in rows:
            home = homes[row["clae_cla_placement_id"]]
            assert (home["clap_cla_id"], home["clap_person_id"]) == (cla_id, person)
            assert home["clap_cla_placement_start_date"] <= row["clae_cla_episode_start_date"]
            assert (home["clap_cla_placement_end_date"] or "9999") >= (
                row["clae_cla_episode_ceased_date"] or "9999"
            )


def test_placements_follow_each_other(extract: Extract) -> None:
    stays: dict[str, list[Row]] = defaultdict(list)
    for row in extract["ssd_cla_placement"]:
        if not row["clap_cla_placement_type"].startswith("T"):
            stays[row["clap_cla_id"]].append(row)
    for rows in stays.values():
        rows.sort(key=lambda row: row["clap_cla_placement_start_date"])
        for before, after in pairwise(rows):
            assert before["clap_cla_placement_end_date"] == after["clap_cla_placement_start_date"]


def test_adopted_children_leave_on_the_day_of_the_order(extract: Extract) -> None:
    permanence = {row["perm_cla_id"]: row for row in extract["ssd_permanence"]}
    adopted = 0
    for cla_id, _, rows in periods(extract):
        if rows[-1]["clae_cla_episode_ceased_reason"] in ("E11", "E12"):
            row = permanence[cla_id]
            steps = [
                rows[0]["clae_cla_episode_start_date"],
                row["perm_adm_decision_date"],
                row["perm_placement_order_date"],
                row["perm_matched_date"],
                row["perm_placed_for_adoption_date"],
                row["perm_permanence_order_date"],
            ]
            assert steps == sorted(steps)
            assert steps[-1] == rows[-1]["clae_cla_episode_ceased_date"]
            adopted += 1
    assert adopted


def test_dates_agree_with_ages(extract: Extract) -> None:
    birth = born(extract)
    checked = [
        ("ssd_sdq_scores", "csdq_person_id", "csdq_sdq_completed_date", 4, 17),
        ("ssd_cla_episodes", "clae_person_id", "clae_cla_episode_start_date", 0, 18),
        ("ssd_missing", "miss_person_id", "miss_missing_episode_start_date", 10, 18),
        ("local_exclusions", "person_id", "exclusion_date", 5, 17),
        ("local_personal_education_plans", "person_id", "pep_date", 4, 18),
        ("ssd_cla_health", "clah_person_id", "clah_health_check_date", 0, 18),
    ]
    for table, person, column, youngest, oldest in checked:
        for row in extract[table]:
            if row[column]:
                day = date.fromisoformat(row[column][:10]).toordinal()
                assert youngest <= age_on(birth[row[person]], day) < oldest, table
    for row in extract["ssd_sdq_scores"]:
        assert 0 <= int(row["csdq_sdq_score"] or 0) <= 40


def test_no_status_is_open_after_the_eighteenth_birthday(extract: Extract, month: str) -> None:
    birth, day = born(extract), date.fromisoformat(as_at(month)).toordinal()
    for row in extract["ssd_immigration_status"]:
        adult = birthday(birth[row["immi_person_id"]], 18)
        if row["immi_immigration_status"] == "UASC" and adult <= day:
            assert "" < row["immi_immigration_status_end_date"] <= iso(adult)


def test_reviews_lie_within_the_period(extract: Extract) -> None:
    spans = {
        cla_id: (
            rows[0]["clae_cla_episode_start_date"],
            rows[-1]["clae_cla_episode_ceased_date"] or "9999",
        )
        for cla_id, _, rows in periods(extract)
    }
    for row in extract["ssd_cla_reviews"]:
        start, end = spans[row["clar_cla_id"]]
        held = row["clar_cla_review_date"]
        assert not held or start <= held <= end
        assert start < row["clar_cla_review_due_date"]
        assert bool(held) == bool(row["clar_cla_review_participation"])


def test_care_leavers_are_one_row_each_and_old_enough(extract: Extract, month: str) -> None:
    birth, day = born(extract), date.fromisoformat(as_at(month)).toordinal()
    people = [row["clea_person_id"] for row in extract["ssd_care_leavers"]]
    assert len(people) == len(set(people)) > 0
    assert all(16 <= age_on(birth[person], day) < 25 for person in people)
    ended = {
        person for _, person, rows in periods(extract) if rows[-1]["clae_cla_episode_ceased_date"]
    }
    assert set(people) <= ended
    for row in extract["local_care_leaver_outcomes"]:
        birthdays = {iso(birthday(birth[row["person_id"]], age)) for age in range(17, 22)}
        assert row["birthday_date"] in birthdays


def test_some_rows_are_dated_after_the_month(landing: Path) -> None:
    extract, day = read_extract(landing, "2018-06"), as_at("2018-06")
    later = [
        name
        for name in ("ssd_cla_reviews", "ssd_cla_health", "local_personal_education_plans")
        for column in contract().table(name).columns
        if column.as_known in ("absent", "blank")
        and any(row[column.name] > day for row in extract[name])
    ]
    assert later


# -- one world

# What is no record but a state as of the extract's day.
STATES = {"ssd_care_leavers", "local_establishment", "ssd_professionals"}
MOVING = {"clae_cla_last_iro_contact_date", "pers_is_mother"}
SETTLED = {
    "Planned": {"Planned", "Completed"},
    "N": {"N", "Y"},
    "Y": {"Y", "N"},
}


def grown(before: Row, after: Row) -> bool:
    """Whether a row is the earlier one with blanks filled in and plans carried out."""
    return all(
        value in ("", after[name]) or name in MOVING or after[name] in SETTLED.get(value, ())
        for name, value in before.items()
    )


def fell_out(table: Table, row: Row, history: str, later: Extract) -> bool:
    """Whether a row is older than the history, or its owner fell out of it."""
    happened = [row[column.name] for column in table.columns if column.as_known != "keep"]
    dates = [value for value in happened if PATTERNS["date"].match(value)]
    for column in table.columns:
        if column.references and column.references[0] != "ssd_professionals":
            parent, key = column.references
            if row[column.name] not in {other[key] for other in later[parent]}:
                return True
    return all(value < history for value in dates)


@pytest.mark.parametrize("pair", [("2018-05", "2018-06"), ("2016-01", "2018-05")])
def test_a_later_extract_is_the_earlier_one_and_what_happened_since(
    landing: Path, pair: tuple[str, str]
) -> None:
    earlier, later = (read_extract(landing, month) for month in pair)
    history = Partition.of("886", pair[1]).month.plus(-72).first_day.isoformat()
    cut = as_at(pair[0])
    known = {row["pers_person_id"] for row in earlier["ssd_person"]}
    for table in contract().tables:
        if table.name in STATES:
            continue
        key = table.key.name
        now = {row[key]: row for row in later[table.name]}
        then = {row[key]: row for row in earlier[table.name]}
        for row_id, row in then.items():
            if row_id in now:
                assert grown(row, now[row_id]), (table.name, row, now[row_id])
            else:
                assert fell_out(table, row, history, later), (table.name, row)
        starts = [column.name for column in table.columns if column.as_known == "absent"]
        for row_id in now.keys() - then.keys():
            told = [now[row_id][name] for name in starts]
            if table.name == "local_care_leaver_outcomes":
                # Written down with the contact, where that comes after the birthday.
                told = [max(*told, now[row_id]["latest_contact_date"])]
            if table.name == "ssd_cp_plans" and now[row_id]["cppl_person_id"] not in known:
                # Made before care began, and known from then on.
                continue
            assert all(value > cut for value in told if value), (table.name, now[row_id])


def test_nobody_vanishes_before_six_years_have_passed(landing: Path) -> None:
    earlier, later = (read_extract(landing, month) for month in ("2016-01", "2018-05"))
    still = {row["pers_person_id"] for row in later["ssd_person"]}
    assert {row["pers_person_id"] for row in earlier["ssd_person"]} - still
    for _, person, rows in periods(earlier):
        if person not in still:
            assert "" < rows[-1]["clae_cla_episode_ceased_date"] < "2012-05-01"


# -- few children, other authorities


@pytest.mark.parametrize("month", ["2011-01", "2020-02", "2030-12"])
def test_one_child_will_do(tmp_path: Path, month: str) -> None:
    synthesise(Partition.of("887", month), children=1, out=tmp_path)
    extract = read_extract(tmp_path, month, "887")
    assert faults(extract) == []
    assert feeds_without(extract, month) == []


# -- days


def test_calendar() -> None:
    def day(text: str) -> int:
        return date.fromisoformat(text).toordinal()

    assert iso(add_months(day("2018-08-31"), 6)) == "2019-02-28"
    assert iso(add_months(day("2020-02-29"), -12)) == "2019-02-28"
    assert iso(birthday(day("2000-02-29"), 18)) == "2018-03-01"
    assert age_on(day("2000-02-29"), day("2018-02-28")) == 17
    assert age_on(day("2000-02-29"), day("2018-03-01")) == 18
    # Good Friday and Easter Monday lie between.
    assert iso(working_days_after(day("2018-03-28"), 3)) == "2018-04-04"
