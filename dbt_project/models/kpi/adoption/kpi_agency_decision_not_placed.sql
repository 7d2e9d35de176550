with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

final as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        'agency_decision_not_placed' as kpi_id,
        children_in_care.person_id as source_id,
        children_in_care.person_id,
        children_in_care.as_at as reference_date,
        coalesce(
            permanence.is_decision_in_force
            and coalesce(permanence.placed_date > children_in_care.as_at, true),
            false
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
    left join permanence
        on
            children_in_care.partition_key = permanence.partition_key
            and children_in_care.cla_id = permanence.cla_id
)

select * from final
