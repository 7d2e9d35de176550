with

decisions as (select * from {{ ref('int_agency_decisions') }}),

final as (
    select
        partition_key,
        month,
        'adoption_plan_by_second_review' as kpi_id,
        permanence_id as source_id,
        person_id,
        decision_date as reference_date,
        coalesce(plan_agreed_at_review_number in (1, 2), false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from decisions
    where is_in_window
)

select * from final
