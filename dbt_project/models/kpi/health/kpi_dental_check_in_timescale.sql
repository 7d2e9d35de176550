with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

population as (select * from {{ ref('int_children_due_health_checks') }}),

health_checks as (select * from {{ ref('stg_ssd_cla_health') }}),

checked as (
    select distinct
        health_checks.partition_key,
        health_checks.clah_person_id as person_id
    from health_checks
    inner join reporting_month on health_checks.partition_key = reporting_month.partition_key
    where
        health_checks.clah_health_check_type = 'Dental Check'
        and health_checks.clah_health_check_status = 'Completed'
        and health_checks.clah_health_check_date > reporting_month.end_m_12
        and health_checks.clah_health_check_date <= reporting_month.as_at
),

final as (
    select
        population.partition_key,
        population.month,
        'dental_check_in_timescale' as kpi_id,
        population.person_id as source_id,
        population.person_id,
        population.as_at as reference_date,
        checked.person_id is not null as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
    left join checked
        on
            population.partition_key = checked.partition_key
            and population.person_id = checked.person_id
)

select * from final
