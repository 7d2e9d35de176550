"""Loading again: the same bytes, other bytes, another month, and two loads at once."""

from __future__ import annotations

from cpw.core.locks import hold
from cpw.core.partition import Partition
from cpw_synthetic import synthesise
from support.warehouse import JUNE, Warehouse

HEALTH = "ssd_cla_health"


class TestLoadVersions:
    def test_same_bytes_change_nothing(self, warehouse: Warehouse) -> None:
        assert warehouse.load("health").exit_code == 0
        before = {p: p.stat().st_mtime_ns for p in warehouse.home.lake.rglob("*.parquet")}
        result = warehouse.load("health")
        assert result.exit_code == 0
        assert "unchanged" in result.output
        assert {p: p.stat().st_mtime_ns for p in warehouse.home.lake.rglob("*.parquet")} == before

    def test_other_bytes_make_a_new_version_and_the_audit_keeps_the_old(
        self, warehouse: Warehouse
    ) -> None:
        warehouse.load("health")
        warehouse.change(HEALTH, lambda rows: rows.pop())
        assert "load version 2" in warehouse.load("health").output
        from cpw.core import audit

        registered = audit.events(warehouse.home, JUNE, event="extract_registered", feed="health")
        assert [event["load_version"] for event in registered] == [1, 2]
        first, second = ({f["table"]: f["sha256"] for f in e["files"]} for e in registered)
        assert first[HEALTH] != second[HEALTH]
        assert first["ssd_sdq_scores"] == second["ssd_sdq_scores"]

    def test_two_loads_of_one_month_at_once(self, warehouse: Warehouse) -> None:
        import subprocess
        import sys

        holder = (
            "import sys; from cpw.core.home import Home; from cpw.core.locks import hold\n"
            "with hold(Home.from_environment(), '886/2018-06/health'):\n"
            "    print('held', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", holder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdout is not None
            assert other.stdin is not None
            assert other.stdout.readline().strip() == "held"
            result = warehouse.load()
            other.stdin.close()
        assert result.exit_code == 2
        assert f"being loaded by process {other.pid}" in result.output
        assert not warehouse.home.lake.exists()

    def test_a_lock_is_free_again_after_its_holder(self, warehouse: Warehouse) -> None:
        with hold(warehouse.home, "886/2018-06/health"):
            pass
        assert warehouse.load("health").exit_code == 0


def test_extract_that_is_late_in_one_feed_is_no_other_months(warehouse: Warehouse) -> None:
    """The month before, in its own folder, loads beside."""
    synthesise(Partition.of("886", "2018-05"), children=40, seed=7, out=warehouse.home.landing)
    assert warehouse.load("health", month="2018-05").exit_code == 0
    assert warehouse.load("health").exit_code == 0
