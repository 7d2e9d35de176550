-- Each indicator of a month with its line of the scorecard, its figures and their quality.
select
    k.*,
    s.position,
    s.label,
    s.period as printed_period,
    s.result,
    s.rag,
    s.previous_result,
    s.previous_rag,
    s.direction,
    s.outturn_result,
    s.outturn_rag,
    s.national_result,
    s.national_basis,
    s.note,
    coalesce(r.status, 'no_source') as status,
    r.numerator,
    r.denominator,
    r.shown,
    r.rag as figure_rag,
    x.kpi_id as exc_kpi_id,
    x.status as exc_status,
    x.numerator as exc_numerator,
    x.denominator as exc_denominator,
    x.shown as exc_shown,
    x.rag as exc_rag,
    q.subjects,
    q.subjects_with_failures,
    q.failures,
    q.rules,
    q.worst,
    q.best,
    q.worst_rag,
    q.best_rag
from marts.dim_kpi as k
left join marts.scorecard as s using (authority, month, kpi_id)
left join marts.kpi_result as r
    on
        k.authority = r.authority and k.month = r.month and k.kpi_id = r.kpi_id
        and r.cohort = 'all'
left join marts.kpi_result as x
    on
        k.authority = x.authority and k.month = x.month and k.kpi_id = x.kpi_id
        and x.cohort = 'exc_uasc'
left join marts.kpi_data_quality as q
    on
        k.authority = q.authority and k.month = q.month and k.kpi_id = q.kpi_id
        and q.cohort = 'all'
where k.authority = $authority and k.month = $month
order by s.position nulls last, k.section, k.kpi_id
