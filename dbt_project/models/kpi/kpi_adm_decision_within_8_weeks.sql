with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

permanence as (select * from {{ ref('int_permanence_select') }}),

adoption_plans as (select * from {{ ref('int_adoption_plans_select') }}),

population as (
    select permanence.*
    from permanence
    inner join reporting_month on permanence.authority = reporting_month.authority
    where
        permanence.decision_date between reporting_month.window_start
        and reporting_month.as_at
),

final as (
    select
        population.authority,
        population.month,
        'adm_decision_within_8_weeks' as kpi_id,
        population.permanence_id as source_id,
        population.person_id,
        population.decision_date as reference_date,
        coalesce(
            population.decision_date <= {{ add_days('adoption_plans.initiated_date', 56) }}, false
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
    left join adoption_plans
        on
            population.authority = adoption_plans.authority
            and population.cla_id = adoption_plans.cla_id
)

select * from final
