"""The indicators, as the YAML beside their models describes them, and the seeds made from it.

Everything an indicator is stands in ``config.meta`` of its model's YAML; a model of several KPIs,
that of the published statistics, has it for each of them in ``config.meta.kpis``. Only what an
edition of the scorecard prints of it (label, target, floor) is elsewhere: a line of
``seeds/editions/scorecard_editions.csv``. ``make generate`` writes the seeds in
``seeds/indicators/``, the lists of KPIs in ``dbt_project.yml`` and the docs from here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from cpw.contract.tables import contract
from cpw.core.errors import InputError
from cpw.core.paths import DBT_PROJECT, PROJECT_ROOT, seed_rows
from cpw.docgen.model_yaml import read_model_yaml
from cpw.quality.rule_book import rule_book
from cpw.warehouse.kpi_sources import MODULE_NAMES

SEEDS_FOLDER = Path("seeds/indicators")
PROJECT_FILE = Path("dbt_project/dbt_project.yml")
_LISTS = re.compile(r"(  # Generated[^\n]*: the KPIs\.\n).*?(  # Generated: end\.\n)", re.DOTALL)

Row = dict[str, str]


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Relation(_Described):
    """The relation between the people or figures of one indicator and those of another."""

    part: Literal["subjects", "numerator", "persons", "figures"]
    within: str = ""
    equal: str = ""
    exc_uasc_of: str = ""
    other_part: Literal["", "subjects", "numerator", "persons", "figures"] = ""
    because: str

    @model_validator(mode="after")
    def _names_one(self) -> Relation:
        if len([kpi for _, kpi in self._named() if kpi]) != 1:
            raise ValueError("give one of within, equal and exc_uasc_of")
        return self

    def _named(self) -> tuple[tuple[str, str], ...]:
        return (
            ("within", self.within),
            ("equal", self.equal),
            ("exc_uasc_of", self.exc_uasc_of),
        )

    @property
    def kind(self) -> str:
        """The name of the relation."""
        return next(kind for kind, kpi in self._named() if kpi)

    @property
    def other(self) -> str:
        """The KPI it is a relation to."""
        return next(kpi for _, kpi in self._named() if kpi)


class OfReturn(_Described):
    """What the indicator needs from a statutory return, or why no return contains it."""

    modules: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    reaches_back_months: int = 0
    uasc_reaches_back_months: int = 0
    month_end: Literal["any", "march"] = "any"
    figure: Literal["local", "national"] = "local"
    difference: str = ""
    absent_because: str = ""

    @model_validator(mode="after")
    def _holds_it_or_not(self) -> OfReturn:
        if bool(self.modules) == bool(self.absent_because):
            raise ValueError("give the modules it is made of, or absent_because, and not both")
        return self


class Indicator(_Described):
    """One KPI: what it is, how it is read, who answers for it and what it is made of.

    Attributes:
        period: the period as the scorecard prints it, or by edition where it differs.
        lead: the role that answers for the result.
        owner: the role that looks after the data it is made of.
        measure_of: the column, as ``table.column``, whose value a subject of a mean has; the
            contract's least and greatest value of it bound the mean of subjects that are missing.
        feed: the tables of the extract contract that it is made of.
        needs: the optional columns, as ``table.column``, without which it tells nothing: it has no
            source if most of their cells could not be read. All indicators of children in care
            need the ends of the episodes besides.
    """

    kpi_id: str
    name: str
    section: str
    unit: Literal["percent", "count", "mean", "rate_per_10000", "external"]
    polarity: Literal["", "H", "L"] = ""
    subject: str = ""
    period: str | dict[str, str]
    cohorts: tuple[Literal["all", "exc_uasc"], ...]
    basis: Literal["paper", "national", "assumed"]
    pid_reference: str = ""
    lead: str
    owner: str
    counts_when: str = ""
    counts_not_when: str = ""
    measure_means: str = ""
    measure_of: str = ""
    of_return: OfReturn
    feed: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    definition: str
    changed: str
    choices: str

    @property
    def is_external(self) -> bool:
        """Whether it is a published statistic."""
        return self.unit == "external"

    def period_in(self, edition: str) -> str | None:
        """The period that an edition prints; none where the YAML does not name the edition."""
        return self.period if isinstance(self.period, str) else self.period.get(edition)


@dataclass(frozen=True)
class Described:
    """An indicator with the file that describes it, and the content of that file."""

    indicator: Indicator
    path: Path
    content: Mapping[str, Any]


def read_indicators(models: Path = DBT_PROJECT / "models") -> list[Described]:
    """Every indicator, in the order in which the newest edition prints them, then the earlier ones.

    Args:
        models: the folder of dbt's models.

    Raises:
        InputError: a YAML file does not say what an indicator is, or says what cannot be.
    """
    found = {d.indicator.kpi_id: d for d in _described(models / "kpi")}
    printed = _printed()
    for described in found.values():
        _check(described, found, printed)
    order = {kpi_id: place for place, kpi_id in enumerate(printed)}
    return sorted(found.values(), key=lambda d: order[d.indicator.kpi_id])


def _described(folder: Path) -> Iterator[Described]:
    for path in sorted(folder.rglob("*.yml")):
        content = read_model_yaml(path)
        meta = content["models"][0].get("config", {}).get("meta", {})
        for kpi_id, facts in meta.get("kpis", {path.stem.removeprefix("kpi_"): meta}).items():
            try:
                indicator = Indicator(kpi_id=kpi_id, **facts)
            except ValidationError as error:
                wrong = "; ".join(
                    f"{'.'.join(map(str, e['loc'])) or 'config.meta'}: {e['msg']}"
                    for e in error.errors()
                )
                raise _wrong(path, kpi_id, wrong, "Mend config.meta of its model") from None
            yield Described(indicator, path, content)


def _wrong(path: Path, kpi_id: str, problem: str, remedy: str) -> InputError:
    file = path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path
    return InputError(f"the KPI {kpi_id}: {problem}", file=str(file), remedy=remedy)


def _printed() -> dict[str, dict[str, str]]:
    """Per KPI the period that each edition prints, in the order of the newest edition first."""
    editions = sorted(seed_rows("editions"), key=lambda row: row["valid_from"], reverse=True)
    lines = sorted(seed_rows("scorecard_editions"), key=lambda row: int(row["position"]))
    found: dict[str, dict[str, str]] = {}
    for edition in editions:
        for line in lines:
            if line["edition"] == edition["edition"]:
                found.setdefault(line["kpi_id"], {})[line["edition"]] = line["period"]
    return found


def _check(
    described: Described, known: Mapping[str, Described], printed: Mapping[str, dict[str, str]]
) -> None:
    """Check what an indicator names elsewhere.

    Raises:
        InputError: no edition prints it, or it names a KPI, table, module or role there is not.
    """
    indicator, path = described.indicator, described.path
    if indicator.kpi_id not in printed:
        problem = "no edition prints it"
        remedy = "Give it a line in seeds/editions/scorecard_editions.csv"
        raise _wrong(path, indicator.kpi_id, problem, remedy)
    for edition, period in printed[indicator.kpi_id].items():
        if indicator.period_in(edition) != period:
            problem = (
                f"its period is {indicator.period_in(edition)}, edition {edition} prints {period}"
            )
            remedy = "Mend period, or the line in seeds/editions/scorecard_editions.csv"
            raise _wrong(path, indicator.kpi_id, problem, remedy)
    owners = {rule.owner for rule in rule_book().rules}
    columns = {f"{t.name}.{c.name}": c for t in contract().tables for c in t.columns}
    optional = {name for name, column in columns.items() if not column.is_needed}
    for what, named, there in (
        ("the KPI", (relation.other for relation in indicator.relations), known),
        ("the table", indicator.feed, {table.name for table in contract().tables}),
        ("the module", indicator.of_return.modules, MODULE_NAMES),
        ("the optional column", indicator.needs, optional),
        ("the column", filter(None, (indicator.measure_of,)), columns),
        ("the owner", (indicator.owner,), owners),
    ):
        for name in named:
            if name not in there:
                problem = f"it names {what} {name}, which is not known"
                raise _wrong(
                    path, indicator.kpi_id, problem, f"Known are {', '.join(sorted(there))}"
                )


def catalogue_rows(indicators: Iterable[Indicator]) -> list[Row]:
    """What each KPI is: a line a KPI of ``kpi_catalogue.csv``."""
    return [
        {
            "kpi_id": i.kpi_id,
            "section": i.section,
            "name": i.name,
            "unit": i.unit,
            "polarity": i.polarity,
            "subject": i.subject,
            "pid_reference": i.pid_reference,
            "exc_uasc_cohort": "yes" if "exc_uasc" in i.cohorts else "no",
            "basis": i.basis,
            **_limits(i.measure_of),
        }
        for i in indicators
    ]


def _limits(measure_of: str) -> Row:
    """The least and the greatest value that a subject of a mean can have; empty if not known."""
    table, _, name = measure_of.partition(".")
    column = contract().table(table).column(name) if name else None
    ends = (column.least, column.greatest) if column else (None, None)
    least, greatest = ("" if end is None else str(end) for end in ends)
    return {"measure_least": least, "measure_greatest": greatest}


def source_rows(indicators: Iterable[Indicator]) -> list[Row]:
    """What each KPI needs of a return: a line a KPI of ``kpi_sources.csv``."""
    return [
        {
            "kpi_id": i.kpi_id,
            "ssda903": "external" if i.is_external else "yes" if i.of_return.modules else "no",
            "modules": " ".join(i.of_return.modules),
            "columns": " ".join(i.of_return.columns),
            "reaches_back_months": str(i.of_return.reaches_back_months),
            "uasc_reaches_back_months": str(i.of_return.uasc_reaches_back_months),
            "month_end": i.of_return.month_end,
            "figure": i.of_return.figure,
            "difference": i.of_return.difference,
            "reason": i.of_return.absent_because,
            "feed": " ".join(i.feed),
            "needs": " ".join(i.needs),
        }
        for i in indicators
    ]


def _definition_rows(indicators: Iterable[Indicator]) -> list[Row]:
    return [
        {
            "kpi_id": i.kpi_id,
            "definition": i.definition,
            "changed": sentence(i.changed),
            "choices": sentence(i.choices),
        }
        for i in indicators
    ]


def _explanation_rows(indicators: Iterable[Indicator]) -> list[Row]:
    return [
        {
            "kpi_id": i.kpi_id,
            "lead_role": i.lead,
            "counts_when": i.counts_when,
            "counts_not_when": i.counts_not_when,
            "measure_means": i.measure_means,
        }
        for i in indicators
    ]


def _relation_rows(indicators: Iterable[Indicator]) -> list[Row]:
    return [
        {
            "kpi_id": i.kpi_id,
            "part": relation.part,
            "relation": relation.kind,
            "other_kpi_id": relation.other,
            "other_part": relation.other_part or relation.part,
            "because": relation.because,
        }
        for i in indicators
        for relation in i.relations
    ]


def sentence(text: str) -> str:
    """A text of the YAML as a sentence."""
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""


def _csv(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def seed_files(indicators: list[Indicator]) -> dict[Path, str]:
    """The seeds that follow from the indicators, by path in the project."""
    seeds = {
        "kpi_catalogue": catalogue_rows(indicators),
        "kpi_definitions": _definition_rows(indicators),
        "kpi_explanations": _explanation_rows(indicators),
        "kpi_sources": source_rows(indicators),
        "kpi_relations": _relation_rows(indicators),
    }
    return {SEEDS_FOLDER / f"{name}.csv": _csv(rows) for name, rows in seeds.items()}


def project_file(indicators: list[Indicator], root: Path = PROJECT_ROOT) -> str:
    """``dbt_project.yml`` with the lists of KPIs that dbt needs before it reads a seed.

    Raises:
        InputError: the file has no place marked for them.
    """
    text = (root / PROJECT_FILE).read_text(encoding="utf-8")
    if not _LISTS.search(text):
        raise InputError(
            "the lists of KPIs have no place",
            file=str(PROJECT_FILE),
            remedy="Put the lines '# Generated by make generate: the KPIs.' and "
            "'# Generated: end.' back into its vars",
        )
    lines: list[str] = []
    for name, comment, chosen in (
        (
            "figure_kpis",
            "a figure computed without subjects",
            [i for i in indicators if i.subject in ("", "aggregate") and not i.is_external],
        ),
        (
            "external_kpis",
            "published statistics: models/kpi/figures/kpi_external_figures.sql",
            [i for i in indicators if i.is_external],
        ),
        (
            "kpis",
            "counted subject by subject",
            [i for i in indicators if i.subject not in ("", "aggregate")],
        ),
    ):
        lines += [f"  # {comment[0].upper()}{comment[1:]}.", f"  {name}:"]
        lines += [f"    - {i.kpi_id}" for i in chosen]
    block = "".join(f"{line}\n" for line in lines)
    return _LISTS.sub(lambda found: found[1] + block + found[2], text)
