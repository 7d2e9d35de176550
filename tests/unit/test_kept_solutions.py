"""A kept solution counts only for the programme that it meets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csc_array

from cpw_synthetic.editions import solutions
from cpw_synthetic.editions.solutions import Programme

# x + y = 5, y at most 3; x costs more.
PROGRAMME = Programme(
    cost=np.array([2.0, 1.0]),
    upper=np.array([9.0, 3.0]),
    integrality=np.array([1, 1]),
    matrix=csc_array([[1.0, 1.0]]),
    low=np.array([5.0]),
    high=np.array([5.0]),
)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of kept solutions of the test's own."""
    file = tmp_path / "solutions.json"
    monkeypatch.setattr(solutions, "FILE", file)
    solutions._kept.cache_clear()
    yield file
    solutions._kept.cache_clear()


def solve(kept: Path, values: dict[str, float] | None) -> list[float]:
    if values is not None:
        kept.write_text(json.dumps({PROGRAMME.key: values}))
    found = PROGRAMME.solve({})
    assert found is not None
    return list(np.round(found))


def test_without_one_it_is_found(kept: Path) -> None:
    assert solve(kept, None) == [2, 3]


def test_one_that_meets_the_programme_is_taken_though_another_is_cheaper(kept: Path) -> None:
    assert solve(kept, {"0": 4, "1": 1}) == [4, 1]


@pytest.mark.parametrize(
    "values", [{"0": 1, "1": 4}, {"0": 2, "1": 2}, {"0": 2.5, "1": 2.5}, {"0": 6, "1": -1}]
)
def test_one_that_does_not_is_found_anew(kept: Path, values: dict[str, float]) -> None:
    assert solve(kept, values) == [2, 3]


def test_another_programme_has_another_key() -> None:
    other = Programme(
        PROGRAMME.cost,
        PROGRAMME.upper,
        PROGRAMME.integrality,
        PROGRAMME.matrix,
        PROGRAMME.low,
        np.array([6.0]),
    )
    assert other.key != PROGRAMME.key
