with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

episodes as (select * from {{ ref('stg_ssd_cla_episodes') }}),

ranked as (
    select
        *,
        row_number() over (
            partition by partition_key, clae_cla_id
            order by
                clae_cla_episode_ceased_date desc,
                clae_cla_episode_start_date desc,
                clae_cla_episode_id desc
        ) as end_rank,
        row_number() over (
            partition by partition_key, clae_cla_id
            order by clae_cla_episode_start_date, clae_cla_episode_id
        ) as start_rank
    from episodes
),

combined as (
    select
        partition_key,
        clae_cla_id as cla_id,
        max(clae_person_id) as person_id,
        min(clae_cla_episode_start_date) as start_date,
        max(case when start_rank = 1 then clae_cla_episode_start_reason end)
            as earliest_start_reason,
        count(*) > count(clae_cla_episode_ceased_date) as is_open,
        max(clae_cla_episode_ceased_date) as latest_ceased_date,
        max(case when end_rank = 1 then clae_cla_episode_ceased_reason end) as latest_ceased_reason
    from ranked
    group by partition_key, clae_cla_id
),

final as (
    select
        combined.partition_key,
        combined.cla_id,
        combined.person_id,
        combined.start_date,
        -- a return shows a start by code S; a later period of the person began when it says, too
        reporting_month.source = 'extract'
        or coalesce(combined.earliest_start_reason = 'S', false)
        or combined.start_date > min(combined.start_date) over (
            partition by combined.partition_key, combined.person_id
        ) as is_start_known,
        combined.is_open,
        case when not combined.is_open then combined.latest_ceased_date end as end_date,
        case when not combined.is_open then combined.latest_ceased_reason end as end_reason
    from combined
    inner join reporting_month on combined.partition_key = reporting_month.partition_key
)

select * from final
