with

periods as (select * from {{ ref('int_periods_of_care') }}),

adoption_plans as (select * from {{ ref('int_latest_adoption_plans') }}),

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

final as (
    select
        periods.partition_key,
        periods.cla_id,
        periods.person_id,
        case when periods.is_start_known then periods.start_date end as start_date,
        periods.end_date,
        adoption_plans.initiated_date,
        permanence.decision_date,
        adoption_plans.matching_panel_date,
        permanence.placement_order_date,
        permanence.matched_date,
        permanence.placed_date,
        coalesce(periods.end_reason in ('E11', 'E12'), false) as is_adopted
    from periods
    left join adoption_plans
        on
            periods.partition_key = adoption_plans.partition_key
            and periods.cla_id = adoption_plans.cla_id
    left join permanence
        on periods.partition_key = permanence.partition_key and periods.cla_id = permanence.cla_id
)

select * from final
