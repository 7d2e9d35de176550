"""The calibrated generator: what its targets are, what it refuses, how it chooses."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

import pytest

from cpw.core.home import Home
from cpw_synthetic import PROFILE
from cpw_synthetic.editions.choose import CalibrationError, Choice, Effects, Option
from cpw_synthetic.editions.fit import Sum, fit
from cpw_synthetic.editions.targets import Target, printed_edition
from support.folders import GOLDEN
from support.warehouse import Warehouse


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--edition", "2017-01"], "no printed figures of an edition '2017-01'"),
        (["--edition", "2018-06", "--month", "2018-06"], "Use either --month or --edition"),
        ([], "Use either --month or --edition"),
        (["--edition", "2018-06", "--authority", "887"], "no printed figures of authority 887"),
    ],
)
def test_arguments_that_cannot_be_used(tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = Warehouse(Home(tmp_path)).cpw("synthesise", "--out", str(tmp_path), *arguments)
    assert ended.exit_code == 2
    assert message in ended.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["2018-06", "2016-03"])
def test_targets_are_what_the_papers_printed(name: str) -> None:
    """Every numerator and denominator of the golden files is a target, and no other."""
    golden = _rows(GOLDEN / f"scorecard_{name.replace('-', '_')}.csv")
    if name == "2016-03":
        golden += _rows(GOLDEN / "scorecard_2016_03_second_page.csv")
    printed = {
        (row["kpi_id"], float(row["numerator"]), float(row["denominator"]))
        for row in golden
        if row["denominator"]
    }
    targets = {
        (row["kpi_id"], float(row["numerator"]), float(row["denominator"]))
        for row in _rows(PROFILE / "edition_targets.csv")
        if row["edition"] == name and row["cohort"] == "all" and row["denominator"]
    }
    assert targets == printed


def test_the_months_of_an_edition_are_in_order_of_time() -> None:
    chosen = printed_edition("2016-03")
    assert [str(month.month) for month in chosen.months] == ["2015-03", "2015-12", "2016-03"]
    # The year to date, in each of them.
    assert chosen.months[0].window_start == chosen.begin + 1
    assert chosen.populations == (325250, 328250, 328250)


def test_a_target_shows_half_away_from_zero() -> None:
    target = Target(None, None, 14.2, 1)
    assert target.can_show(113)  # 16/113 is 14.159
    assert not target.can_show(100)
    assert target.bounds(1000, 100) == pytest.approx((141.5, 142.5))


def _choice(number: int) -> Choice[int, bool]:
    choice: Choice[int, bool] = Choice("a choice")
    for subject in range(number):
        choice.add(
            subject, [Option(True, Effects({"yes": 1, "all": 1})), Option(False, {"all": 1})]
        )
    return choice


def test_a_choice_meets_its_totals() -> None:
    choice = _choice(40)
    choice.shows("yes", "all", Target(None, None, 27.5, 1))
    taken = dict(choice.solve(Random(1)))
    assert sum(option.payload for option in taken.values()) == 11
    assert set(taken) == set(range(40))


def test_a_choice_that_cannot_be_made_names_what_it_misses() -> None:
    choice = _choice(40)
    choice.exactly("yes", 50)
    with pytest.raises(CalibrationError, match="a choice: yes misses by 10"):
        choice.solve(Random(1))


def test_sums_are_fitted_without_changing_anything_else() -> None:
    """Days are moved until their sum is right; how many are long stays as it was."""
    days = {subject: 10 * subject for subject in range(1, 9)}

    def effects(subject: int, length: int) -> dict[str, float]:
        return {"sum": length, "long": float(length > 40)}

    def move(subject: int, length: int, rng: Random) -> int | None:
        return length + rng.choice((-3, -1, 1, 3))

    fitted = fit(days, effects, move, [Sum("sum", 371, 371)], Random(1))
    assert sum(fitted.values()) == 371
    assert {s: length > 40 for s, length in fitted.items()} == {s: d > 40 for s, d in days.items()}
