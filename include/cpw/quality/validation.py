"""Pass a gate's tallies to Great Expectations and return the outcome of each rule.

DuckDB checks the rows (:mod:`cpw.quality.evaluation`). Great Expectations has a suite with one
expectation for each rule, and validates it against one batch for each gate: one line for each rule,
with the number of rows checked and the number that fail. It never receives a child's data, so
neither its results nor its Data Docs can show any.

Four outcomes: ``pass``, ``fail``, ``not_run`` (with the reason) and ``errored``. A rule that raises
is errored, whatever the data: it is the rule that is broken.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, Literal

import pandas as pd

from cpw.quality.acceptances import Acceptance
from cpw.quality.evaluation import Outcomes, Tally
from cpw.quality.rule import SEVERITIES, Rule

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

Outcome = Literal["pass", "fail", "not_run", "errored"]
_TALLIES = "table.rule_tallies"


@dataclass(frozen=True)
class RuleResult:
    """The outcome of one rule: counts only, no child-level value."""

    rule_id: str
    table: str
    column: str | None
    description: str
    dimension: str
    severity: str
    owner: str
    remedy: str
    outcome: Outcome
    blocks: bool
    rows_checked: int
    rows_failed: int
    rows_refused: int
    tolerated: float
    reason: str | None
    accepted_by: str | None = None
    accepted_until: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The result as a row of ``rule_results``."""
        return asdict(self)


@dataclass(frozen=True)
class Validation:
    """The results of one gate, and Great Expectations' own, for the Data Docs."""

    results: tuple[RuleResult, ...]
    native: Any

    @property
    def blocking(self) -> tuple[RuleResult, ...]:
        """The results that stop the gate, the most severe first."""
        stopping = (result for result in self.results if result.blocks)
        return tuple(sorted(stopping, key=lambda result: SEVERITIES.index(result.severity)))


@cache
def _great_expectations() -> Any:
    """Import Great Expectations late: it takes seconds, and not every command needs it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return gx


@cache
def _rule_expectation() -> Any:
    """The expectation of a rule: none of the rows it checks breaks it.

    All expectations of a gate share one metric, the batch's tallies, which Great Expectations
    computes once.
    """
    _great_expectations()
    from great_expectations.core.metric_domain_types import MetricDomainTypes
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import BatchExpectation
    from great_expectations.expectations.metrics.metric_provider import metric_value
    from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

    class RuleTallies(TableMetricProvider):  # type: ignore[misc]
        """The lines of the batch, by rule."""

        metric_name = _TALLIES

        @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
        def _pandas(cls, execution_engine: Any, metric_domain_kwargs: Any, **_: Any) -> Any:  # noqa: N805
            frame, *_ = execution_engine.get_compute_domain(
                metric_domain_kwargs,
                domain_type=MetricDomainTypes.TABLE,
            )
            return {line["rule"]: line for line in frame.to_dict("records")}

    class ExpectRuleToHold(BatchExpectation):  # type: ignore[misc]
        """Expect that nothing breaks a rule."""

        metric_dependencies = (_TALLIES,)
        success_keys = ("rule",)
        args_keys = ("rule",)
        rule: str

        @property
        def configuration(self) -> Any:
            """The configuration, computed once, as it is read dozens of times for each rule."""
            known = self.__dict__.get("_configuration")
            if known is None:
                known = super().configuration
                self.__dict__["_configuration"] = known
            return known

        def _validate(self, metrics: Any, **_: Any) -> dict[str, Any]:
            line = metrics[_TALLIES][self.rule]
            if line["error"]:
                raise RuntimeError(line["error"])
            return {
                "success": line["failed"] == 0,
                "result": {"observed_value": f"{line['failed']:,} of {line['checked']:,} break it"},
            }

    return ExpectRuleToHold


@cache
def _batch_definition() -> Any:
    """The run's one context, which keeps everything in memory, and the one batch definition."""
    gx = _great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars={"globally": False},
        analytics_enabled=False,
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    asset = context.data_sources.add_pandas("gates").add_dataframe_asset("tallies")
    return asset.add_batch_definition_whole_dataframe("gate")


def _expectation(rule: Rule) -> Any:
    return _rule_expectation()(
        rule=rule.id,
        description=rule.description,
        meta={
            "rule": rule.id,
            "dimension": rule.dimension,
            "severity": rule.severity,
            "owner": rule.owner,
        },
    )


