-- The ids of the persons whom the marts show and the table of keys lacks.
select
    subject_id,
    source_id
from key_of
where
    subject_type = 'child'
    and subject_id in (
        select child_key from built.marts.kpi_subject
        union
        select child_key from built.marts.work_list
        union
        select child_key from built.marts.dq_failure
    )
    and subject_id not in (select child_key from person_key)
