"""The scorecard proves itself: every rule of the marts holds, and catches the fault it is for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cpw.core.errors import GateBlockedError
from cpw.core.partition import Partition
from cpw.pipeline import stages
from cpw.quality import mart_rules
from cpw.quality.rule import Rule
from cpw.quality.rule_book import EXPECTATIONS, rule_book
from cpw.warehouse.no_source import END_OF_CARE, MonthSource, no_source
from support.shared_homes import SharedHomes, copy_home, working_in
from support.warehouse import JUNE, Warehouse

MAY = Partition.of("886", "2018-05")

ONE_SUBJECT = "subject_id = (select min(subject_id) from marts.kpi_subject where kpi_id = '{}')"

# A fault for each rule, as a faulty model might make it.
FAULTS = {
    "kpi_result.key.unique": "insert into marts.kpi_result select * from marts.kpi_result "
    "where kpi_id = 'sdq_average'",
    "kpi_result.numerator.within_denominator": "update marts.kpi_result "
    "set numerator = denominator + 1 where kpi_id = 'reviews_in_timescale'",
    "kpi_result.value.percentage": "update marts.kpi_result set value = 100.5 "
    "where kpi_id = 'health_assessment_in_timescale'",
    "kpi_result.value.mean": "update marts.kpi_result set value = -8291.2 "
    "where kpi_id = 'adoption_days_care_to_placed'",
    "adoption_timescales.not_negative": "update marts.adoption_timescales set mean_days = -1",
    "adopter_timescales.not_negative": "update marts.adopter_timescales set mean_days = -1",
    "kpi_subject.care_leaver.age": "update marts.kpi_subject set age = 26 "
    "where subject_type = 'care_leaver'",
    "kpi_result.value.there": "update marts.kpi_result set value = null "
    "where kpi_id = 'three_or_more_placements_12m'",
    "kpi_result.value.is_the_ratio": "update marts.kpi_result set value = value + 0.00001 "
    "where kpi_id = 'sdq_average'",
    "kpi_result.shown.is_the_ratio": "update marts.kpi_result "
    "set numerator = 1, denominator = 16, value = 6.25, shown = 6.2 "  # half to even
    "where kpi_id = 'reviews_in_timescale'",
    "kpi_result.status.says_what_is_there": "update marts.kpi_result set shown = 1 "
    "where status = 'no_source'",
    "kpi_result.no_source.has_no_rows": "update marts.kpi_result set status = 'no_source' "
    "where kpi_id = 'number_of_cic'",
    "dim_kpi.source.is_one": "update marts.dim_kpi set source = 'ssda903' "
    "where kpi_id = 'number_of_cic'",
    "scorecard.no_source.says_why": "update marts.scorecard set note = 'No source: lost' "
    "where kpi_id = 'number_of_cic'",
    "dim_kpi.no_source.is_the_results": "update marts.dim_kpi set no_source_reason = 'lost' "
    "where kpi_id = 'number_of_cic'",
    "kpi_result.rag.follows": "update marts.kpi_result set rag = 'G' "
    "where kpi_id = 'number_of_cic'",
    "kpi_result.subjects.add_up": "delete from marts.kpi_subject where kpi_id = 'number_of_cic' "
    f"and {ONE_SUBJECT.format('number_of_cic')}",
    "kpi_result.breakdowns.add_up": "delete from marts.kpi_breakdown "
    "where kpi_id = 'number_of_cic' and dimension = 'area'",
    "kpi_result.uasc.adds_up": "update marts.kpi_result set numerator = numerator - 1 "
    "where kpi_id = 'number_of_cic' and cohort = 'exc_uasc'",
    "kpi_breakdown.shown.is_the_ratio": "update marts.kpi_breakdown set shown = shown + 0.1 "
    "where kpi_id = 'sdq_average'",
    "kpi_breakdown.kpi_is_there": "update marts.kpi_breakdown set kpi_id = 'made_up' "
    "where kpi_id = 'sdq_average'",
    "kpi_relations.within": "update marts.kpi_subject set subject_id = 'stranger' "
    f"where kpi_id = 'same_placement_2y' and {ONE_SUBJECT.format('same_placement_2y')}",
    "kpi_relations.equal": "delete from marts.kpi_subject "
    "where kpi_id = 'dental_check_in_timescale' "
    f"and {ONE_SUBJECT.format('dental_check_in_timescale')}",
    "kpi_relations.exc_uasc_of": "update marts.kpi_result set numerator = numerator + 1 "
    "where kpi_id = 'cic_per_10000_exc_uasc'",
    "scorecard.key.unique": "insert into marts.scorecard select * from marts.scorecard "
    "where kpi_id = 'sdq_average'",
    "scorecard.result.there": "update marts.scorecard set result = null "
    "where kpi_id = 'care_leavers_eet'",
    "scorecard.figures.are_the_computed_ones": "update marts.scorecard set result = '41' "
    "where kpi_id = 'number_of_cic'",
    "scorecard.direction.follows": "update marts.scorecard set direction = 'improved' "
    "where kpi_id = 'number_of_cic'",
    "scorecard_by_cohort.position.unique": "update marts.scorecard_by_cohort set position = 1 "
    "where position = 2",
    "scorecard_by_cohort.figures.are_the_computed_ones": "update marts.scorecard_by_cohort "
    "set exc_uasc_numerator = numerator where kpi_id = 'number_of_cic'",
    "scorecard_by_cohort.difference.follows": "update marts.scorecard_by_cohort "
    "set difference = difference + 0.1 where kpi_id = 'number_of_cic'",
    "scorecard_rag.counts_agree": "update marts.scorecard set rag = 'R' "
    "where kpi_id = 'number_of_cic'",
    "cic_flow.adds_up": "update marts.cic_flow set entered = entered + 1",
    "cic_flow.is_number_of_cic": "update marts.cic_flow "
    "set entered = entered + 1, children_after = children_after + 1",
    "cic_flow.begins_as_published": "update marts.cic_flow "
    "set children_published = children_published + 1",
    "demographics.adds_up": "update marts.demographics set total = total + 1 where value = '17'",
    "demographics.uasc.is_the_breakdown": "update marts.demographics "
    "set total = total + case value when 'Yes' then 1 else -1 end where dimension = 'uasc'",
    "strategy_profile.adds_up": "update marts.strategy_profile set number = number + 1 "
    "where value = 'Male'",
    "care_leaver_cohort.adds_up": "delete from marts.care_leaver_cohort where position = 1",
    "caseloads_by_team.add_up": "update marts.caseloads_by_team set children = children + 1",
    "review_participation.is_the_kpi": "update marts.review_participation "
    "set reviews = reviews + 1 where counts_as = 'participated'",
    "education_factors.overlap": "update marts.education_factors set children = children + 1 "
    "where factor = 'exclusion_and_reduced_timetable'",
    "education_factors.are_the_kpis": "update marts.education_factors "
    "set children = children + 1 where factor = 'reduced_timetable'",
    "uasc_threshold.is_the_breakdown": "update marts.uasc_threshold "
    "set uasc_in_care = uasc_in_care + 1",
    "iro_service.grades.add_up": "update marts.iro_service set numerator = numerator + 1 "
    "where measure = 'care_plans_inadequate'",
    "adoption_activity.every_step_once": "delete from marts.adoption_activity where position = 2",
    "adoption_activity.within_the_kpis": "update marts.adoption_activity "
    "set children = children + 1000 where measure = 'adoption_orders_granted'",
    "adoption_timescales.mean_is_the_ratio": "update marts.adoption_timescales "
    "set children = 40, total_days = 30, mean_days = 0.7",  # 0.75 to even, or cut off
    "adoption_timescales.within_activity": "update marts.adoption_timescales "
    "set children = children + 1000 where cohort = 'adopted in year'",
    "adopter_activity.every_step_once": "update marts.adopter_activity "
    "set measure = 'enquiries' where position = 2",
    "adopter_timescales.mean_is_the_ratio": "update marts.adopter_timescales "
    "set families = 0, mean_days = 0",
    "adopter_timescales.within_activity": "update marts.adopter_timescales "
    "set families = families + 1000",
    "care_leaver_capacity.cases_add_up": "update marts.care_leaver_capacity "
    "set value = value + 1 where measure = 'open_cases_citizen'",
    "care_leaver_capacity.is_posts_by_caseload": "update marts.care_leaver_capacity "
    "set value = value + 1 where measure = 'capacity_open_cases'",
    "dim_kpi.is_the_catalogue": "delete from marts.dim_kpi where kpi_id = 'number_of_cic'",
    "dim_kpi.says_what_it_means": "update marts.dim_kpi set definition = null "
    "where kpi_id = 'number_of_cic'",
    "dispute_resolutions.resolved_within_raised": "update marts.dispute_resolutions "
    "set resolved = disputes + 1",
    "dispute_resolutions.add_up": "update marts.dispute_resolutions set disputes = disputes + 1",
    "fostering_households.plausible": "update marts.fostering_households "
    "set households = 0, approved_places = 1",
    "uasc_arrivals.every_month_once": "delete from marts.uasc_arrivals "
    "where arrival_month = '2018-01'",
    "uasc_arrivals.within_the_flow": "update marts.uasc_arrivals set arrivals = arrivals + 1000",
    "kpi_subject.pseudonyms": "update marts.kpi_subject set child_key = '886000000027' "
    "where kpi_id = 'number_of_cic'",
    "kpi_subject.key.unique": "insert into marts.kpi_subject select * from marts.kpi_subject "
    "where kpi_id = 'number_of_cic'",
    "kpi_subject.child_is_itself": "update marts.kpi_subject set child_key = md5(child_key) "
    "where kpi_id = 'number_of_cic'",
    "kpi_subject.of_a_person": "update marts.kpi_subject set is_uasc = null "
    "where kpi_id = 'number_of_cic'",
    "kpi_subject.age_band.follows": "update marts.kpi_subject set age = 10 where age = 9",
    "kpi_breakdown.key.unique": "insert into marts.kpi_breakdown select * from marts.kpi_breakdown "
    "where kpi_id = 'sdq_average'",
    "kpi_breakdown.numerator.within_denominator": "update marts.kpi_breakdown "
    "set numerator = denominator + 1 where kpi_id = 'reviews_in_timescale'",
    "kpi_result.as_at.is_the_months_end": "update marts.kpi_result set as_at = as_at + 4 "
    "where kpi_id = 'number_of_cic'",
    "scorecard.target.is_the_editions": "update marts.scorecard set target = target + 1 "
    "where target is not null",
    "iro_service.shown.is_the_ratio": "update marts.iro_service set shown = shown + 0.1 "
    "where measure = 'reviews_chaired_by_iro'",
    "caseloads_by_team.cases.add_up": "update marts.caseloads_by_team set cases = cases + 1",
    "uasc_threshold.follows": "update marts.uasc_threshold "
    "set threshold_children = threshold_children + 1",
    "education_factors.nest": "update marts.education_factors set children = children + 1000 "
    "where factor = 'permanent_exclusion'",
    "cic_flow.of_a_time_before": "update marts.cic_flow set since = as_at",
    "publication.scorecard_lines_missing": "delete from marts.scorecard "
    "where kpi_id = 'number_of_cic'",
    "publication.results_missing": "delete from marts.kpi_result "
    "where kpi_id = 'number_of_cic' and cohort = 'exc_uasc'",
    "publication.rows_of_other_partitions": "update marts.demographics set month = '2018-07'",
    "kpi_data_quality.figure_is_the_result": "update marts.kpi_data_quality "
    "set shown = shown + 1 where kpi_id = 'number_of_cic'",
    "kpi_data_quality.shown_between_worst_and_best": "update marts.kpi_data_quality "
    "set best = shown - 1, worst = shown - 2 where kpi_id = 'number_of_cic'",
    "kpi_data_quality.certain_without_failures": "update marts.kpi_data_quality "
    "set failures = 0, worst = shown - 1 where kpi_id = 'number_of_cic'",
    "kpi_data_quality.subjects_within": "update marts.kpi_data_quality "
    "set subjects_with_failures = subjects + 1 where kpi_id = 'number_of_cic'",
    "dq_rule_result.failed_within_checked": "update marts.dq_rule_result "
    "set rows_failed = rows_checked + 1 where outcome = 'pass'",
    "dq_rule_result.outcome_follows": "update marts.dq_rule_result "
    "set rows_failed = 1 where outcome = 'pass'",
    "dq_rule_result.nothing_that_stops": "update marts.dq_rule_result set blocks = true",
    "dq_failure.pseudonyms": "insert into marts.dq_failure by name "
    "select distinct authority, month, 'ssd_person.row_shape' as rule_id, 'P1' as record_key "
    "from marts.kpi_result",
    "dq_failure.as_many_as_failed": "insert into marts.dq_failure by name "
    "select distinct authority, month, 'ssd_person.row_shape' as rule_id from marts.kpi_result",
    "dq_trend.is_the_result": "update marts.dq_trend set rows_failed = rows_failed + 1",
    "dim_kpi.is_the_editions": "update marts.dim_kpi set target = target + 1 "
    "where kpi_id = 'reviews_in_timescale'",
    "dim_kpi.reference_is_recent": "update marts.dim_kpi set reference_is_old = true "
    "where kpi_id = 'cic_per_10000'",
    "dim_kpi.says_why_subjects_count": "update marts.dim_kpi set counts_not_when = null "
    "where kpi_id = 'reviews_in_timescale'",
    "work_list.pseudonyms": "update marts.work_list set child_key = '886000000027'",
    "work_list.due_within.follows": "update marts.work_list set due_within = '10' "
    "where due_within = '20'",
    "work_list.overdue.is_the_kpi": "delete from marts.work_list "
    "where due_within = 'overdue' and task = 'Dental check'",
    "work_list.overdue.not_in_time": "update marts.kpi_subject set in_numerator = true "
    "where kpi_id = 'return_interviews_within_3_working_days'",
    "work_list.children_are_in_care": "delete from marts.kpi_subject "
    "where kpi_id = 'number_of_cic'",
    "population_flow.adds_up": "update marts.population_flow set entries = entries + 1 "
    "where flow_month = '2016-02' and age = 3 and population = 'children_in_care'",
    "population_flow.goes_on": "update marts.population_flow "
    "set stock_start = stock_start + 1, stock_end = stock_end + 1 "
    "where flow_month = '2016-02' and age = 3",
    "population_flow.is_number_of_cic": "update marts.population_flow "
    "set is_uasc = not is_uasc where population = 'children_in_care'",
    "population_flow.every_month_once": "delete from marts.population_flow "
    "where flow_month = '2016-02' and age = 3",
    "population_flow.care_leavers_are_the_cohort": "update marts.population_flow "
    "set exits = 0 where population = 'care_leavers' and age = 19",
}


def mart_rules_of_the_book() -> list[Rule]:
    marts = {path.stem for path in (EXPECTATIONS / "marts").glob("*.yml")}
    return [rule for rule in rule_book().rules if rule.table in marts]


@pytest.fixture(scope="module")
def built(shared_homes: SharedHomes) -> Iterator[Warehouse]:
    """A data home in which May 2018 is published and June is built, not yet gated."""
    with working_in(shared_homes.june_built()) as made:
        yield made


@pytest.fixture
def candidate(built: Warehouse, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """June's candidate, to spoil."""
    copy = tmp_path / "spoilt.duckdb"
    shutil.copyfile(built.home.month(JUNE).built_marts, copy)
    with duckdb.connect(str(copy)) as connection:
        mart_rules.attach_reference(connection, JUNE)
        yield connection


