with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

missing as (select * from {{ ref('int_missing_episodes') }}),

first_starts as (
    select
        missing.partition_key,
        missing.month,
        missing.person_id,
        min(missing.start_date) as first_start_date
    from missing
    inner join reporting_month on missing.partition_key = reporting_month.partition_key
    where
        missing.start_date >= reporting_month.month_start
        and missing.start_date <= reporting_month.as_at
    group by missing.partition_key, missing.month, missing.person_id
),

final as (
    select
        partition_key,
        month,
        'cic_missing_in_month' as kpi_id,
        person_id as source_id,
        person_id,
        first_start_date as reference_date,
        true as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from first_starts
)

select * from final
