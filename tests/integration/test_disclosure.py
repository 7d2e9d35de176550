"""What has to be withheld of cells: each rule by hand, then random tables against a reader."""

from __future__ import annotations

import random

import pytest

from cpw.reports.disclosure.known_facts import CellCount, KnownFacts
from cpw.reports.disclosure.suppression import suppress
from support.disclosure_attack import Reader


def add_up(facts: KnownFacts, whole: str, parts: list[str]) -> None:
    """The cells of ``parts`` add up to ``whole``, place by place."""
    for place in range(len(facts.counts(whole))):
        facts.add_total(CellCount(whole, place), [CellCount(part, place) for part in parts])


def lie_within(facts: KnownFacts, part: str, whole: str) -> None:
    """One cell lies within another: their differences are counts, place by place."""
    for place in range(len(facts.counts(whole))):
        facts.add_difference(CellCount(part, place), CellCount(whole, place))


def hidden_of(whole: int | None, **parts: int) -> set[str]:
    """What is hidden of parts that make up a whole."""
    facts = KnownFacts()
    for name, count in parts.items():
        facts.add_cell(name, count)
    if whole is not None:
        facts.add_cell("whole", whole, rank=1)
        add_up(facts, "whole", list(parts))
    return {str(key) for key in suppress(facts).hidden}


@pytest.mark.parametrize(
    ("count", "is_hidden"), [(0, False), (1, True), (4, True), (5, False), (100, False)]
)
def test_counts_from_1_to_4_are_hidden(count: int, is_hidden: bool) -> None:
    assert hidden_of(None, a=count) == ({"a"} if is_hidden else set())


def test_every_count_of_a_cell_is_asked() -> None:
    facts = KnownFacts()
    facts.add_cell("nearly all", 97, 3)
    facts.add_cell("all", 100, 0)
    facts.add_cell("some", 50, 50)
    assert set(suppress(facts).hidden) == {"nearly all"}


def test_second_part_is_hidden_the_smallest_that_is_enough() -> None:
    assert hidden_of(100, a=3, b=40, c=7, d=50, e=0) == {"a", "c"}


def test_two_small_parts_of_5_together_protect_each_other() -> None:
    assert hidden_of(55, a=3, b=2, c=50) == {"a", "b"}


def test_two_small_parts_of_4_together_need_a_third() -> None:
    assert hidden_of(54, a=3, b=1, c=50, d=0) == {"a", "b", "c"}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert hidden_of(60, a=5, b=0, c=55) == set()


def test_small_whole_hides_its_part() -> None:
    assert hidden_of(4, a=4, b=0) == {"whole", "a"}


def test_every_place_of_a_cell_is_protected() -> None:
    """A second part that protects the first count and not the second is not enough."""
    facts = KnownFacts()
    facts.add_cell("whole", 120, 103, rank=1)
    for name, counts in {"a": (10, 3), "b": (20, 0), "c": (90, 100)}.items():
        facts.add_cell(name, *counts)
    add_up(facts, "whole", ["a", "b", "c"])
    assert set(suppress(facts).hidden) == {"a", "c"}


def test_part_of_a_part_is_protected_all_the_way_up() -> None:
    facts = KnownFacts()
    for name, count, rank in (("whole", 50, 2), ("north", 20, 1), ("south", 30, 1)):
        facts.add_cell(name, count, rank=rank)
    for name, count in (("n1", 3), ("n2", 17), ("s1", 10), ("s2", 20)):
        facts.add_cell(name, count)
    add_up(facts, "whole", ["north", "south"])
    add_up(facts, "north", ["n1", "n2"])
    add_up(facts, "south", ["s1", "s2"])
    assert set(suppress(facts).hidden) == {"n1", "n2"}


def test_only_part_of_a_kind_hides_its_whole_and_a_part_beside_that() -> None:
    facts = KnownFacts()
    for name, count in (("whole", 50), ("north", 8), ("south", 42), ("n1", 3), ("n2", 5)):
        facts.add_cell(name, count, rank=int(name in ("whole",)))
    add_up(facts, "whole", ["north", "south"])
    add_up(facts, "north", ["n1", "n2"])
    facts.add_cell("elsewhere", 5)
    facts.add_same(CellCount("elsewhere"), CellCount("n2"))
    assert {"n1", "n2", "elsewhere"} <= set(suppress(facts).hidden)


