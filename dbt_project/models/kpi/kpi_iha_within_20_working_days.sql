with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

initial_health as (select * from {{ ref('int_initial_health_schedule') }}),

population as (
    select
        initial_health.*,
        reporting_month.month
    from initial_health
    inner join reporting_month on initial_health.authority = reporting_month.authority
    where
        initial_health.assessment_due_date >= reporting_month.window_start
        and initial_health.assessment_due_date <= reporting_month.as_at
        and (
            initial_health.end_date is null
            or initial_health.end_date > initial_health.assessment_due_date
        )
),

final as (
    select
        authority,
        month,
        'iha_within_20_working_days' as kpi_id,
        cla_id as source_id,
        person_id,
        assessment_due_date as reference_date,
        coalesce(assessment_date <= assessment_due_date, false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
)

select * from final
