with

renamed as (select * from {{ ref('kpi_within_20_miles_exc_uasc') }}),

final as (
    select
        partition_key,
        month,
        'foster_within_20_miles_exc_uasc' as kpi_id,
        source_id,
        person_id,
        reference_date,
        in_numerator,
        measure,
        weight
    from renamed
)

select * from final