@pytest.mark.parametrize(
    ("inner", "is_hidden"), [(100, False), (99, True), (96, True), (95, False), (0, False)]
)
def test_difference_of_one_count_within_another_is_a_count(inner: int, is_hidden: bool) -> None:
    facts = KnownFacts()
    facts.add_cell("outer", 100, rank=1)
    facts.add_cell("inner", inner)
    lie_within(facts, "inner", "outer")
    assert set(suppress(facts).hidden) == ({"inner"} if is_hidden else set())


def test_what_parts_leave_over_is_a_count() -> None:
    assert hidden_of(100, a=60, b=37) == {"a"} or hidden_of(100, a=60, b=37) == {"b"}
    assert hidden_of(100, a=60, b=35) == set()


def test_parts_that_overlap_say_nothing_of_each_other() -> None:
    assert hidden_of(50, a=3, b=30, c=20) == {"a"}


def test_what_stands_as_shown_is_not_hidden_and_what_it_tells_is_said() -> None:
    facts = KnownFacts()
    facts.add_cell("last month", 20, status="shown")
    facts.add_cell("this month", 22, status="shown")
    lie_within(facts, "last month", "this month")
    suppression = suppress(facts)
    assert not suppression.hidden
    assert len(suppression.exposed) == 1


def test_a_reader_finds_what_is_left_alone() -> None:
    """The attack itself: without a second hidden part it finds the first."""
    reader = Reader()
    for name, number, shown in (("whole", 10, 10), ("a", 3, None), ("b", 7, 7)):
        reader.see(name, number, shown)
    reader.add_up("whole", ["a", "b"])
    assert reader.found() == {"a": (3, 3)}


@pytest.mark.parametrize("seed", range(200))
def test_reader_learns_nothing_of_random_tables(seed: int) -> None:
    chance = random.Random(seed)
    facts, reader = KnownFacts(), Reader()
    numbers, sums, insides = _random_tables(chance)
    for name, counts in numbers.items():
        facts.add_cell(name, *counts, rank=len(sums.get(name, ())))
    for whole, parts in sums.items():
        add_up(facts, whole, parts)
    for part, whole in insides:
        lie_within(facts, part, whole)
    suppression = suppress(facts)
    assert not suppression.exposed
    for name, counts in numbers.items():
        for place, count in enumerate(counts):
            reader.see((name, place), count, None if name in suppression.hidden else count)
    for place in range(2):
        for whole, parts in sums.items():
            reader.add_up((whole, place), [(part, place) for part in parts])
        for part, whole in insides:
            reader.take_away((whole, place), (part, place))
    assert reader.found() == {}


Tables = tuple[dict[str, tuple[int, ...]], dict[str, list[str]], list[tuple[str, str]]]


def _random_tables(chance: random.Random) -> Tables:
    """A table of two ways, its margins, and a table of some of its people."""
    numbers: dict[str, tuple[int, ...]] = {}
    rows, columns = range(chance.randint(1, 3)), range(chance.randint(2, 3))
    for row in rows:
        for column in columns:
            counts = [chance.choice((0, 0, 1, 2, 3, 4, 5, 6, 9, 30, 200)) for _ in range(2)]
            numbers[f"{row} {column}"] = tuple(counts)
            numbers[f"some {row} {column}"] = tuple(
                max(0, c - chance.choice((0, 2, 7))) for c in counts
            )
    sums: dict[str, list[str]] = {}
    for kind in ("", "some "):
        for row in rows:
            sums[f"{kind}{row}"] = [f"{kind}{row} {column}" for column in columns]
        for column in columns:
            sums[f"{kind}column {column}"] = [f"{kind}{row} {column}" for row in rows]
        sums[f"{kind}all"] = [f"{kind}{row}" for row in rows]
    for whole, parts in sums.items():
        pairs = [numbers[part] for part in parts]
        numbers[whole] = tuple(sum(pair[place] for pair in pairs) for place in range(2))
    names = [name for name in numbers if not name.startswith("some ")]
    return numbers, sums, [(f"some {name}", name) for name in names]
