with

decisions as (select * from {{ ref('int_agency_decisions') }}),

final as (
    select
        partition_key,
        month,
        'adm_decision_within_8_weeks' as kpi_id,
        permanence_id as source_id,
        person_id,
        decision_date as reference_date,
        coalesce(decision_date <= {{ add_days('plan_initiated_date', 56) }}, false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from decisions
    where is_in_window
)

select * from final
