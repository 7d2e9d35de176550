-- Who the indicators of a source ask about, with the source's own ids and the day.
with days as ({{ days }})

select
    '{{ side }}' as side,
    own.kpi_id,
    own.subject_type,
    own.in_numerator,
    cast(own.measure as double) as measure,
    own.is_uasc,
    own_key.source_id,
    child_key.source_id as person_id,
    days.day
from {{ side }}_marts.marts.kpi_subject as own
left join {{ side }}.subject_key as own_key
    on own.subject_type = own_key.subject_type and own.subject_id = own_key.subject_id
left join {{ side }}.subject_key as child_key
    on child_key.subject_type = 'child' and own.child_key = child_key.subject_id
left join days
    on own.subject_type = days.subject_type and own_key.source_id = days.source_id
