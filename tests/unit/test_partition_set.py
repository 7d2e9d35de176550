"""Which authorities and months a user names, and what a set of them may not be."""

from __future__ import annotations

import pytest

from cpw.core.errors import InputError
from cpw.core.partition import Partition
from cpw.core.partition_set import authorities_named, months_named, partitions_named
from cpw.pipeline.load_set import check_set


@pytest.mark.parametrize(
    ("texts", "months"),
    [
        (["2018-06"], ["2018-06"]),
        (["2018-03,2018-05"], ["2018-03", "2018-05"]),
        (["2018-05", "2018-03"], ["2018-03", "2018-05"]),
        (["2017-11..2018-02"], ["2017-11", "2017-12", "2018-01", "2018-02"]),
        (["2018-06..2018-06"], ["2018-06"]),
        (["2018-01..2018-02, 2018-02,2018-04"], ["2018-01", "2018-02", "2018-04"]),
    ],
)
def test_months_are_named_one_by_one_in_a_list_or_as_a_range(
    texts: list[str], months: list[str]
) -> None:
    assert [str(month) for month in months_named(texts)] == months


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2018-06..2018-05", "ends before it begins. Write the earlier month first"),
        ("2018-06..", "'' is not a reporting month"),
        ("..2018-06", "'' is not a reporting month"),
        ("2018-06,", "'' is not a reporting month"),
        ("2018-13", "'2018-13' is not a reporting month"),
        ("1918-06..2018-06", "more than 600 months"),
    ],
)
def test_range_that_is_none_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        months_named([text])


def test_every_authority_is_paired_with_every_month() -> None:
    assert authorities_named(["887, 886", "887"]) == ["886", "887"]
    pairs = partitions_named(["886,887"], ["2018-05..2018-06"])
    assert [str(p) for p in pairs] == ["886/2018-05", "886/2018-06", "887/2018-05", "887/2018-06"]
    with pytest.raises(InputError, match="authority '999' is not known"):
        partitions_named(["886,999"], ["2018-06"])


def test_month_with_two_sources_is_refused() -> None:
    twice = [Partition.of("886", "2018-03"), Partition.of("886", "2018-03", "ssda903")]
    with pytest.raises(InputError, match="886/2018-03 is in the set more than once"):
        check_set(twice)
