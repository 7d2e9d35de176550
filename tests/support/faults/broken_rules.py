"""Rules that are broken themselves: they are errored, which is not a failure of the data."""

from __future__ import annotations

from pathlib import Path

from support.faults.model import broken


def _spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    content = path.read_text(encoding="utf-8")
    assert content.count(old) >= 1
    path.write_text(content.replace(old, new), encoding="utf-8")


@broken("a rule that names a column the table has not", "ssd_sdq_scores.score_or_reason")
def _(folder: Path) -> None:
    old = "fails_when: csdq_sdq_score is null"
    _spoil(folder, "health/ssd_sdq_scores.yml", old, old.replace("score is", "scored is"))


@broken("a rule that raises on the data", "ssd_sdq_scores.reason_code")
def _(folder: Path) -> None:
    old = "fails_when: csdq_sdq_reason not in"
    _spoil(
        folder,
        "health/ssd_sdq_scores.yml",
        old,
        "fails_when: cast(csdq_table_id as integer) > 1 and csdq_sdq_reason not in",
    )


@broken("a query of a table that is not there", "ssd_care_leavers.one_row_a_person")
def _(folder: Path) -> None:
    path = folder / "care_leavers/ssd_care_leavers.yml"
    head, rule, tail = path.read_text(encoding="utf-8").partition(
        "- id: ssd_care_leavers.one_row_a_person"
    )
    tail = tail.replace("from valid.ssd_care_leavers", "from care_leavers", 1)
    path.write_text(head + rule + tail, encoding="utf-8")
