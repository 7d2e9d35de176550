"""One month of forty children through ``cpw load``: the shortest way through every stage."""

from __future__ import annotations

import duckdb

from support.warehouse import Warehouse


def test_a_month_goes_from_the_landing_zone_to_the_publication(warehouse: Warehouse) -> None:
    loaded = warehouse.load()
    assert loaded.exit_code == 0, loaded.output
    assert "Published 886/2018-06, version 1; 0 rows quarantined." in loaded.output
    with duckdb.connect(str(warehouse.home.published_database), read_only=True) as connection:
        in_care = connection.execute(
            "select numerator from marts.kpi_result "
            "where kpi_id = 'number_of_cic' and cohort = 'all' and month = '2018-06'"
        ).fetchall()
    assert in_care == [(40,)]
