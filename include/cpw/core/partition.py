"""A partition: one authority, one month and what it is made of; and the feeds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cpw.core.authorities import authorities
from cpw.core.errors import InputError
from cpw.core.reporting_month import ReportingMonth

FEEDS = ("social_care", "health", "care_leavers")

Source = Literal["extract", "ssda903"]
SOURCES: tuple[Source, ...] = ("extract", "ssda903")


@dataclass(frozen=True, order=True)
class Partition:
    """One authority and month; ``str()`` of it is the key ``<authority>/<YYYY-MM>``.

    ``source`` names the month's source: ``extract``, the three monthly feeds, or ``ssda903``,
    statutory returns. The lake may have both; only one of them is published.
    """

    authority: str
    month: ReportingMonth
    source: Source = "extract"

    @classmethod
    def of(cls, authority: str, month: str, source: Source = "extract") -> Partition:
        """Check an authority's code and a month, and pair them.

        Raises:
            InputError: the authority is not known, or the month is not a month.
        """
        if authority not in authorities():
            raise InputError(
                f"authority '{authority}' is not known",
                remedy="Write the three-digit DfE code of an authority in England, such as 886 for "
                "Kent; they are in seeds/reference/authorities.csv",
            )
        return cls(authority, ReportingMonth.parse(month), source)

    @classmethod
    def parse(cls, key: str) -> Partition:
        """Read a partition key ``<authority>/<YYYY-MM>``."""
        authority, _, month = key.partition("/")
        return cls.of(authority, month)

    def __str__(self) -> str:
        """The partition key."""
        return f"{self.authority}/{self.month}"

    def other_month(self, months: int) -> Partition:
        """The partition that many months later, of the same source."""
        return replace(self, month=self.month.plus(months))

    def feed_label(self, feed: str | None) -> str | None:
        """The feed's name in results and failures; feeds made from returns have their own names."""
        if self.source == "extract":
            return feed
        return f"{self.source}_{feed}" if feed else self.source

    @property
    def path(self) -> Path:
        """The partition as hive folders: ``authority=<code>/month=<YYYY-MM>``."""
        return Path(f"authority={self.authority}") / f"month={self.month}"


def in_words(partitions: Sequence[Partition]) -> str:
    """The partitions in a message: all of them, or the first three and how many more."""
    named = ", ".join(str(partition) for partition in partitions[:3])
    more = len(partitions) - 3
    return named if more <= 0 else f"{named} and {more} more"


def check_feed_label(label: str) -> str:
    """Check a feed's name in results: an extract's, one made from returns, or a year's return.

    Raises:
        InputError: there is no feed with that name.
    """
    if label in FEEDS or re.fullmatch(rf"ssda903_({'|'.join(FEEDS)}|\d{{4}})", label):
        return label
    raise InputError(
        f"'{label}' is not a feed",
        remedy=f"Feeds are {', '.join(FEEDS)}. The return of 2018 is ssda903_2018; a feed made "
        "from returns has ssda903_ before its name",
    )


def check_feed(feed: str) -> str:
    """Check that a feed exists, and return its name.

    Raises:
        InputError: there is no such feed.
    """
    if feed not in FEEDS:
        raise InputError(f"'{feed}' is not a feed", remedy=f"Feeds are {', '.join(FEEDS)}")
    return feed
