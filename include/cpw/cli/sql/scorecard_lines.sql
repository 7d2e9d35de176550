-- The lines of a month's scorecard, with the best and the worst case.
select
    s.section,
    s.label,
    s.polarity,
    s.period,
    s.result,
    s.rag,
    s.numerator,
    s.denominator,
    s.target,
    s.previous_result,
    s.previous_rag,
    s.direction,
    s.outturn_result,
    s.outturn_rag,
    s.national_result,
    s.national_basis,
    s.edition,
    s.note,
    k.unit,
    q.worst,
    q.best,
    {{ definition_note }},
    {{ no_source_reason }},
    {{ old_reference }}
from marts.scorecard as s
inner join marts.dim_kpi as k using (authority, month, kpi_id)
left join {{ table }} as q
    on
        s.authority = q.authority and s.month = q.month and s.kpi_id = q.kpi_id
        and q.cohort = 'all'
where s.authority = $authority and s.month = $month
order by s.position
