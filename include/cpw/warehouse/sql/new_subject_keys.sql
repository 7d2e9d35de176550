-- The ids of the subjects that the marts show and the table of keys lacks.
select
    subject_type,
    subject_id,
    source_id
from key_of
where
    (subject_type, subject_id) in (
        select (subject_type, subject_id) from built.marts.kpi_subject
        union
        select (subject_type, subject_id) from built.marts.work_list
    )
    and (subject_type, subject_id) not in (select (subject_type, subject_id) from subject_key)
