with

birthdays as (select * from {{ ref('int_eighteenth_birthdays_in_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

histories as (select * from {{ ref('stg_local_health_histories') }}),

population as (
    select birthdays.*
    from birthdays
    where
        exists (
            select 1
            from periods
            where
                periods.partition_key = birthdays.partition_key
                and periods.person_id = birthdays.person_id
                and {{ in_force('periods.start_date', 'periods.end_date', 'birthdays.day_before') }}
        )
),

final as (
    select
        partition_key,
        month,
        'health_history_at_18' as kpi_id,
        person_id as source_id,
        person_id,
        day_before as reference_date,
        exists(
            select 1
            from histories
            where
                histories.partition_key = population.partition_key
                and histories.person_id = population.person_id
                and histories.completed_date <= population.as_at
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
)

select * from final
