-- The return has days, not times. A missing episode without an end is taken to end where the
-- child's next one begins. Those that begin on one day are numbered.
with

followed as (
    select
        *,
        lead(mis_start) over (
            partition by child order by mis_start, mis_end nulls last
        ) as next_start,
        row_number() over (partition by child, mis_start order by missing, mis_end) as number
    from latest_missing
)

select
    dated_id(child, 'M', mis_start) || case when number > 1 then '-' || number else '' end
        as miss_table_id,
    child as miss_person_id,
    mis_start::timestamp as miss_missing_episode_start_date,
    missing as miss_missing_episode_type,
    coalesce(mis_end, case when next_start > mis_start then next_start end)::timestamp
        as miss_missing_episode_end_date
from followed
where mis_start <= getvariable('as_at')
