-- Each indicator and cohort, with the status and figure of both sources.
select
    kpi_id,
    cohort,
    own.status as extract_status,
    other.status as ssda903_status,
    cast(own.shown as double) as extract_shown,
    cast(other.shown as double) as ssda903_shown
from extract_marts.marts.kpi_result as own
full join ssda903_marts.marts.kpi_result as other using (kpi_id, cohort)
