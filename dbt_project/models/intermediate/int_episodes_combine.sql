with

episodes as (select * from {{ ref('stg_ssd_cla_episodes') }}),

ranked as (
    select
        *,
        row_number() over (
            partition by authority, clae_cla_id
            order by
                clae_cla_episode_ceased_date desc,
                clae_cla_episode_start_date desc,
                clae_cla_episode_id desc
        ) as end_rank
    from episodes
),

combined as (
    select
        authority,
        clae_cla_id as cla_id,
        max(clae_person_id) as person_id,
        min(clae_cla_episode_start_date) as start_date,
        count(*) > count(clae_cla_episode_ceased_date) as is_open,
        max(clae_cla_episode_ceased_date) as latest_ceased_date,
        max(case when end_rank = 1 then clae_cla_episode_ceased_reason end) as latest_ceased_reason
    from ranked
    group by authority, clae_cla_id
),

final as (
    select
        authority,
        cla_id,
        person_id,
        start_date,
        is_open,
        case when not is_open then latest_ceased_date end as end_date,
        case when not is_open then latest_ceased_reason end as end_reason
    from combined
)

select * from final
