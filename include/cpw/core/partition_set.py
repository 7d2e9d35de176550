"""Which authorities and months a user names: one, a list, a range, or all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from cpw.core.errors import InputError
from cpw.core.partition import Partition
from cpw.core.reporting_month import ReportingMonth

ALL = "all"
_MOST_MONTHS = 600


def months_named(texts: Sequence[str]) -> list[ReportingMonth]:
    """The months that are named, each once and in order.

    Args:
        texts: each a month, a list such as ``2018-03,2018-05``, or a range from the first month to
            the last, such as ``2017-07..2018-06``.

    Raises:
        InputError: a month is none, or a range ends before it begins.
    """
    return sorted({month for text in texts for part in text.split(",") for month in _range(part)})


def _range(text: str) -> Iterator[ReportingMonth]:
    first, dots, last = text.strip().partition("..")
    month, end = ReportingMonth.parse(first), ReportingMonth.parse(last if dots else first)
    if end < month:
        raise InputError(
            f"the range {text.strip()} ends before it begins",
            remedy=f"Write the earlier month first: {end}..{month}",
        )
    if month.plus(_MOST_MONTHS) < end:
        raise InputError(
            f"the range {text.strip()} has more than {_MOST_MONTHS} months",
            remedy="Check its years",
        )
    while month <= end:
        yield month
        month = month.plus(1)


def authorities_named(texts: Sequence[str]) -> list[str]:
    """The codes of the authorities that are named, each once; ``all`` is one of them as it is."""
    return sorted({part.strip() for text in texts for part in text.split(",")})


def partitions_named(authorities: Sequence[str], months: Sequence[str]) -> list[Partition]:
    """Every authority named in every month named, as extracts.

    Raises:
        InputError: an authority is not known, a month is none, or a range is backwards.
    """
    named = product(authorities_named(authorities), months_named(months))
    return [Partition.of(authority, str(month)) for authority, month in named]
