"""The projection: flows worked by hand, interval, back-test, and what the public may read."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from cpw.reports.projection.project import (
    CHILDREN,
    LEAVERS,
    Flow,
    ProjectedPoint,
    Projection,
    project,
)
from support.flows import AS_AT, BUSY, cases, months, steady


def turning_18(number: int, count: int, *, is_uasc: bool = False, of: int = 36) -> list[Flow]:
    """New cases in each of the last ``count`` months, none before."""
    return [
        Flow(LEAVERS, month, 18, is_uasc, None, number if at >= of - count else 0, None, None)
        for at, month in enumerate(months(of))
    ]


def points(
    projection: Projection, group: str = "all", population: str = CHILDREN
) -> list[ProjectedPoint]:
    [found] = [s for s in projection.series if (s.population, s.group) == (population, group)]
    return list(found.points)


def central(projection: Projection, group: str = "all", population: str = CHILDREN) -> list[float]:
    return [point.central for point in points(projection, group, population)]


def intervals(projection: Projection, group: str = "all") -> list[tuple[float, float]]:
    return [(point.low, point.high) for point in points(projection, group)]


def test_nobody_comes_or_goes() -> None:
    projection = project(steady({(5, False): (120, 0, 0)}), AS_AT)
    assert central(projection) == central(projection, "under_10") == [120] * 13
    assert intervals(projection) == [(120, 120)] * 13
    named = [point.month for point in points(projection)]
    assert (named[0], named[7], named[12]) == ("2018-06", "2019-01", "2019-06")


def test_as_many_come_as_go() -> None:
    projection = project(steady({(5, False): (120, 10, 10)}), AS_AT)
    assert central(projection) == pytest.approx([120] * 13)
    words = [rate.words for rate in projection.rates]
    assert "Other children: 10.0 entered care a month (120 in the last 12 months)" in words
    exits = [rate for rate in projection.rates if rate.kind == "exits"]
    assert [(rate.age, rate.value, rate.count) for rate in exits] == [
        ("under_10", pytest.approx(10 / 130), 240)
    ]


def test_entries_are_of_the_last_12_months_and_exits_of_the_last_24() -> None:
    early = [
        replace(flow, entries=50, exits=50) if flow.flow_month < "2016-07" else flow
        for flow in steady({(5, False): (120, 0, 0)})
    ]
    assert central(project(early, AS_AT)) == [120] * 13
    between = [
        replace(flow, entries=50) if flow.flow_month < "2017-07" else flow
        for flow in steady({(5, False): (120, 0, 0)})
    ]
    assert central(project(between, AS_AT)) == [120] * 13


def test_where_all_leave_nobody_is_left() -> None:
    flows = steady({(12, False): (0, 10, 10)})
    flows[-1] = replace(flows[-1], stock_end=50)
    projection = project(flows, AS_AT)
    assert central(projection)[:2] == [50, pytest.approx(0)]
    assert points(projection, "10_15")[12].high <= 1


def test_at_18_children_leave_a_twelfth_a_month() -> None:
    projection = project(steady({(17, False): (120, 0, 0)}), AS_AT)
    assert central(projection, "16_17") == pytest.approx([120 - 10 * m for m in range(13)])
    assert intervals(projection)[12] == (0, 0)
    low, high = intervals(projection)[6]
    assert low < 60 < high


def test_eighteenth_birthdays_come_when_the_seventeenth_came() -> None:
    """Sixty with a birthday in January; twelve more are taken to be spread evenly."""
    flows = []
    for month in months(36):
        before, after = (60, 0) if month < "2018-01" else (0, 60)
        start = 60 if month <= "2018-01" else 0
        flows.append(Flow(CHILDREN, month, 16, True, start, 0, 0, before))
        flows.append(Flow(CHILDREN, month, 17, True, 60 - start, 0, 0, after))
    ahead = central(project(flows, AS_AT), "uasc")
    assert ahead[6] == pytest.approx(60 * (1 - 6 / 72))
    assert ahead[7] == pytest.approx(60 * (1 - 67 / 72))
    assert ahead[12] == pytest.approx(0)


def test_birthdays_that_leave_care_are_no_exits_before_18() -> None:
    projection = project(steady({(17, False): (120, 0, 16)}), AS_AT)
    [rate] = [rate for rate in projection.rates if rate.kind == "exits"]
    assert rate.count == pytest.approx(24 * (16 - 10))
    assert rate.value == pytest.approx(6 / 110)
    assert rate.words == (
        "Other children aged 16-17: 5.5% left care each month before turning 18 (last 24 months)"
    )


def test_birthdays_lead_to_the_next_age_group() -> None:
    projection = project(steady({(9, False): (120, 0, 0), (15, True): (24, 0, 0)}), AS_AT)
    assert central(projection, "under_10")[3] == pytest.approx(90)
    assert central(projection, "10_15")[3] == pytest.approx(30 + 18)
    assert central(projection, "16_17")[3] == pytest.approx(6)
    assert central(projection) == pytest.approx([144] * 13)


def test_small_group_borrows_from_all_of_its_age() -> None:
    """A UASC in two years beside a hundred children of whom a tenth leave each month."""
    groups = {(12, False): (100, 10, 11), (12, True): (1, 0, 0)}
    rates = project(steady(groups), AS_AT).rates
    value = {rate.group: rate.value for rate in rates if rate.kind == "exits"}
    together = 24 * 11 / (24 * 111)
    assert value["uasc"] == pytest.approx(120 * together / (24 + 120))
    assert value["exc_uasc"] == pytest.approx((24 * 11 + 120 * together) / (24 * 110 + 120))


def test_groups_sum_to_the_whole() -> None:
    projection = project([*BUSY, *cases({(18, True): 30, (20, False): 20, (22, True): 9})], AS_AT)
    for population, ages in ((CHILDREN, ("under_10", "10_15", "16_17")), (LEAVERS, None)):
        whole = np.array(central(projection, population=population))
        for groups in (("uasc", "exc_uasc"), ages or ("18_20", "21_24")):
            parts = [central(projection, group, population) for group in groups]
            assert np.sum(parts, axis=0) == pytest.approx(whole, abs=1e-4)


def test_same_rows_in_any_order_give_the_same_projection() -> None:
    shuffled = random.Random(1).sample(BUSY, len(BUSY))
    assert project(shuffled, AS_AT) == project(BUSY, AS_AT)


def test_interval_holds_the_centre_and_widens() -> None:
    projection = project([*BUSY, *cases({(18, True): 30, (20, False): 20})], AS_AT)
    for series in projection.series:
        assert all(point.low <= point.central <= point.high for point in series.points)
        assert series.points[0].low == series.points[0].high == series.stock
    widths = [high - low for low, high in intervals(projection)]
    assert widths[1] < widths[4] < widths[12]


@pytest.mark.parametrize("moves", ["entries", "exits"])
def test_months_that_jump_make_the_interval_wider(moves: str) -> None:
    """Seventy-two in one month of six, or twelve in each: as many, but not as surely."""
    even = steady({(12, True): (200, 12, 0) if moves == "entries" else (200, 0, 12)})
    jumping = [replace(flow, **{moves: 72 * (at % 6 == 0)}) for at, flow in enumerate(even)]
    widths = [
        [high - low for low, high in intervals(project(flows, AS_AT), "uasc")]
        for flows in (even, jumping)
    ]
    assert widths[1][1] > 2.5 * widths[0][1]
    assert widths[1][12] > 2 * widths[0][12]
    if moves == "entries":
        assert central(project(jumping, AS_AT)) == central(project(even, AS_AT))


def test_no_uasc_and_no_children() -> None:
    projection = project(steady({(5, False): (120, 10, 10)}), AS_AT)
    assert central(projection, "uasc") == [0] * 13
    assert intervals(projection, "uasc") == [(0, 0)] * 13
    empty = project(steady({(5, False): (0, 0, 0)}), AS_AT)
    assert (central(empty), intervals(empty)) == ([0] * 13, [(0, 0)] * 13)
    assert empty.back_tests[0].mean_error_percent is None


@pytest.mark.parametrize(
    ("flows", "known"),
    [
        ([], 0),
        (steady({(5, False): (120, 0, 0)}, 11), 11),
        ([flow for flow in BUSY if flow.flow_month != "2018-06"], 0),
        ([flow for flow in BUSY if flow.flow_month != "2018-03"], 3),
        (cases({(18, False): 40}), 0),
    ],
    ids=["none", "eleven months", "not the month", "a gap", "care leavers alone"],
)
def test_too_little_history_is_a_reason(flows: list[Flow], known: int) -> None:
    projection = project(flows, AS_AT)
    expected = (
        f"The movements of children in care are known for {known} months up to June 2018; "
        "a projection needs 12."
    )
    assert projection.reason(CHILDREN) == projection.reason(LEAVERS) == expected
    assert projection.series == projection.rates == projection.back_tests == ()
    assert projection.crossing(100) is None


def test_a_year_of_history_is_enough() -> None:
    projection = project(steady({(5, False): (120, 0, 0)}, 12), AS_AT)
    assert central(projection) == [120] * 13
    assert projection.back_tests == ()
    assert projection.reason(CHILDREN) is None


def test_children_of_unknown_age_are_left_out_and_said() -> None:
    projection = project([*BUSY, Flow(CHILDREN, "2018-06", None, False, 2, 0, 0, 2)], AS_AT)
    assert central(projection) == central(project(BUSY, AS_AT))
    assert "People whose age is not known are not in the projection." in projection.assumptions


def test_care_leavers_flow_from_children_through_birthdays() -> None:
    """Ten turn 18 each month; all stay until 21, half of them to 22: as many as today."""
    flows = [
        *steady({(17, False): (120, 0, 10)}, 60),
        *turning_18(10, 60, of=60),
        *cases({(18, False): 120, (19, False): 120, (20, False): 120, (21, False): 60}),
    ]
    projection = project(flows, AS_AT)
    assert central(projection, population=LEAVERS) == pytest.approx([420] * 13)
    assert central(projection, "21_24", LEAVERS) == pytest.approx([60] * 13)
    kept = {rate.age: rate.value for rate in projection.rates if rate.kind == "kept"}
    assert [kept[age] for age in ("18", "19", "20", "21", "22")] == [1, 1, 1, 0.5, 0]
    assert "Care leavers: 50% have a case after the 21st birthday" in [
        rate.words for rate in projection.rates
    ]


def test_closures_are_seen_against_the_years_the_ages_come_from() -> None:
    """Half as many turned 18 a year ago: sixty aged 19 beside 120 aged 18 is nobody lost."""
    new = [
        replace(flow, entries=10 if flow.flow_month > "2017-06" else 5)
        for flow in turning_18(5, 36)
    ]
    children = steady({(17, False): (120, 0, 10)})
    stock = {(18, False): 120, (19, False): 60}
    rates = project([*children, *new, *cases(stock)], AS_AT).rates
    assert [rate.value for rate in rates if rate.kind == "kept"][:2] == [1, 1]


def test_at_25_every_case_is_closed() -> None:
    flows = [*steady({(5, False): (120, 0, 0)}), *cases({(24, True): 12})]
    projection = project(flows, AS_AT)
    assert central(projection, "21_24", LEAVERS) == pytest.approx([12 - m for m in range(13)])


def test_cases_under_18_and_from_25_are_not_counted() -> None:
    flows = [*BUSY, *cases({(17, False): 8, (18, False): 30, (25, False): 7})]
    assert central(project(flows, AS_AT), population=LEAVERS)[0] == 30


def test_others_turning_18_are_former_uasc_as_often_as_last_year() -> None:
    flows = [
        *steady({(17, False): (120, 0, 10)}),
        *turning_18(4, 12, is_uasc=True),
        *turning_18(6, 12),
        *cases({(18, True): 48, (18, False): 72}),
    ]
    projection = project(flows, AS_AT)
    assert central(projection, "uasc", LEAVERS)[12] == pytest.approx(48 + 48)
    assert central(projection, "exc_uasc", LEAVERS)[12] == pytest.approx(72 + 72)


def test_care_leavers_without_cases_have_a_reason() -> None:
    projection = project([*BUSY, *turning_18(10, 36)], AS_AT)
    assert projection.reason(LEAVERS) == (
        "No open cases of care leavers aged 18 to 24 are known for June 2018."
    )
    assert projection.of(CHILDREN)
    assert not projection.of(LEAVERS)
    assert projection.crossing(10) is None


def test_crossing_of_a_capacity() -> None:
    """120 cases and ten more a month, all of which stay."""
    flows = [
        *steady({(17, False): (120, 0, 10)}),
        *turning_18(10, 12),
        *cases({(18, False): 120}),
    ]
    projection = project(flows, AS_AT)
    crossing = projection.crossing(165)
    assert crossing is not None
    assert crossing.month == "2018-11"
    chance = dict(crossing.probabilities)
    assert (chance["2018-06"], chance["2019-06"]) == (0, 1)
    assert chance["2018-09"] < 0.05 < chance["2018-10"] < 0.5 < chance["2018-11"]
    at_most = projection.crossing(240)
    assert at_most is not None
    assert at_most.month is None
    over_already = projection.crossing(119)
    assert over_already is not None
    assert over_already.month == "2018-06"


def grown(entries: int = 1) -> list[Flow]:
    """A hundred children, to whom somebody comes each month of the last twelve."""
    flows, stock = [], 100
    for month in months(36):
        come = entries if month > "2017-06" else 0
        flows.append(Flow(CHILDREN, month, 5, False, stock, come, 0, stock + come))
        stock += come
    return flows


def test_back_test_of_a_known_series() -> None:
    """Nothing had moved by June 2017: a hundred were projected, 101 to 112 came."""
    [test] = [
        test
        for test in project(grown(), AS_AT).back_tests
        if (test.group, test.origin) == ("all", "2017-06")
    ]
    assert [point.central for point in test.points] == [100] * 12
    assert [point.observed for point in test.points] == list(range(101, 113))
    assert (test.points[0].month, test.points[-1].month) == ("2017-07", "2018-06")
    expected = 100 * sum(k / (100 + k) for k in range(1, 13)) / 12
    assert test.mean_error_percent == pytest.approx(expected)
    assert test.months_within == 0


def test_back_tests_stand_where_there_is_a_year_before_them() -> None:
    projection = project(grown(), AS_AT)
    assert list(dict.fromkeys(test.origin for test in projection.back_tests)) == [
        "2017-06",
        "2016-12",
        "2016-06",
    ]
    [before] = [t for t in projection.back_tests if (t.group, t.origin) == ("all", "2016-06")]
    assert (before.mean_error_percent, before.months_within) == (0, 12)
    said = "The interval of all children in care contained the number counted later in 18 of 36 "
    assert f"{said}tested months; it is probably too narrow." in projection.assumptions


def test_who_turns_18_is_projected_and_tested() -> None:
    """Ten a month were projected; nine came, of whom some were UASC."""
    flows = [
        *steady({(17, False): (120, 0, 10)}),
        *turning_18(7, 36),
        *turning_18(2, 36, is_uasc=True),
    ]
    projection = project(flows, AS_AT)
    assert central(projection, "turning_18") == pytest.approx([10 * m for m in range(13)])
    tests = [test for test in projection.back_tests if test.group == "turning_18"]
    assert [test.origin for test in tests] == ["2017-06", "2016-12", "2016-06"]
    assert [point.observed for point in tests[0].points] == [9 * m for m in range(1, 13)]
    assert tests[0].mean_error_percent == pytest.approx(100 / 9)


def test_back_test_knows_nothing_of_what_came() -> None:
    def projected(flows: list[Flow]) -> list[tuple[float, float, float]]:
        return [
            (point.central, point.low, point.high)
            for test in project(flows, AS_AT).back_tests
            for point in test.points
        ]

    later = [
        replace(flow, entries=90, exits=30, stock_end=7) if flow.flow_month > "2017-06" else flow
        for flow in BUSY
    ]
    assert projected(later) == projected(BUSY)


def test_care_leavers_have_a_back_test_where_earlier_cases_are_known() -> None:
    stock = {(18, False): 120}
    flows = [*steady({(17, False): (120, 0, 10)}), *turning_18(10, 36)]
    once = project([*flows, *cases(stock)], AS_AT)
    assert {test.population for test in once.back_tests} == {CHILDREN}
    assert any(said.startswith("Care leavers have no back-test") for said in once.assumptions)
    often = project([*flows, *(f for m in months(13) for f in cases(stock, m))], AS_AT)
    [test] = [t for t in often.back_tests if (t.population, t.group) == (LEAVERS, "all")]
    assert test.origin == "2017-06"
    assert [point.observed for point in test.points] == [120] * 12
