with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

missing as (select * from {{ ref('int_missing_episodes') }}),

final as (
    select
        missing.partition_key,
        missing.month,
        'missing_over_48h_in_month' as kpi_id,
        missing.missing_episode_id as source_id,
        missing.person_id,
        missing.start_date as reference_date,
        true as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from missing
    inner join reporting_month on missing.partition_key = reporting_month.partition_key
    where
        missing.is_over_48_hours
        and missing.start_date >= reporting_month.month_start
        and missing.start_date <= reporting_month.as_at
)

select * from final
