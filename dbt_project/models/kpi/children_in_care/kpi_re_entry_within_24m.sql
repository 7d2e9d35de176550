with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

population as (
    select
        periods.*,
        reporting_month.month
    from periods
    inner join reporting_month on periods.partition_key = reporting_month.partition_key
    where
        periods.start_date >= reporting_month.ytd_start
        and periods.start_date <= reporting_month.as_at
        and periods.is_start_known
),

final as (
    select
        partition_key,
        month,
        're_entry_within_24m' as kpi_id,
        cla_id as source_id,
        person_id,
        start_date as reference_date,
        exists(
            select 1
            from periods as earlier
            where
                earlier.partition_key = population.partition_key
                and earlier.person_id = population.person_id
                and earlier.cla_id <> population.cla_id
                and earlier.end_date <= population.start_date
                and {{ add_months('earlier.end_date', 24) }} >= population.start_date
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
)

select * from final
