with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

areas as (select * from {{ ref('int_placement_areas_at_month_end') }}),

final as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        'placed_outside_area' as kpi_id,
        children_in_care.person_id as source_id,
        children_in_care.person_id,
        children_in_care.as_at as reference_date,
        coalesce(areas.is_outside_area, false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
    left join areas
        on
            children_in_care.partition_key = areas.partition_key
            and children_in_care.person_id = areas.person_id
)

select * from final
