select
    dated_id(child, 'W', sw_decom) as invo_involvements_id,
    sw_id as invo_professional_id,
    'Allocated Case Worker' as invo_professional_role_id,
    child as invo_person_id,
    sw_decom as invo_involvement_start_date,
    sw_dec as invo_involvement_end_date,
    sw_reason as invo_worker_change_reason
from latest_sw_episodes
where sw_decom <= getvariable('as_at')
