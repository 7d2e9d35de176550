"""How a set is built and published when some of it fails; the stages are stand-ins."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from cpw.core.errors import BuildError, GateBlockedError
from cpw.core.home import Home
from cpw.core.partition import Partition
from cpw.pipeline import load_set
from cpw.pipeline.load import LoadSummary
from cpw.warehouse.publication import Publication

APRIL, MAY, JUNE = (Partition.of("886", month) for month in ("2018-04", "2018-05", "2018-06"))
MEDWAY = Partition.of("887", "2018-05")


@dataclass
class Stages:
    """Stages that do nothing but note what they were asked for, and fail where they should."""

    stopped_by_gate: set[Partition] = field(default_factory=set)
    dbt_fails_on: set[Partition] = field(default_factory=set)
    built: list[list[Partition]] = field(default_factory=list)
    published: list[list[Partition]] = field(default_factory=list)

    def build_marts(self, home: Home, *partitions: Partition) -> None:
        self.built.append(list(partitions))
        if self.dbt_fails_on & set(partitions):
            raise BuildError("a model failed")

    def gate_marts(self, home: Home, partition: Partition) -> None:
        if partition in self.stopped_by_gate:
            raise GateBlockedError(f"the marts of {partition} are stopped")

    def publish(self, home: Home, *partitions: Partition) -> dict[Partition, Publication]:
        self.published.append(list(partitions))
        return {p: Publication(3, changed=True) for p in partitions}

    def publish_month(
        self, home: Home, partition: Partition, console: Console, summary: LoadSummary
    ) -> None:
        self.build_marts(home, partition)
        self.gate_marts(home, partition)
        self.publish(home, partition)
        summary.publication_version, summary.changed = 1, True


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    made = Stages()
    for name in ("build_marts", "gate_marts", "publish"):
        monkeypatch.setattr(load_set.stages, name, getattr(made, name))
    monkeypatch.setattr(load_set, "publish_month", made.publish_month)
    return made


def run(*partitions: Partition) -> dict[Partition, tuple[str | None, str | None]]:
    home, console = Home.from_environment(), Console(quiet=True)
    return {
        one.partition: (one.state, one.why)
        for one in load_set.build_and_publish(home, partitions, console)
    }


def test_all_are_built_in_one_go_and_published_at_once(stages: Stages) -> None:
    ended = run(JUNE, MEDWAY, MAY)
    assert set(ended.values()) == {("published", None)}
    assert stages.built == [[MAY, JUNE, MEDWAY]]
    assert stages.published == [[MAY, JUNE, MEDWAY]]


def test_month_stopped_by_the_marts_gate_is_left_out_of_the_later_months(stages: Stages) -> None:
    stages.stopped_by_gate = {MAY}
    ended = run(APRIL, MAY, JUNE, MEDWAY)
    assert ended[MAY] == ("stopped", "the marts of 886/2018-05 are stopped")
    assert {ended[p][0] for p in (APRIL, JUNE, MEDWAY)} == {"published"}
    # June was compared with May, so it is built again; the other authority is not
    assert stages.built == [[APRIL, MAY, JUNE, MEDWAY], [APRIL, JUNE]]
    assert stages.published == [[APRIL, JUNE, MEDWAY]]


def test_nothing_is_built_again_if_no_later_month_was_compared_with_it(stages: Stages) -> None:
    stages.stopped_by_gate = {JUNE}
    assert run(MAY, JUNE, MEDWAY)[JUNE][0] == "stopped"
    assert stages.built == [[MAY, JUNE, MEDWAY]]
    assert stages.published == [[MAY, MEDWAY]]


def test_all_stopped_publishes_nothing(stages: Stages) -> None:
    stages.stopped_by_gate = {MAY, JUNE}
    assert {state for state, _ in run(MAY, JUNE).values()} == {"stopped"}
    assert stages.published == []


def test_models_that_fail_on_one_partition_do_not_stop_the_others(stages: Stages) -> None:
    stages.dbt_fails_on = {MAY}
    ended = run(MAY, JUNE, MEDWAY)
    assert ended[MAY] == ("stopped", "a model failed")
    assert ended[JUNE][0] == ended[MEDWAY][0] == "published"
    assert stages.built == [[MAY, JUNE, MEDWAY], [MAY], [JUNE], [MEDWAY]]
    assert stages.published == [[JUNE], [MEDWAY]]


def test_models_that_fail_on_a_partition_alone_stop_it(stages: Stages) -> None:
    stages.dbt_fails_on = {MAY}
    assert run(MAY) == {MAY: ("stopped", "a model failed")}
    assert stages.built == [[MAY]]
    assert stages.published == []


def test_summary_names_each_partition_with_its_state_and_why_it_is_stopped() -> None:
    shown = io.StringIO()
    loaded = [load_set.Loaded(MAY, "published", 2, rows_in=1200), load_set.Loaded(JUNE)]
    loaded[1].add(load_set.Taken(rows_refused=1, refusals=("ssd_person: 1 row",), stopped="A [b]."))
    load_set.print_set(loaded, Console(file=shown, width=200))
    text = shown.getvalue()
    assert "886/2018-06 is stopped. A [b]." in text
    assert "886/2018-06 quarantined ssd_person: 1 row" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["886/2018-05", "published", "2", "1,200", "0"] in lines
    assert ["886/2018-06", "stopped", "0", "1"] in lines
