-- The computed figures of a month and the months before it, and whether the scorecard prints them.
select
    r.month,
    r.kpi_id,
    r.cohort,
    k.unit,
    k.subject,
    cast(r.numerator as double) as numerator,
    cast(r.denominator as double) as denominator,
    s.kpi_id is not null as is_printed
from marts.kpi_result as r
inner join marts.dim_kpi as k using (authority, month, kpi_id)
left join marts.scorecard as s using (authority, month, kpi_id)
where r.authority = $authority and r.month <= $month and r.status = 'computed'
order by r.month, r.kpi_id, r.cohort
