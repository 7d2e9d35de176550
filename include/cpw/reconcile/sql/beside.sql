-- The subjects of the two sources in pairs.
select
    row_number() over (
        order by
            coalesce(own.kpi_id, other.kpi_id), coalesce(own.cohort, other.cohort),
            coalesce(own.known_by, other.known_by), coalesce(own.day, other.day)
    ) as no,
    coalesce(own.kpi_id, other.kpi_id) as kpi_id,
    coalesce(own.cohort, other.cohort) as cohort,
    coalesce(own.subject_type, other.subject_type) as subject_type,
    coalesce(own.person_id, other.person_id) as person_id,
    case when other.id is null then 'extract' when own.id is null then 'ssda903' else 'both' end
        as in_source,
    own.answer as extract_answer,
    other.answer as ssda903_answer
from same_subject
left join subject as own on same_subject.extract_id = own.id
left join subject as other on same_subject.ssda903_id = other.id
