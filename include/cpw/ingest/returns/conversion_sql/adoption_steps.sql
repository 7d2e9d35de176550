-- The days from which a child was placed for adoption (A3 to A6), and had a placement order (E1).
-- The order's day is that of the episode, where the legal status changed with it. Where the carer
-- is the one before, the child has been with that carer since the placement began, if the returns
-- show it.
with

before as (
    select
        cla_id,
        decom,
        rne,
        place in ('A3', 'A4', 'A5', 'A6') as is_placed,
        ls = 'E1' as has_order,
        lag(place) over chain in ('A3', 'A4', 'A5', 'A6') as was_placed,
        lag(ls) over chain = 'E1' as had_order
    from episodes
    window chain as (partition by cla_id order by decom)
)

select
    cla_id,
    decom,
    case when is_placed and not coalesce(was_placed, false) then decom end as placed_date,
    case when began.rne in ('S', 'P', 'B') then placed_episodes.placement_start end as carer_since,
    case
        when has_order and not coalesce(had_order, false) and before.rne in ('S', 'L', 'B', 'U')
            then decom
    end as order_date
from before
inner join placed_episodes using (cla_id, decom)
inner join placed_episodes as began
    on before.cla_id = began.cla_id and placed_episodes.placement_start = began.decom
where
    (is_placed and not coalesce(was_placed, false))
    or (has_order and not coalesce(had_order, false))
