with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

placements as (select * from {{ ref('int_placements_at_month_end') }}),

final as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        'private_voluntary_residential' as kpi_id,
        children_in_care.person_id as source_id,
        children_in_care.person_id,
        children_in_care.as_at as reference_date,
        coalesce(
            placements.is_residential and placements.provider in ('PR4', 'PR5'), false
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
    left join placements
        on
            children_in_care.partition_key = placements.partition_key
            and children_in_care.person_id = placements.person_id
)

select * from final
