"""Which indicators count some of whom another counts, and what follows for their cells.

``seeds/indicators/kpi_relations.csv`` says it of the indicators; it holds of their figures with and
without UASC, and of the groups of their breakdowns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from cpw.core.paths import seed_rows
from cpw.reports.disclosure.suppression import Count, Key, Registry

NUMBER_OF_CIC = "number_of_cic"
_WITHOUT_UASC = "_exc_uasc"

SUBJECTS = 2
_PLACES = {"numerator": 0, "remainder": 1, "subjects": SUBJECTS}
Part = tuple[str, str]
"""An indicator, and which of its people."""
KeyOf = Callable[[str, str], Key]
"""The cell of an indicator and cohort."""

_MORE = (
    ("cic_per_10000", "subjects", "equal", NUMBER_OF_CIC, "subjects"),
    ("average_caseload_iro", "subjects", "equal", NUMBER_OF_CIC, "subjects"),
    ("average_caseload_social_worker", "subjects", "within", NUMBER_OF_CIC, "subjects"),
    ("residential_placements_exc_uasc", "subjects", "equal", NUMBER_OF_CIC, "subjects"),
)
"""Of what has no subjects of its own, or where the seed says less than the definition."""


def relate(registry: Registry, key: KeyOf, cohort: str) -> None:
    """Register which of the indicators' cells hold the same people, or some of another's."""
    counts = {part: _count(registry, key, part, cohort) for part in _known(cohort)}
    classes, pairs = _closed(cohort)
    for members in classes:
        found = _present(members, counts)
        for other in found[1:]:
            registry.same(found[0], other)
    for inner, outer in pairs:
        part, whole = _present(classes[inner], counts), _present(classes[outer], counts)
        if part and whole:
            registry.apart(part[0], whole[0])


def _present(members: Iterable[Part], counts: Mapping[Part, Count | None]) -> list[Count]:
    return [count for member in members if (count := counts[member])]


def _count(registry: Registry, key: KeyOf, part: Part, cohort: str) -> Count | None:
    """Where an indicator holds people; one that is without UASC in any case has one cohort."""
    kpi_id, whom = part
    cell = key(kpi_id, "all" if kpi_id.endswith(_WITHOUT_UASC) and cohort != "UASC" else cohort)
    if cell not in registry:
        return None
    if len(registry.counts(cell)) == len(_PLACES):
        return Count(cell, _PLACES[whom])
    return Count(cell) if whom == "subjects" else None


@cache
def _relations(cohort: str) -> tuple[tuple[Part, bool, Part], ...]:
    """Who lies within whom, and whether they are the same, in a cohort."""
    found: list[tuple[Part, bool, Part]] = []
    for kpi_id, part, relation, other, other_part in _declared():
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


def _declared() -> Iterable[tuple[str, ...]]:
    for row in seed_rows("kpi_relations"):
        yield tuple(
            row[name] for name in ("kpi_id", "part", "relation", "other_kpi_id", "other_part")
        )
    yield from _MORE


@cache
def _known(cohort: str) -> tuple[Part, ...]:
    return tuple(dict.fromkeys(p for one, _, other in _relations(cohort) for p in (one, other)))


@cache
def _closed(cohort: str) -> tuple[tuple[tuple[Part, ...], ...], tuple[tuple[int, int], ...]]:
    """The classes of the same people, and which of them lie within which, however far."""
    beyond: dict[Part, set[Part]] = defaultdict(set)
    for one, is_same, other in _relations(cohort):
        beyond[one].add(other)
        if is_same:
            beyond[other].add(one)
    reach = {part: _reached(part, beyond) for part in _known(cohort)}
    classes: dict[Part, tuple[Part, ...]] = {}
    for part in _known(cohort):
        members = tuple(p for p in _known(cohort) if p in reach[part] and part in reach[p])
        classes[members[0]] = members
    heads = list(classes)
    pairs = tuple(
        (heads.index(inner), heads.index(outer))
        for inner in heads
        for outer in heads
        if inner != outer and outer in reach[inner]
    )
    return tuple(classes.values()), pairs


def _reached(part: Part, beyond: Mapping[Part, set[Part]]) -> set[Part]:
    reached = [part]
    for near in reached:
        reached += [p for p in sorted(beyond.get(near, ())) if p not in reached]
    return set(reached)
