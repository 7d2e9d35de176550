with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care_select') }}),

health_checks as (select * from {{ ref('stg_ssd_cla_health') }}),

population as (
    select children_in_care.*
    from children_in_care
    inner join reporting_month on children_in_care.authority = reporting_month.authority
    where children_in_care.period_start_date <= reporting_month.health_check_start_by
),

latest_assessments as (
    select
        health_checks.authority,
        health_checks.clah_person_id as person_id,
        max(health_checks.clah_health_check_date) as assessment_date
    from health_checks
    inner join reporting_month
        on
            health_checks.authority = reporting_month.authority
            and health_checks.clah_health_check_date <= reporting_month.as_at
    where
        health_checks.clah_health_check_type = 'Health Assessment'
        and health_checks.clah_health_check_status = 'Completed'
    group by health_checks.authority, health_checks.clah_person_id
),

final as (
    select
        population.authority,
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
            population.authority = latest_assessments.authority
            and population.person_id = latest_assessments.person_id
)

select * from final
