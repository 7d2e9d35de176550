"""Which indicators count people whom another indicator counts too.

``seeds/indicators/kpi_relations.csv`` states the relations between indicators. They are true of
their figures with and without UASC, and of each group of their breakdowns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from cpw.core.paths import seed_rows
from cpw.reports.disclosure.known_facts import CellCount, CellKey, KnownFacts

NUMBER_OF_CIC = "number_of_cic"
_WITHOUT_UASC = "_exc_uasc"

SUBJECTS = 2
"""The place of the denominator among the counts of a percentage."""
_PLACES = {"numerator": 0, "remainder": 1, "subjects": SUBJECTS}

Part = tuple[str, str]
"""An indicator and a part of its people: ``numerator``, ``remainder`` or ``subjects``."""

CellOf = Callable[[str, str], CellKey]
"""Returns the cell of an indicator (by its id) and a cohort."""

_FURTHER_RELATIONS = (
    ("cic_per_10000", "subjects", "equal", NUMBER_OF_CIC, "subjects"),
    ("average_caseload_iro", "subjects", "equal", NUMBER_OF_CIC, "subjects"),
    ("average_caseload_social_worker", "subjects", "within", NUMBER_OF_CIC, "subjects"),
    ("residential_placements_exc_uasc", "subjects", "equal", NUMBER_OF_CIC, "subjects"),
)
"""Relations of indicators without rows of subjects, and one that the seed states as ``within``."""


def add_relations(facts: KnownFacts, cell_of: CellOf, cohort: str) -> None:
    """Add which cells count the same people, and which count some of the people of another.

    Args:
        facts: where to add them; indicators without a cell there are left out.
        cell_of: finds an indicator's cell.
        cohort: ``all``, ``exc_uasc`` or ``UASC``.
    """
    counts = {part: _count(facts, cell_of, part, cohort) for part in _parts(cohort)}
    classes, pairs = _classes(cohort)
    for members in classes:
        found = _present(members, counts)
        for other in found[1:]:
            facts.add_same(found[0], other)
    for inner, outer in pairs:
        some, whole = _present(classes[inner], counts), _present(classes[outer], counts)
        if some and whole:
            facts.add_difference(some[0], whole[0])


def _present(members: Iterable[Part], counts: Mapping[Part, CellCount | None]) -> list[CellCount]:
    return [count for member in members if (count := counts[member])]


def _count(facts: KnownFacts, cell_of: CellOf, part: Part, cohort: str) -> CellCount | None:
    """The count that shows a part of an indicator's people; None where no cell does.

    An indicator that never counts UASC has its figure in the cohort ``all`` alone.
    """
    kpi_id, whom = part
    has_one_cohort = kpi_id.endswith(_WITHOUT_UASC) and cohort != "UASC"
    cell = cell_of(kpi_id, "all" if has_one_cohort else cohort)
    if cell not in facts:
        return None
    if len(facts.counts(cell)) == len(_PLACES):
        return CellCount(cell, _PLACES[whom])
    return CellCount(cell) if whom == "subjects" else None


@cache
def _relations(cohort: str) -> tuple[tuple[Part, bool, Part], ...]:
    """The relations in a cohort: a part, whether it is the same people as another, the other part.

    Where they are not the same people, the first part is some of the other's.
    """
    found: list[tuple[Part, bool, Part]] = []
    for kpi_id, part, relation, other, other_part in _stated():
        if relation == "exc_uasc_of":
            for whom in _PLACES:
                found.append(((kpi_id, whom), cohort == "exc_uasc", (other, whom)))
            continue
        without, other_without = (i.endswith(_WITHOUT_UASC) for i in (kpi_id, other))
        if cohort != "exc_uasc" and other_without and not without:
            continue
        is_same = relation == "equal" and (cohort == "exc_uasc" or without == other_without)
        if part in _PLACES and other_part in _PLACES:
            found.append(((kpi_id, part), is_same, (other, other_part)))
    return tuple(found)


def _stated() -> Iterable[tuple[str, ...]]:
    for row in seed_rows("kpi_relations"):
        yield tuple(
            row[name] for name in ("kpi_id", "part", "relation", "other_kpi_id", "other_part")
        )
    yield from _FURTHER_RELATIONS


@cache
def _parts(cohort: str) -> tuple[Part, ...]:
    return tuple(dict.fromkeys(p for one, _, other in _relations(cohort) for p in (one, other)))


@cache
def _classes(cohort: str) -> tuple[tuple[tuple[Part, ...], ...], tuple[tuple[int, int], ...]]:
    """Classes of parts that are the same people, and pairs of classes.

    The first class of a pair is some of the people of the second, directly or through others.
    """
    wider: dict[Part, set[Part]] = defaultdict(set)
    for one, is_same, other in _relations(cohort):
        wider[one].add(other)
        if is_same:
            wider[other].add(one)
    reach = {part: _reached(part, wider) for part in _parts(cohort)}
    classes: dict[Part, tuple[Part, ...]] = {}
    for part in _parts(cohort):
        members = tuple(p for p in _parts(cohort) if p in reach[part] and part in reach[p])
        classes[members[0]] = members
    heads = list(classes)
    pairs = tuple(
        (heads.index(inner), heads.index(outer))
        for inner in heads
        for outer in heads
        if inner != outer and outer in reach[inner]
    )
    return tuple(classes.values()), pairs


def _reached(part: Part, wider: Mapping[Part, set[Part]]) -> set[Part]:
    """A part, and all parts that include its people, however many steps away."""
    reached = [part]
    for near in reached:
        reached += [p for p in sorted(wider.get(near, ())) if p not in reached]
    return set(reached)
