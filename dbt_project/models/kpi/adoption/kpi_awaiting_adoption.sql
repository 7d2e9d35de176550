with

renamed as (select * from {{ ref('kpi_agency_decision_not_placed') }}),

final as (
    select
        partition_key,
        month,
        'awaiting_adoption' as kpi_id,
        source_id,
        person_id,
        reference_date,
        in_numerator,
        measure,
        weight
    from renamed
)

select * from final
