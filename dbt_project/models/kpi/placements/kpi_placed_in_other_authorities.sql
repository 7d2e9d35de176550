with

renamed as (select * from {{ ref('kpi_placed_outside_area') }}),

final as (
    select
        partition_key,
        month,
        'placed_in_other_authorities' as kpi_id,
        source_id,
        person_id,
        reference_date,
        in_numerator,
        measure,
        weight
    from renamed
)

select * from final
