-- The return has days, not times.
select
    dated_id(child, 'M', mis_start) as miss_table_id,
    child as miss_person_id,
    mis_start::timestamp as miss_missing_episode_start_date,
    missing as miss_missing_episode_type,
    mis_end::timestamp as miss_missing_episode_end_date
from latest_missing
where mis_start <= getvariable('as_at')
