"""Sentences on what an indicator did: each way it can go, and what is withheld stays withheld."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from cpw.reports.month.month import (
    NO_FIGURE,
    WITHHELD,
    Figure,
    Indicator,
    PrintedResult,
    TrendPoint,
)
from cpw.reports.month.movement import Movement, describe_movement, rag_change
from support.report_month import indicator, month, without_figure, without_previous

HIDDEN = PrintedResult(None, None, hidden=True)


def _said(given: Indicator, **overrides: Any) -> Movement:
    return describe_movement(given, month(given, **overrides))


def _percentages(polarity: str | None, then: str, now: str, **more: Any) -> Indicator:
    """A percentage that was and is."""
    return indicator(
        polarity=polarity,
        printed=PrintedResult(now, None),
        previous=PrintedResult(then, None),
        **{"target": None, "direction": None, **more},
    )


@pytest.mark.parametrize(
    ("polarity", "then", "now", "direction", "sentence"),
    [
        (
            "H",
            "88.0%",
            "90.0%",
            "improved",
            "improved from 88.0% in May 2018 to 90.0% in June 2018.",
        ),
        (
            "H",
            "90.0%",
            "88.0%",
            "worsened",
            "worsened from 90.0% in May 2018 to 88.0% in June 2018.",
        ),
        ("H", "90.0%", "90.0%", "same", "stayed the same: 90.0% in May 2018 and in June 2018."),
        ("H", "9.9%", "10.0%", "improved", "improved from 9.9%"),
        ("L", "11.0%", "9.5%", "improved", "improved, falling from 11.0% in May 2018 to 9.5% in"),
        ("L", "9.5%", "11.0%", "worsened", "worsened, rising from 9.5% in May 2018 to 11.0% in"),
        ("L", "11.0%", "11.0%", "same", "Performance stayed the same: 11.0%"),
        (
            None,
            "7.7%",
            "7.8%",
            "risen",
            "The figure rose from 7.7% in May 2018 to 7.8% in June 2018.",
        ),
        (
            None,
            "7.8%",
            "7.7%",
            "fallen",
            "The figure fell from 7.8% in May 2018 to 7.7% in June 2018.",
        ),
        (None, "7.8%", "7.8%", "same", "Performance stayed the same: 7.8%"),
    ],
)
def test_which_way_it_went(
    polarity: str | None, then: str, now: str, direction: str, sentence: str
) -> None:
    said = _said(_percentages(polarity, then, now))
    assert said.direction == direction
    assert sentence in said.moved


@pytest.mark.parametrize(
    ("then", "now", "direction", "sentence"),
    [
        (
            "12.0%",
            "11.0%",
            "improved",
            "moved from 12.0% in May 2018 to 11.0% in June 2018, closer",
        ),
        ("8.0%", "9.0%", "improved", "closer to its target"),
        ("11.0%", "12.0%", "worsened", "further from its target"),
        ("9.0%", "8.0%", "worsened", "further from its target"),
        ("9.0%", "11.0%", "same", "is as far from its target as before"),
        ("10.0%", "10.0%", "same", "Performance stayed the same"),
    ],
)
def test_of_polarity_t_closer_to_the_target_is_better(
    then: str, now: str, direction: str, sentence: str
) -> None:
    said = _said(_percentages("T", then, now, target=10.0))
    assert said.direction == direction
    assert sentence in said.moved


def test_of_polarity_t_without_a_target_nothing_is_better() -> None:
    assert _said(_percentages("T", "9.0%", "8.0%")).direction == "fallen"


def test_the_published_direction_stands() -> None:
    assert _said(_percentages("H", "88.0%", "90.0%", direction="improved")).direction == "improved"


@pytest.mark.parametrize(
    ("polarity", "unit", "target", "result", "sentence"),
    [
        (
            "H",
            "percent",
            95.0,
            "90.0%",
            "The target is 95% or more: it is missed by 5.0 percentage",
        ),
        ("H", "percent", 95.0, "94.9%", "it is missed by 0.1 percentage points."),
        ("H", "percent", 95.0, "95.0%", "The target is 95% or more: it is met exactly."),
        ("H", "percent", 95.0, "95.1%", "it is met, with 0.1 percentage points to spare."),
        (
            "L",
            "percent",
            10.0,
            "11.2%",
            "The target is 10% or less: it is missed by 1.2 percentage",
        ),
        ("L", "percent", 10.0, "10.0%", "The target is 10% or less: it is met exactly."),
        ("L", "percent", 10.0, "9.0%", "it is met, with 1.0 percentage points to spare."),
        ("L", "percent", 12.5, "9.0%", "The target is 12.5% or less"),
        (
            "T",
            "percent",
            10.0,
            "11.0%",
            "The target is 10%: the result is 1.0 percentage points above",
        ),
        (
            "T",
            "percent",
            10.0,
            "9.0%",
            "The target is 10%: the result is 1.0 percentage points below",
        ),
        ("T", "percent", 10.0, "10.0%", "The target is 10%: it is met exactly."),
        ("L", "count", 1000.0, "1,004", "The target is 1,000 or less: it is missed by 4."),
    ],
)
def test_how_far_from_the_target(
    polarity: str, unit: str, target: float, result: str, sentence: str
) -> None:
    given = indicator(
        polarity=polarity, unit=unit, target=target, printed=PrintedResult(result, None)
    )
    assert sentence in (_said(given).target or "")


@pytest.mark.parametrize("nothing", [{"target": None}, {"polarity": None}])
def test_without_a_target_or_a_polarity_there_is_no_distance(nothing: dict[str, Any]) -> None:
    assert _said(indicator(**nothing)).target is None


@pytest.mark.parametrize(
    ("subject", "means", "unit"),
    [
        ("aggregate", None, "0.8 cases"),
        ("period_of_care", "days from care to placement", "0.8 days"),
        ("sdq_score", "score of the questionnaire", "0.8"),
    ],
)
def test_an_average_has_its_own_unit(subject: str, means: str | None, unit: str) -> None:
    given = indicator(
        unit="mean",
        subject=subject,
        measure_means=means,
        polarity="L",
        target=15.0,
        printed=PrintedResult("15.8", "A"),
    )
    assert f"The target is 15.0 or less: it is missed by {unit}." in _said(given).text


def _moved_from(then: str | None, now: str | None, **more: Any) -> Indicator:
    return indicator(
        printed=PrintedResult("90.0%", now),  # type: ignore[arg-type]
        previous=PrintedResult("88.0%", then),  # type: ignore[arg-type]
        **more,
    )


@pytest.mark.parametrize(
    ("then", "now", "sentence"),
    [
        ("A", "G", "The rating moves from Amber to Green: target achieved or exceeded."),
        ("G", "A", "from Green to Amber: target not met, floor standard achieved."),
        ("A", "R", "The rating moves from Amber to Red: floor standard not achieved."),
        ("A", "A", "It remains rated Amber."),
        (None, "R", "It is rated Red; it had no rating in May 2018."),
        ("A", None, "not rated, as too few children are counted; it was rated Amber in May 2018."),
        (None, None, "It is not rated, as too few children are counted."),
    ],
)
def test_what_it_means_for_the_rating(then: str | None, now: str | None, sentence: str) -> None:
    assert (_said(_moved_from(then, now)).rag or "").endswith(sentence)


def test_activity_is_not_said_to_be_unrated() -> None:
    assert _said(_moved_from(None, None, target=None)).rag is None
    assert _said(_moved_from(None, None, polarity="T")).rag is None


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [("A", "G", ("A", "G")), ("A", "A", None), (None, "G", None), ("G", None, None)],
)
def test_a_rating_changes_where_both_months_have_one(
    then: str | None, now: str | None, change: tuple[str, str] | None
) -> None:
    assert rag_change(_moved_from(then, now)) == change


def test_nothing_of_a_hidden_rating_is_a_change() -> None:
    assert rag_change(_moved_from("A", "G", figure=WITHHELD)) is None
    assert rag_change(_moved_from("A", "G", before=WITHHELD)) is None


@pytest.mark.parametrize(
    ("polarity", "now", "then", "sentence"),
    [
        ("H", (90, 100), (88, 101), "met for 90 of 100 children and not met for 10: 3 children "
         "fewer than in May 2018 (13 of 101)."),
        ("H", (90, 100), (91, 100), "not met for 10: 1 child more than in May 2018 (9 of 100)."),
        ("H", (90, 100), (80, 90), "not met for 10, as many as in May 2018 (10 of 90)."),
        ("H", (58, 58), (46, 49), "for all 58 children; in May 2018 it was not met for 3 of 49."),
        ("H", (58, 58), (49, 49), "met for all 58 children, as it was in May 2018 (49 of 49)."),
        ("H", (1, 1), (0, 1), "met for the one child; in May 2018 it was not met for 1 of 1."),
        ("L", (180, 1605), (181, 1614), "applies to 180 of 1,605 children: 1 child fewer than in "
         "May 2018 (181 of 1,614)."),
        (None, (125, 1605), (120, 1600), "applies to 125 of 1,605 children: 5 children more than"),
    ],
)  # fmt: skip
def test_of_a_percentage_it_tells_how_many_children(
    polarity: str | None, now: tuple[int, int], then: tuple[int, int], sentence: str
) -> None:
    given = indicator(polarity=polarity, figure=Figure(*now, 0), before=Figure(*then, 0))
    assert sentence in (_said(given).people or "")


@pytest.mark.parametrize(
    ("subject", "noun"),
    [
        ("review", "2 reviews fewer"),
        ("care_leaver", "2 care leavers fewer"),
        ("missing_episode", "2 missing episodes fewer"),
        ("period_of_care", "2 periods of care fewer"),
    ],
)
def test_it_names_what_is_counted(subject: str, noun: str) -> None:
    assert noun in _said(indicator(subject=subject)).text


def test_posts_are_full_time_equivalents() -> None:
    posts = indicator(
        subject="post", figure=Figure(89.4, 114.9, 77.8), before=Figure(91.1, 114.9, 79.3)
    )
    assert _said(posts).people == (
        "The measure is met for 89.4 of 114.9 FTE: 1.7 FTE fewer than in May 2018 (91.1 of 114.9)."
    )


def test_a_caseload_is_cases_and_posts() -> None:
    load = indicator(
        unit="mean", subject="aggregate", polarity="L",
        figure=Figure(1554, 98.4, 15.8), before=Figure(1615, 95, 17.0),
    )  # fmt: skip
    assert _said(load).people == (
        "There are 1,554 cases to 98.4 FTE: 61 cases fewer and 3.4 FTE more than in May 2018 "
        "(1,615 to 95)."
    )
    assert _said(replace(load, before=None)).people == "There are 1,554 cases to 98.4 FTE."


def test_an_average_tells_of_how_many_it_is() -> None:
    days = indicator(unit="mean", subject="period_of_care", figure=Figure(31802, 97, 327.9),
                     before=Figure(32115, 98, 327.7))  # fmt: skip
    assert _said(days).people == (
        "It is the average of 97 periods of care: 1 period of care fewer than in May 2018 (98)."
    )


def test_a_count_tells_its_change() -> None:
    count = indicator(
        unit="count", polarity="L", target=None,
        printed=PrintedResult("105", None), figure=Figure(105, None, 105),
        previous=PrintedResult("112", None), before=Figure(112, None, 112),
    )  # fmt: skip
    assert _said(count).people == "That is 7 children fewer."
    assert _said(replace(count, before=Figure(105, None, 105))).people is None


def test_a_rate_tells_how_many_children() -> None:
    rate = indicator(unit="rate_per_10000", subject="aggregate", figure=Figure(1389, 333045, 41.7),
                     before=Figure(1409, 333045, 42.3))  # fmt: skip
    assert _said(rate).people == (
        "The rate is based on 1,389 children: 20 children fewer than in May 2018 (1,409)."
    )


def test_without_the_month_before_it_tells_of_this_one_alone() -> None:
    full = indicator(figure=Figure(58, 58, 100.0), before=None)
    assert _said(full).people == "The measure is met for all 58 children."
    low = indicator(polarity="L", figure=Figure(9, 58, 15.5), before=None)
    assert _said(low).people == "The measure applies to 9 of 58 children."
    assert _said(indicator(unit="count", figure=Figure(9, None, 9), before=None)).people is None


def test_a_published_statistic_has_no_children() -> None:
    outside = indicator(
        unit="external", figure=Figure(None, None, 13.6), before=Figure(None, None, 9.8)
    )
    assert _said(outside).people is None


def test_the_first_month_has_nothing_to_compare_with() -> None:
    said = _said(without_previous(), previous_month=None)
    assert said.direction == "alone"
    assert said.text == (
        "The result for June 2018 is 90.0%; there is none to compare with. The measure is met for "
        "90 of 100 children and not met for 10. The target is 95% or more: it is missed by 5.0 "
        "percentage points. It is rated Amber."
    )


def test_an_indicator_new_in_the_month_has_nothing_to_compare_with() -> None:
    assert "there is none to compare with for May 2018." in _said(without_previous()).moved


def test_a_result_that_is_no_number_is_not_compared() -> None:
    note = indicator(previous=PrintedResult("See note", None), before=None, direction=None)
    assert _said(note).direction == "alone"


def test_without_a_result_there_is_the_note() -> None:
    assert _said(without_figure()).text == "There is no result for June 2018."
    noted = _said(without_figure(note="Data not available due to new system."))
    assert noted.text == "There is no result for June 2018: Data not available due to new system."


@pytest.mark.parametrize(
    "hidden",
    [
        {"printed": HIDDEN},
        {"figure": WITHHELD},
        {"printed": HIDDEN, "figure": WITHHELD, "previous": HIDDEN, "before": WITHHELD},
    ],
)
def test_a_withheld_result_leaks_nothing(hidden: dict[str, Any]) -> None:
    given = indicator(trend=_trend(1.0, 2.0, 3.0, 4.0), **hidden)
    said = _said(given)
    assert said.direction == "withheld"
    assert re.findall(r"\d+", said.text) == ["2018"]
    assert said.text == (
        "The result for June 2018 is withheld, as it could identify single people."
    )


@pytest.mark.parametrize("hidden", [{"previous": HIDDEN}, {"before": WITHHELD}])
def test_a_withheld_month_before_leaks_nothing(hidden: dict[str, Any]) -> None:
    said = _said(indicator(**hidden))
    assert said.direction == "withheld"
    assert said.text == (
        "The result for June 2018 is 90.0%; that for May 2018 is withheld. The target is 95% or "
        "more: it is missed by 5.0 percentage points. It is rated Amber."
    )


def _trend(*shown: float, first: int = 3, step: int = 1) -> tuple[TrendPoint, ...]:
    return tuple(
        TrendPoint(f"2018-{first + place * step:02d}", Figure(None, None, value))
        for place, value in enumerate(shown)
    )


@pytest.mark.parametrize(
    ("trend", "sentence"),
    [
        (_trend(1.0, 2.0, 3.0, 4.0), "It has improved in each of the last 3 months."),
        (_trend(2.0, 1.0, 3.0, 4.0), None),
        (_trend(1.0, 2.0, 2.0, 4.0), None),
        ((*_trend(0.0, 1.0, first=1), *_trend(2.0, 3.0, first=5)), None),
        ((TrendPoint("2018-03", NO_FIGURE), *_trend(2.0, 3.0, 4.0, first=4)), None),
        ((TrendPoint("2018-03", WITHHELD), *_trend(2.0, 3.0, 4.0, first=4)), None),
        ((), None),
    ],
)
def test_a_long_run_is_told(trend: tuple[TrendPoint, ...], sentence: str | None) -> None:
    assert _said(indicator(trend=trend)).run == sentence


def test_a_run_of_the_same_counts_its_months() -> None:
    same = {
        "printed": PrintedResult("69.1%", "A"),
        "previous": PrintedResult("69.1%", "A"),
        "direction": "same",
    }
    three = indicator(**same, trend=_trend(69.1, 69.1, 69.1, first=4))
    assert _said(three).run == "It has been the same for 3 months."
    assert _said(indicator(**same, trend=_trend(69.1, 69.1, first=5))).run is None


def test_quarters_follow_each_other_by_three_months() -> None:
    worse = indicator(direction="worsened", trend=_trend(4.0, 3.0, 2.0, 1.0, first=3, step=3))
    said = _said(worse, frequency="quarterly")
    assert said.run == "It has worsened in each of the last 3 quarters."
    assert _said(worse).run is None
