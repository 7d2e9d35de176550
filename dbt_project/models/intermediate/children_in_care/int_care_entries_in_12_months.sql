with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

episodes as (select * from {{ ref('stg_ssd_cla_episodes') }}),

started as (
    select
        periods.partition_key,
        reporting_month.month,
        reporting_month.as_at,
        periods.person_id,
        periods.cla_id,
        periods.start_date,
        row_number() over (
            partition by periods.partition_key, periods.person_id
            order by periods.start_date, periods.cla_id
        ) as start_rank
    from reporting_month
    inner join periods on reporting_month.partition_key = periods.partition_key
    where
        periods.start_date > reporting_month.end_m_12
        and periods.start_date <= reporting_month.as_at
        and periods.is_start_known
),

first_episodes as (
    select
        partition_key,
        clae_cla_id as cla_id,
        clae_cla_primary_need_code as primary_need,
        row_number() over (
            partition by partition_key, clae_cla_id
            order by clae_cla_episode_start_date, clae_cla_episode_id
        ) as episode_rank
    from episodes
),

final as (
    select
        started.partition_key,
        started.month,
        started.as_at,
        started.person_id,
        started.cla_id,
        started.start_date,
        first_episodes.primary_need
    from started
    inner join first_episodes
        on
            started.partition_key = first_episodes.partition_key
            and started.cla_id = first_episodes.cla_id
    where started.start_rank = 1 and first_episodes.episode_rank = 1
)

select * from final
