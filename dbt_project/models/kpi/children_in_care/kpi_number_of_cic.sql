with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

final as (
    select
        partition_key,
        month,
        'number_of_cic' as kpi_id,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        true as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
)

select * from final
