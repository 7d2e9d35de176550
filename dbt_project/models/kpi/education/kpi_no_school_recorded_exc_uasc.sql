with

children as (select * from {{ ref('int_education_at_month_end') }}),

final as (
    select
        partition_key,
        month,
        'no_school_recorded_exc_uasc' as kpi_id,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        school_urn is null as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children
    where not is_uasc and age between 5 and 17
)

select * from final
