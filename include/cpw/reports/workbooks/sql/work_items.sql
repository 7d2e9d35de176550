-- What is overdue or falls due, with the ids of the case system.
select
    w.kpi_id,
    w.task,
    p.person_id,
    k.source_id,
    w.due_date,
    w.working_days_left,
    w.due_within,
    w.area,
    w.team,
    w.age
from marts.work_list as w
left join restricted_keys.main.person_key as p using (child_key)
left join restricted_keys.main.subject_key as k using (subject_type, subject_id)
where w.authority = $authority and w.month = $month
order by w.due_within <> 'overdue', w.due_date, w.kpi_id, p.person_id, k.source_id
