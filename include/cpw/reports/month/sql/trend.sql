-- The figures of the published months up to a month.
select
    month,
    kpi_id,
    cohort,
    numerator,
    denominator,
    shown,
    rag
from marts.kpi_result
where authority = $authority and month between $first and $month and shown is not null
order by month
