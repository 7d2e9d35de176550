-- The subjects of indicators, with the ids of the case system.
select
    s.kpi_id,
    p.person_id,
    k.source_id,
    s.in_numerator,
    s.measure::double,
    s.weight::double,
    case when s.is_uasc then 'yes' when not s.is_uasc then 'no' end as uasc,
    s.sex,
    s.age,
    s.area,
    s.team,
    s.placement_group,
    s.legal_status_group
from marts.kpi_subject as s
left join restricted_keys.main.person_key as p using (child_key)
left join restricted_keys.main.subject_key as k using (subject_type, subject_id)
where s.authority = $authority and s.month = $month and list_contains($kpi_ids, s.kpi_id)
order by list_position($kpi_ids, s.kpi_id), s.in_numerator, p.person_id, k.source_id