@pytest.fixture
def copy(built: Warehouse, tmp_path: Path) -> Iterator[Warehouse]:
    """A copy of the data home, to gate."""
    with working_in(copy_home(built.home.root, tmp_path / "home")) as made:
        yield made


def spoil(warehouse: Warehouse, *rules: str) -> None:
    with duckdb.connect(str(warehouse.home.month(JUNE).built_marts)) as connection:
        for rule in rules:
            connection.execute(FAULTS[rule])


def failures(connection: duckdb.DuckDBPyConnection, rules: list[Rule]) -> dict[str, int]:
    """How many of the things a rule is asked of break it, by rule."""
    found = mart_rules.evaluate(connection, rules)
    assert found.errors == {}
    return {rule.id: found.tallies[rule.id].failed for rule in rules}


def test_every_mart_rule_has_its_fault() -> None:
    """The good case is every publication; here is a bad one for each rule of the marts."""
    assert {rule.id for rule in mart_rules_of_the_book()} == set(FAULTS)


def test_what_was_built_breaks_no_rule_and_every_rule_had_something_to_ask(
    candidate: duckdb.DuckDBPyConnection,
) -> None:
    rules = mart_rules_of_the_book()
    assert set(failures(candidate, rules).values()) == {0}
    assert mart_rules.evaluate(candidate, rules).not_run == {}


