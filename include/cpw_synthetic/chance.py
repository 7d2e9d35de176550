"""Random numbers from seeds, and draws from the distributions in ``profile/profile.csv``."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from random import Random

from cpw.core.paths import csv_rows
from cpw_synthetic.folders import PROFILE


def generator(*key: str | int) -> Random:
    """A random generator that is determined by its key alone."""
    text = "/".join(map(str, key)).encode()
    return Random(int.from_bytes(blake2b(text, digest_size=8).digest()))


def part(rng: Random) -> Random:
    """A random generator for one part of a life.

    How many numbers that part draws depends on the extract. With a generator of its own, it does
    not change what the other parts draw.
    """
    return Random(rng.getrandbits(64))


class Profile:
    """The shape of the synthetic population: weighted distributions, rates and posts."""

    def __init__(self, folder: Path = PROFILE) -> None:
        """Read the profile's files."""
        weighted: dict[str, list[tuple[str, float]]] = {}
        for row in csv_rows(folder / "profile.csv"):
            weighted.setdefault(row["distribution"], []).append(
                (row["value"], float(row["weight"]))
            )
        self._draws = {
            name: ([value for value, _ in pairs], list(accumulate(weight for _, weight in pairs)))
            for name, pairs in weighted.items()
        }
        self.rates = {row["rate"]: float(row["value"]) for row in csv_rows(folder / "rates.csv")}
        self.posts = tuple(csv_rows(folder / "posts.csv"))

    def __contains__(self, distribution: str) -> bool:
        """Whether there is such a distribution."""
        return distribution in self._draws

    def values(self, distribution: str) -> list[str]:
        """The values of a distribution, in the order of the file."""
        return self._draws[distribution][0]

    def shares(self, distribution: str) -> list[float]:
        """The share of each value, in the order of the file."""
        cumulated = self._draws[distribution][1]
        return [
            (upper - lower) / cumulated[-1]
            for lower, upper in zip([0.0, *cumulated], cumulated, strict=False)
        ]

    def draw(self, rng: Random, distribution: str) -> str:
        """Draw a value of the distribution, by weight."""
        return self.at(rng.random(), distribution)

    def at(self, share: float, distribution: str) -> str:
        """The value at a share (0 to 1) of the cumulated weights."""
        values, cumulated = self._draws[distribution]
        index = bisect_right(cumulated, share * cumulated[-1])
        return values[min(index, len(values) - 1)]

    def happens(self, rng: Random, rate: str) -> bool:
        """Draw whether something happens whose probability is the rate."""
        return rng.random() < self.rates[rate]


@cache
def profile() -> Profile:
    """The project's own profile."""
    return Profile()
