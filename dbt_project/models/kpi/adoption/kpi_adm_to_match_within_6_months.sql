with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

adoption_plans as (select * from {{ ref('int_latest_adoption_plans') }}),

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

population as (
    select adoption_plans.*
    from adoption_plans
    inner join reporting_month on adoption_plans.partition_key = reporting_month.partition_key
    where
        adoption_plans.matching_panel_date between reporting_month.window_start
        and reporting_month.as_at
),

final as (
    select
        population.partition_key,
        population.month,
        'adm_to_match_within_6_months' as kpi_id,
        population.adoption_plan_id as source_id,
        population.person_id,
        population.matching_panel_date as reference_date,
        coalesce(
            population.matching_panel_date <= {{ add_months('permanence.decision_date', 6) }}, false
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
    left join permanence
        on
            population.partition_key = permanence.partition_key
            and population.cla_id = permanence.cla_id
)

select * from final