def test_every_fault_is_caught_by_its_rule(candidate: duckdb.DuckDBPyConnection) -> None:
    missed = []
    for rule in mart_rules_of_the_book():
        candidate.execute("begin transaction")
        candidate.execute(FAULTS[rule.id])
        if failures(candidate, [rule])[rule.id] == 0:
            missed.append(rule.id)
        candidate.execute("rollback")
    assert missed == []


# What a return does not tell, taken out of marts made of extracts.
AS_OF_A_RETURN = (
    "update marts.dim_kpi set source = 'ssda903'",
    "create temp table lost as select unnest(['reviews_in_timescale', 'average_caseload_iro', "
    "'participation_at_reviews', 'care_leavers_staying_put', 'part_time_timetable', "
    "'permanent_exclusions_acytd', 'adm_decision_within_8_weeks']) as kpi_id",
    "update marts.kpi_result set status = 'no_source', numerator = null, denominator = null, "
    "value = null, shown = null, rag = null where kpi_id in (from lost)",
    "update marts.dim_kpi set no_source_reason = 'not in the return' where kpi_id in (from lost)",
    "update marts.scorecard set note = coalesce(note, 'No source: not in the return'), "
    "result = null, rag = null, numerator = null, denominator = null, direction = null, "
    "previous_result = null where kpi_id in (from lost)",
    "update marts.scorecard_by_cohort set result = null, rag = null, numerator = null, "
    "denominator = null, exc_uasc_result = null, exc_uasc_rag = null, exc_uasc_numerator = null, "
    "exc_uasc_denominator = null, difference = null where kpi_id in (from lost)",
    "update marts.kpi_data_quality set subjects = null, subjects_with_failures = null, "
    "shown = null, best = null, worst = null where kpi_id in (from lost)",
    "delete from marts.kpi_subject where kpi_id in (from lost)",
    "delete from marts.kpi_breakdown where kpi_id in (from lost)",
    *(
        f"delete from marts.{mart}"
        for mart in ("work_list", "caseloads_by_team", "education_factors", "care_leaver_cohort")
    ),
    *(
        f"delete from marts.{mart}"
        for mart in ("care_leaver_capacity", "review_participation", "iro_service")
    ),
    "delete from marts.demographics where dimension in ('nationality', 'disability')",
    "delete from marts.adoption_activity where measure = 'matches_approved'",
    "delete from marts.adoption_timescales where cohort not in ('placed in year')",
    "delete from marts.population_flow where flow_month < '2017-04' or population = 'care_leavers'",
    "delete from marts.uasc_arrivals where arrival_month < '2017-04'",
)


