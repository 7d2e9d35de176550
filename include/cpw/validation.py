"""Run a gate's rules with Great Expectations and say how each came out.

Great Expectations is handed, for each table, a frame of booleans: a column per rule, a row per row
of the extract (see :mod:`cpw.refusals`). It never holds a child's data, so neither its results nor
its Data Docs can show any. Frames of aggregate marts are handed over as they are.

Four outcomes: ``pass``, ``fail``, ``not_run`` (with the reason) and ``errored``. A rule that raises
is errored, whatever the data: it is the rule that is broken.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

import pandas as pd

from cpw.rules import Rule

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
Outcome = Literal["pass", "fail", "not_run", "errored"]


@dataclass(frozen=True)
class RuleResult:
    """How one rule came out: counts only, no child-level value."""

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
    tolerated: float
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """The result as a row of ``rule_results``."""
        return asdict(self)


@dataclass(frozen=True)
class Validation:
    """The results of one gate, and Great Expectations' own, for the Data Docs."""

    results: tuple[RuleResult, ...]
    native: tuple[Any, ...]

    @property
    def blocking(self) -> tuple[RuleResult, ...]:
        """The results that stop the gate."""
        return tuple(result for result in self.results if result.blocks)


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
    """The expectation of a row rule: its column of outcomes is true wherever it applies.

    A subclass of ``ExpectColumnValuesToBeInSet`` that works its configuration out once: Great
    Expectations asks for it some eighty times a rule, which was half of a gate's time.
    """
    base = _great_expectations().expectations.ExpectColumnValuesToBeInSet

    class ExpectRuleToHold(base):  # type: ignore[misc, valid-type]
        """Expect a rule to hold on every row that it applies to."""

        @property
        def configuration(self) -> Any:
            known = self.__dict__.get("_configuration")
            if known is None:
                known = base.configuration.fget(self)
                self.__dict__["_configuration"] = known
            return known

    return ExpectRuleToHold


def _context() -> Any:
    """A context that keeps everything in memory and writes nowhere."""
    _great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars={"globally": False},
        analytics_enabled=False,
    )
    return _great_expectations().get_context(mode="ephemeral", project_config=config)


def _expectation(rule: Rule) -> Any:
    if rule.expectation is None:
        kind, arguments = _rule_expectation(), {"column": rule.id, "value_set": [True]}
    else:
        class_name = "".join(part.capitalize() for part in rule.expectation.split("_"))
        kind, arguments = getattr(_great_expectations().expectations, class_name), rule.arguments
    return kind(
        **arguments,
        description=rule.description,
        meta={
            "rule": rule.id,
            "dimension": rule.dimension,
            "severity": rule.severity,
            "owner": rule.owner,
        },
    )


def validate(
    frames: Mapping[str, pd.DataFrame],
    rules: Iterable[Rule],
    errors: Mapping[str, str] | None = None,
    not_run: Mapping[str, str] | None = None,
) -> Validation:
    """Validate one frame per table against the rules of that table.

    Args:
        frames: per table (or mart) the frame to validate.
        rules: the rules to run; those of tables without a frame are not run.
        errors: rules that raised before, by id, with what they said.
        not_run: rules that cannot be run, by id, with the reason.

    Returns:
        One result per rule, in the rules' order.
    """
    ordered = list(rules)
    context = _context()
    source = context.data_sources.add_pandas("gate")
    raised, skipped = dict(errors or {}), dict(not_run or {})
    native: dict[str, Any] = {}
    suites: list[Any] = []
    for name, frame in frames.items():
        own = [r for r in ordered if r.frame == name and r.id not in skipped]
        expectations = {rule.id: _expectation(rule) for rule in own if rule.id not in raised}
        if not expectations:
            continue
        batch = (
            source.add_dataframe_asset(name)
            .add_batch_definition_whole_dataframe(name)
            .get_batch(batch_parameters={"dataframe": frame})
        )
        suite = _great_expectations().ExpectationSuite(
            name=name, expectations=list(expectations.values())
        )
        outcome = batch.validate(suite, result_format=_COUNTS_ONLY)
        suites.append(outcome)
        for result in outcome.results:
            native[result.expectation_config.meta["rule"]] = result
    return Validation(
        tuple(_result(rule, native.get(rule.id), raised, skipped) for rule in ordered),
        tuple(suites),
    )


def _result(
    rule: Rule, native: Any | None, errors: Mapping[str, str], not_run: Mapping[str, str]
) -> RuleResult:
    outcome: Outcome
    reason: str | None = None
    checked = failed = 0
    if rule.id in errors:
        outcome, reason = "errored", errors[rule.id]
    elif native is None:
        outcome, reason = "not_run", not_run.get(rule.id)
    elif _raised(native.exception_info):
        outcome, reason = "errored", _exception_message(native.exception_info)
    else:
        checked, failed = _counts(native)
        outcome = "pass" if native.success else "fail"
    allowed = rule.tolerance.allows(failed, checked) if rule.severity != "critical" else False
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
        rows_checked=checked,
        rows_failed=failed,
        tolerated=max(rule.tolerance.rows, rule.tolerance.share * checked)
        if rule.severity == "major"
        else 0,
        reason=reason,
    )


def _counts(native: Any) -> tuple[int, int]:
    facts = native.result
    if "element_count" not in facts:
        return 1, 0 if native.success else 1
    checked = int(facts["element_count"]) - int(facts.get("missing_count") or 0)
    return checked, int(facts.get("unexpected_count") or 0)


def _raised(info: dict[str, Any]) -> bool:
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(part.get("raised_exception") for part in info.values())


def _exception_message(info: dict[str, Any]) -> str:
    if "raised_exception" not in info:
        info = next(part for part in info.values() if part.get("raised_exception"))
    return re.sub(r"'[^']*'", "'…'", str(info.get("exception_message")).splitlines()[0])[:300]


def render(title: str, validation: Validation) -> str:
    """The results as Great Expectations' own HTML page, a section a rule."""
    _great_expectations()
    from great_expectations.core import ExpectationSuiteValidationResult, RunIdentifier
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    results = [result for suite in validation.native for result in suite.results]
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
    return str(DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(page)))
