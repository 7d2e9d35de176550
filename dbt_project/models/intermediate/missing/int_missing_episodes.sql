with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

missing as (select * from {{ ref('stg_ssd_missing') }}),

dated as (
    select
        missing.partition_key,
        missing.month,
        missing.miss_table_id as missing_episode_id,
        missing.miss_person_id as person_id,
        missing.miss_missing_episode_start_date as started_at,
        missing.miss_missing_episode_end_date as ended_at,
        cast(missing.miss_missing_episode_start_date as date) as start_date,
        cast(missing.miss_missing_episode_end_date as date) as end_date,
        cast({{ add_days('reporting_month.as_at', 1) }} as timestamp) as midnight
    from missing
    inner join reporting_month on missing.partition_key = reporting_month.partition_key
    where missing.miss_missing_episode_type = 'M'
),

final as (
    select
        dated.*,
        coalesce(dated.ended_at, dated.midnight) > dated.started_at + interval 48 hours
            as is_over_48_hours
    from dated
    where
        exists (
            select 1
            from periods
            where
                periods.partition_key = dated.partition_key
                and periods.person_id = dated.person_id
                and {{ in_force('periods.start_date', 'periods.end_date', 'dated.start_date') }}
        )
)

select * from final
