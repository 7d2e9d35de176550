with

changed as (
    select
        *,
        not follows or (ls is distinct from lag(ls) over (partition by cla_id order by decom))
            as is_change
    from episodes
),

dated as (
    select
        *,
        max(case when is_change then decom end) over (partition by cla_id order by decom)
            as start_date
    from changed
)

select
    dated_id(child, 'L', start_date) as lega_legal_status_id,
    child as lega_person_id,
    ls as lega_legal_status,
    start_date as lega_legal_status_start_date,
    dec as lega_legal_status_end_date
from dated
qualify row_number() over (partition by cla_id, start_date order by decom desc) = 1
