with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

adoption_plans as (select * from {{ ref('int_latest_adoption_plans') }}),

population as (
    select permanence.*
    from permanence
    inner join reporting_month on permanence.partition_key = reporting_month.partition_key
    where
        permanence.placed_date between reporting_month.window_start
        and reporting_month.as_at
),

final as (
    select
        population.partition_key,
        population.month,
        'siblings_placed_together' as kpi_id,
        population.permanence_id as source_id,
        population.person_id,
        population.placed_date as reference_date,
        coalesce(population.siblings_placed_apart, 0) = 0 as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
    inner join adoption_plans
        on
            population.partition_key = adoption_plans.partition_key
            and population.cla_id = adoption_plans.cla_id
    where
        adoption_plans.sibling_plan = 'TOGETHER'
        and adoption_plans.sibling_group_id is not null
)

select * from final