def validate(
    rules: Iterable[Rule],
    outcomes: Outcomes,
    refused: Mapping[str, int] | None = None,
    accepted: Mapping[str, Acceptance] | None = None,
) -> Validation:
    """Turn the outcomes of one gate's rules into results, through Great Expectations.

    Args:
        rules: the gate's rules.
        outcomes: the rules' tallies, their errors, and the reasons why some did not run.
        refused: the number of rows that each rule refuses.
        accepted: what somebody accepted of the rules' findings, by rule.

    Returns:
        One result per rule, in the rules' order.
    """
    ordered = list(rules)
    asked = [rule for rule in ordered if _is_asked(rule, outcomes)]
    native: dict[str, Any] = {}
    outcome = None
    if asked:
        suite = _great_expectations().ExpectationSuite(
            name="gate", expectations=[_expectation(rule) for rule in asked]
        )
        lines = pd.DataFrame([_line(rule, outcomes) for rule in asked])
        batch = _batch_definition().get_batch(batch_parameters={"dataframe": lines})
        outcome = batch.validate(suite)
        native = {result.expectation_config.kwargs["rule"]: result for result in outcome.results}
    return Validation(
        tuple(
            _accepted(
                _result(rule, native.get(rule.id), outcomes, (refused or {}).get(rule.id, 0)),
                (accepted or {}).get(rule.id),
            )
            for rule in ordered
        ),
        outcome,
    )


def _is_asked(rule: Rule, outcomes: Outcomes) -> bool:
    return rule.id in outcomes.errors or (
        rule.id in outcomes.tallies and rule.id not in outcomes.not_run
    )


def _line(rule: Rule, outcomes: Outcomes) -> dict[str, Any]:
    """A rule's line of the batch."""
    tally = outcomes.tallies.get(rule.id, Tally(0, 0))
    return {
        "rule": rule.id,
        "checked": tally.checked,
        "failed": tally.failed,
        "error": outcomes.errors.get(rule.id, ""),
    }


def _result(rule: Rule, native: Any | None, outcomes: Outcomes, refused: int) -> RuleResult:
    outcome: Outcome
    reason: str | None = None
    tally = Tally(0, 0)
    if native is None:
        outcome, reason = "not_run", outcomes.not_run.get(rule.id)
    elif _raised(native.exception_info):
        outcome = "errored"
        reason = outcomes.errors.get(rule.id, "it raised in Great Expectations")
    else:
        tally = outcomes.tallies[rule.id]
        outcome = "pass" if native.success else "fail"
        reason = None if native.success else outcomes.said.get(rule.id)
    allowed = rule.severity != "critical" and rule.tolerance.allows(tally.failed, tally.checked)
    return RuleResult(
        rule_id=rule.id,
        table=rule.table,
        column=rule.column,
        description=rule.description,
        dimension=rule.dimension,
        severity=rule.severity,
        owner=rule.owner,
        remedy=rule.remedy,
        outcome=outcome,
        blocks=outcome == "errored"
        or (outcome == "not_run" and not reason)
        or (outcome == "fail" and rule.severity != "minor" and not allowed),
        rows_checked=tally.checked,
        rows_failed=tally.failed,
        rows_refused=refused,
        tolerated=max(rule.tolerance.rows, rule.tolerance.share * tally.checked)
        if rule.severity == "major"
        else 0,
        reason=reason,
    )


def _accepted(result: RuleResult, acceptance: Acceptance | None) -> RuleResult:
    """A result that no longer stops the gate, if no more rows fail than were accepted."""
    if (
        acceptance is None
        or not result.blocks
        or result.outcome != "fail"
        or result.severity != "major"
        or result.rows_refused
        or result.rows_failed > acceptance.rows
    ):
        return result
    return replace(result, blocks=False, accepted_by=acceptance.by, accepted_until=acceptance.until)


def _raised(info: dict[str, Any]) -> bool:
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(part.get("raised_exception") for part in info.values())


def render(title: str, validation: Validation) -> str:
    """The results as Great Expectations' own HTML page, with one section for each table."""
    _great_expectations()
    from great_expectations.core import ExpectationSuiteValidationResult, RunIdentifier
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    results = list(validation.native.results) if validation.native is not None else []
    succeeded = sum(1 for result in results if result.success)
    page = ExpectationSuiteValidationResult(
        success=succeeded == len(results),
        results=results,
        suite_name=title,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": succeeded,
            "unsuccessful_expectations": len(results) - succeeded,
            "success_percent": 100.0 * succeeded / len(results) if results else None,
        },
        meta={
            "great_expectations_version": _great_expectations().__version__,
            "run_id": RunIdentifier(run_name=title),
        },
    )
    return str(_page_view().render(ValidationResultsPageRenderer().render(page)))


@cache
def _page_view() -> Any:
    """Great Expectations' view of a page; it compiles its templates once."""
    from great_expectations.render.view import DefaultJinjaPageView

    return DefaultJinjaPageView()
