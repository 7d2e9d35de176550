with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care_select') }}),

unbroken_allocations as (select * from {{ ref('int_unbroken_allocations_find') }}),

population as (
    select children_in_care.*
    from children_in_care
    inner join reporting_month on children_in_care.authority = reporting_month.authority
    where children_in_care.period_start_date <= reporting_month.end_m_18
),

numerator as (
    select
        authority,
        person_id
    from unbroken_allocations
    where role = 'Allocated Case Worker'
),

final as (
    select
        population.authority,
        population.month,
        'same_social_worker_12m' as kpi_id,
        population.person_id as source_id,
        population.person_id,
        population.as_at as reference_date,
        numerator.person_id is not null as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
    left join numerator
        on
            population.authority = numerator.authority
            and population.person_id = numerator.person_id
)

select * from final