@pytest.fixture
def of_a_return(candidate: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The candidate without what a statutory return does not tell."""
    for statement in AS_OF_A_RETURN:
        candidate.execute(statement)
    return candidate


def test_marts_of_a_return_break_no_rule(of_a_return: duckdb.DuckDBPyConnection) -> None:
    found = failures(of_a_return, mart_rules_of_the_book())
    assert {rule: failed for rule, failed in found.items() if failed} == {}


# What the build leaves out if it is not known who is in care.
WITHOUT_SOURCE = (
    "update marts.kpi_result set status = 'no_source', numerator = null, denominator = null, "
    "value = null, shown = null, rag = null where (kpi_id, cohort) in (from lost)",
    "update marts.dim_kpi set no_source_reason = 'unreadable' where (kpi_id, 'all') in (from lost)",
    "update marts.scorecard set note = coalesce(note, 'No source: unreadable'), "
    "result = null, rag = null, numerator = null, denominator = null, direction = null, "
    "previous_result = null where (kpi_id, 'all') in (from lost)",
    "update marts.scorecard_by_cohort set result = null, rag = null, numerator = null, "
    "denominator = null, exc_uasc_result = null, exc_uasc_rag = null, exc_uasc_numerator = null, "
    "exc_uasc_denominator = null, difference = null where (kpi_id, 'all') in (from lost)",
    "update marts.kpi_data_quality set subjects = null, subjects_with_failures = null, "
    "shown = null, best = null, worst = null where (kpi_id, cohort) in (from lost)",
    *(
        f"delete from marts.{mart} where (kpi_id, 'all') in (from lost)"
        for mart in ("kpi_subject", "work_list")
    ),
    "delete from marts.kpi_breakdown where (kpi_id, cohort) in (from lost)",
    "delete from marts.review_participation",
    "delete from marts.adoption_timescales where cohort <> 'placed in year'",
)


def test_marts_without_who_is_in_care_break_no_rule(candidate: duckdb.DuckDBPyConnection) -> None:
    lost = no_source(MonthSource(JUNE.month, unreadable=frozenset({END_OF_CARE})))
    assert ("number_of_cic", "all") in lost
    candidate.execute("create temp table lost (kpi_id varchar, cohort varchar)")
    candidate.executemany("insert into lost values (?, ?)", [list(one) for one in lost])
    for statement in WITHOUT_SOURCE:
        candidate.execute(statement)
    found = failures(candidate, mart_rules_of_the_book())
    assert {rule: failed for rule, failed in found.items() if failed} == {}


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (
            "kpi_result.status.says_what_is_there",
            "update marts.kpi_result set numerator = 0 where kpi_id = 'reviews_in_timescale'",
        ),
        (
            "scorecard.no_source.says_why",
            "update marts.scorecard set note = null where kpi_id = 'reviews_in_timescale'",
        ),
        (
            "work_list.overdue.is_the_kpi",
            "insert into marts.work_list by name select authority, "
            "month, 'dental_check_in_timescale' as kpi_id, 'overdue' as due_within, subject_id "
            "from marts.kpi_subject where kpi_id = 'dental_check_in_timescale'",
        ),
        (
            "caseloads_by_team.add_up",
            "insert into marts.caseloads_by_team by name "
            "select distinct authority, month, 'unknown' as team, 1 as children, 0 as care_leavers "
            "from marts.kpi_result",
        ),
        (
            "population_flow.every_month_once",
            "delete from marts.population_flow where flow_month = '2017-06'",
        ),
        (
            "population_flow.goes_on",
            "update marts.population_flow "
            "set stock_end = stock_end + 1 where flow_month = '2017-06' and age = 3",
        ),
        (
            "uasc_arrivals.every_month_once",
            "delete from marts.uasc_arrivals where arrival_month = '2017-06'",
        ),
        (
            "adoption_activity.every_step_once",
            "delete from marts.adoption_activity "
            "where measure like '%placed' or measure = 'placement_orders'",
        ),
    ],
)
def test_a_fault_in_marts_of_a_return_is_caught(
    of_a_return: duckdb.DuckDBPyConnection, rule: str, fault: str
) -> None:
    of_a_return.execute(fault)
    rules = [one for one in mart_rules_of_the_book() if one.id == rule]
    assert failures(of_a_return, rules)[rule] > 0


def test_relations_are_of_kpis_of_the_catalogue(candidate: duckdb.DuckDBPyConnection) -> None:
    unknown = candidate.execute(
        "select kpi_id, other_kpi_id from kpi_relations "
        "where kpi_id not in (select kpi_id from kpi_catalogue) "
        "or other_kpi_id not in (select kpi_id from kpi_catalogue) "
        "or relation not in ('within', 'equal', 'exc_uasc_of') "
        "or part not in ('subjects', 'numerator', 'persons', 'figures') or because is null"
    ).fetchall()
    assert unknown == []


def test_a_figure_that_breaks_a_rule_is_not_published(copy: Warehouse) -> None:
    """Rules on one row, on sums and on whole marts, each with its own fault."""
    faults = [
        "kpi_result.key.unique",
        "kpi_relations.within",
        "cic_flow.adds_up",
        "scorecard.key.unique",
        "publication.scorecard_lines_missing",
        "publication.results_missing",
        "publication.rows_of_other_partitions",
    ]
    before = (copy.home.published / "current").readlink()
    spoil(copy, *faults)
    with pytest.raises(GateBlockedError) as stopped:
        stages.gate_marts(copy.home, JUNE)
    for rule in faults:
        assert f"{rule} (critical" in str(stopped.value)
    assert not copy.home.month(JUNE).built_marts.exists(), "a later stage could publish it"
    assert (copy.home.published / "current").readlink() == before


def test_corrected_histories_are_shown_and_stop_nothing(copy: Warehouse) -> None:
    spoil(copy, "cic_flow.begins_as_published")
    stages.gate_marts(copy.home, JUNE)
    outcomes = duckdb.sql(
        f"select rule_id, outcome, blocks from read_parquet('{copy.home.audit}/rule_results"
        "/authority=886/month=2018-06/*gate_marts.parquet') where outcome <> 'pass'"
    ).fetchall()
    assert outcomes == [("cic_flow.begins_as_published", "fail", False)]
    assert stages.publish(copy.home, JUNE)[JUNE].version == 1


def test_a_mart_without_rows_has_nothing_to_ask(copy: Warehouse) -> None:
    with duckdb.connect(str(copy.home.month(JUNE).built_marts)) as connection:
        connection.execute("delete from marts.uasc_threshold")
    assert stages.gate_marts(copy.home, JUNE).gate == "gate_marts"


def test_a_rule_of_the_marts_that_raises_is_errored_and_stops(copy: Warehouse) -> None:
    with duckdb.connect(str(copy.home.month(JUNE).built_marts)) as connection:
        connection.execute("drop table marts.cic_flow")
    with pytest.raises(GateBlockedError, match=r"cic_flow\.adds_up errored"):
        stages.gate_marts(copy.home, JUNE)
