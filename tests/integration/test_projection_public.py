"""What the public may read of a projection: nothing that tells of 1 to 4 people."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from cpw.reports.month.month import (
    WITHHELD,
    Figure,
    Group,
    PublishedMonth,
    Topic,
    TopicColumn,
    TopicRow,
    TopicTable,
)
from cpw.reports.projection.project import CHILDREN, LEAVERS, Projection, project
from cpw.reports.projection.public import public_projection
from support.flows import AS_AT, BUSY, cases, steady
from support.report_month import indicator, month


def public(projection: Projection, edition: PublishedMonth | None = None) -> Projection:
    """As the public sees it beside an edition; without one, beside nothing of the same people."""
    return public_projection(projection, edition or month())


def test_nobody_and_nothing_is_all_shown() -> None:
    for flows in ([], steady({(5, False): (0, 0, 0)})):
        projection = project(flows, AS_AT)
        assert public(projection).series == projection.series


def test_public_does_without_a_few_who_turn_18() -> None:
    few, many = (
        public(project(steady({(5, False): (90, 0, 0), (17, False): (number, 0, 0)}), AS_AT))
        for number in (4, 12)
    )
    assert not few.of(CHILDREN, "turning_18")
    assert many.of(CHILDREN, "turning_18")


def test_public_does_without_small_groups_and_a_second_one() -> None:
    groups = {(5, False): (60, 0, 0), (12, False): (30, 0, 0), (17, True): (3, 0, 0)}
    projection = project(steady(groups), AS_AT)
    shown = public(projection)
    assert {s.group for s in shown.of(CHILDREN, "age")} == {"under_10"}
    assert shown.of(CHILDREN, "uasc") == ()
    assert shown.of(CHILDREN) == projection.of(CHILDREN)
    assert {test.group for test in shown.back_tests} == {"all", "under_10"}
    assert all(rate.age not in ("16_17",) for rate in shown.rates)


def test_public_does_not_pair_a_small_group_with_nobody() -> None:
    projection = project(steady({(5, False): (60, 0, 0), (17, False): (3, 0, 0)}), AS_AT)
    assert [s.group for s in public(projection).of(CHILDREN, "age")] == ["10_15"]


def test_public_does_without_groups_that_were_small_in_a_back_test() -> None:
    flows = [
        replace(flow, stock_end=4) if (flow.flow_month, flow.age) == ("2017-09", 17) else flow
        for flow in steady({(5, False): (60, 0, 0), (17, False): (20, 0, 0)})
    ]
    assert [s.group for s in public(project(flows, AS_AT)).of(CHILDREN, "age")] == ["10_15"]


def test_public_of_a_few_care_leavers_has_none_of_them() -> None:
    shown = public(project([*BUSY, *cases({(18, False): 4})], AS_AT))
    assert not shown.of(LEAVERS)
    assert shown.totals == ()
    assert shown.crossing(3) is None
    assert shown.of(CHILDREN)


def test_public_rates_rest_on_no_small_count() -> None:
    flows = steady({(5, False): (60, 2, 2), (12, False): (60, 0, 0), (12, True): (60, 0, 0)})
    flows[-1] = replace(flows[-1], entries=3, exits=3)
    projection = project([*flows, *cases({(18, False): 50, (21, True): 20, (22, True): 3})], AS_AT)
    assert [(r.kind, r.group, r.age) for r in public(projection).rates] == [
        ("exits", "exc_uasc", "under_10"),
        ("kept", "all", "18"),
        ("kept", "all", "19"),
        ("kept", "all", "20"),
    ]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_small_is_left_in_public_or_can_be_subtracted(seed: int) -> None:
    chance = random.Random(seed)
    ages = ((5, False), (12, False), (12, True), (17, False), (17, True))
    flows = steady({key: (chance.choice((0, 1, 2, 3, 4, 5, 9)), 0, 0) for key in ages}, 12)
    projection = project(flows, AS_AT)
    shown = public(projection)
    for by in ("all", "uasc", "age"):
        stocks = [series.stock for series in shown.of(CHILDREN, by)]
        assert not [stock for stock in stocks if 0 < stock < 5]
        if shown.of(CHILDREN):
            assert not 0 < shown.of(CHILDREN)[0].stock - sum(stocks) < 5


# Beside the edition of the month


CHILDREN_BY_AGE = steady({(3, False): (43, 0, 0), (12, False): (60, 0, 0), (17, False): (50, 0, 0)})


def by_age(whole: int | None, **bands: int | None) -> PublishedMonth:
    """An edition of so many children by age band; None is withheld."""

    def figure(number: int | None) -> Figure:
        return WITHHELD if number is None else Figure(number, None, number)

    names = {"under_5": "0-4", "under_10": "5-9", "under_16": "10-15", "over_16": "16+"}
    groups = tuple(
        Group("age_band", names.get(name, name), figure(number)) for name, number in bands.items()
    )
    return month(indicator("number_of_cic", unit="count", figure=figure(whole), groups=groups))


def ages(edition: PublishedMonth) -> list[str]:
    shown = public(project(CHILDREN_BY_AGE, AS_AT), edition)
    return [series.group for by in ("all", "age") for series in shown.of(CHILDREN, by)]


def test_groups_that_the_edition_shows_are_shown() -> None:
    edition = by_age(153, under_5=30, under_10=13, under_16=60, over_16=50)
    assert ages(edition) == ["all", "under_10", "10_15", "16_17"]


def test_groups_that_would_tell_what_the_edition_withholds_are_not_shown() -> None:
    """Of 43 under 10 the edition shows 40: the projection would tell the 3 beside them."""
    edition = by_age(153, under_5=None, under_10=40, under_16=60, over_16=None)
    assert ages(edition) == ["all", "10_15"]
    together = by_age(153, under_5=None, under_10=None, under_16=60, over_16=50)
    assert ages(together) == ["all", "under_10", "10_15", "16_17"]


@pytest.mark.parametrize(("unknown", "is_shown"), [(3, False), (5, True)])
def test_those_of_unknown_age_are_not_told_by_the_whole(unknown: int, is_shown: bool) -> None:
    edition = by_age(153 + unknown, under_5=43, under_16=60, over_16=None, unknown=None)
    assert bool(ages(edition)) == is_shown


def test_a_whole_that_is_withheld_is_not_projected() -> None:
    assert ages(by_age(None)) == []


def by_uasc(citizens: int | None) -> PublishedMonth:
    """An edition with 120 care leavers by UASC and by age, one of 17 among them; None withheld."""

    def table(by: str, **numbers: int | None) -> TopicTable:
        rows = tuple(
            TopicRow(label, (n if n is None else float(n),), hidden=n is None)
            for label, n in numbers.items()
        )
        columns = (TopicColumn("Care leavers", "count"),)
        return TopicTable(
            by, "", "care_leavers", by, True, columns, rows, total=TopicRow("All", (120.0,))
        )

    tables = (table("uasc", UASC=40, Citizen=citizens), table("age", **{"17": 10, "18": 110}))
    return month(topics=(Topic("care-leavers", "Care leavers", "", tables, ()),))


@pytest.mark.parametrize(("citizens", "is_shown"), [(80, True), (73, False), (None, True)])
def test_care_leavers_are_compared_with_their_tables(citizens: int | None, is_shown: bool) -> None:
    """Of those projected 40 are UASC and 70 not; the table also counts those under 18."""
    flows = [*BUSY, *cases({(18, True): 40, (18, False): 70})]
    shown = public(project(flows, AS_AT), by_uasc(citizens))
    assert bool(shown.of(LEAVERS, "uasc")) == is_shown
    assert shown.of(LEAVERS)
