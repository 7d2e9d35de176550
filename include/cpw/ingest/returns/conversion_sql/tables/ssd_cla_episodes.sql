select
    dated_id(child, '', decom) as clae_cla_episode_id,
    child as clae_person_id,
    dated_id(child, 'P', placement_start) as clae_cla_placement_id,
    decom as clae_cla_episode_start_date,
    rne as clae_cla_episode_start_reason,
    cin as clae_cla_primary_need_code,
    dec as clae_cla_episode_ceased_date,
    rec as clae_cla_episode_ceased_reason,
    cla_id as clae_cla_id,
    entered_date as clae_entered_care_date
from placed_episodes
inner join periods using (cla_id, child)
