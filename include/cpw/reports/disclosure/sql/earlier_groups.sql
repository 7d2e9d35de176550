-- The groups of some indicators in the months before a month.
select
    kpi_id,
    dimension,
    dimension_value,
    month,
    cast(numerator as double) as numerator,
    cast(denominator as double) as denominator
from marts.kpi_breakdown
where
    authority = $authority and month < $month and cohort = 'all'
    and list_contains($kpi_ids, kpi_id)
order by month, kpi_id, dimension, dimension_value
