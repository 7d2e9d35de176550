-- The published figures that open failures affect, with the best and the worst case.
select
    q.*,
    r.rag,
    k.name,
    k.section,
    k.unit,
    k.polarity
from published.marts.kpi_data_quality as q
inner join published.marts.kpi_result as r using (authority, month, kpi_id, cohort)
inner join published.marts.dim_kpi as k using (authority, month, kpi_id)
where
    authority = $authority and month = $month
    and q.failures > 0 and q.cohort = 'all'
order by
    coalesce(q.best_rag <> q.worst_rag, false) desc,
    coalesce(abs(q.best - q.worst), 0) desc, q.kpi_id
