-- A worker without an end is taken to end where the child's next one begins. Those that begin on
-- one day are numbered.
with

followed as (
    select
        *,
        lead(sw_decom) over (partition by child order by sw_decom, sw_dec nulls last) as next_start,
        row_number() over (partition by child, sw_decom order by sw_dec nulls last, sw_id)
            as number
    from latest_sw_episodes
)

select
    dated_id(child, 'W', sw_decom) || case when number > 1 then '-' || number else '' end
        as invo_involvements_id,
    sw_id as invo_professional_id,
    'Allocated Case Worker' as invo_professional_role_id,
    child as invo_person_id,
    sw_decom as invo_involvement_start_date,
    coalesce(sw_dec, case when next_start > sw_decom then next_start end)
        as invo_involvement_end_date,
    sw_reason as invo_worker_change_reason
from followed
where sw_decom <= getvariable('as_at')
