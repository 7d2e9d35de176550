-- The ids of the same thing in the two sources; one of them is null where there is no partner.
with numbered as (
    select
        *,
        row_number() over (partition by side, {{ keys }}, about order by id) as place
    from {{ things }}
),

same as (
    select
        own.id as extract_id,
        other.id as ssda903_id
    from numbered as own
    inner join numbered as other
        on
            {{ condition }}
            and own.about is not distinct from other.about and own.place = other.place
    where own.side = 'extract' and other.side = 'ssda903'
),

left_over as (
    select
        *,
        row_number() over (
            partition by side, {{ keys }} order by day desc nulls last, id asc
        ) as rank
    from {{ things }}
    where
        is_known
        and id not in (
            select extract_id from same
            union all
            select ssda903_id from same
        )
),

of_extract as (
    select * from left_over
    where side = 'extract'
),

of_return as (
    select * from left_over
    where side = 'ssda903'
)

select * from same
union all
select
    own.id as extract_id,
    other.id as ssda903_id
from of_extract as own
full join of_return as other
    on {{ condition }} and own.rank = other.rank
