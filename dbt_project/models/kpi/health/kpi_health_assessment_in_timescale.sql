with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

population as (select * from {{ ref('int_children_due_health_checks') }}),

health_checks as (select * from {{ ref('stg_ssd_cla_health') }}),

latest_assessments as (
    select
        population.partition_key,
        population.person_id,
        max(health_checks.clah_health_check_date) as assessment_date
    from population
    inner join health_checks
        on
            population.partition_key = health_checks.partition_key
            and population.person_id = health_checks.clah_person_id
            and population.as_at >= health_checks.clah_health_check_date
    inner join reporting_month on population.partition_key = reporting_month.partition_key
    where
        health_checks.clah_health_check_type = 'Health Assessment'
        and health_checks.clah_health_check_status = 'Completed'
        -- a return has one date a year, 31 March, where it was done: only the last year counts
        and (
            reporting_month.source = 'extract'
            or health_checks.clah_health_check_date > reporting_month.end_m_12
        )
    group by population.partition_key, population.person_id
),

final as (
    select
        population.partition_key,
        population.month,
        'health_assessment_in_timescale' as kpi_id,
        population.person_id as source_id,
        population.person_id,
        population.as_at as reference_date,
        coalesce(
            population.as_at <= {{ add_months(
                'latest_assessments.assessment_date',
                'case when population.age < 5 then 6 else 12 end',
            ) }},
            false
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
    left join latest_assessments
        on
            population.partition_key = latest_assessments.partition_key
            and population.person_id = latest_assessments.person_id
)

select * from final
