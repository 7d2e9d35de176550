with

placed_outside as (select * from {{ ref('kpi_placed_outside_area') }}),

placements as (select * from {{ ref('int_placements_at_month_end') }}),

final as (
    select
        placed_outside.partition_key,
        placed_outside.month,
        'placed_in_other_authorities_non_related' as kpi_id,
        placed_outside.source_id,
        placed_outside.person_id,
        placed_outside.reference_date,
        coalesce(
            placed_outside.in_numerator
            and not placements.is_kinship_foster
            and placements.placement_type <> 'P1',
            false
        ) as in_numerator,
        placed_outside.measure,
        placed_outside.weight
    from placed_outside
    left join placements
        on
            placed_outside.partition_key = placements.partition_key
            and placed_outside.person_id = placements.person_id
)

select * from final
