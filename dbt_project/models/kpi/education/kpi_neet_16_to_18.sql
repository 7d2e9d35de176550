with

children as (select * from {{ ref('int_education_at_month_end') }}),

final as (
    select
        partition_key,
        month,
        'neet_16_to_18' as kpi_id,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        coalesce(education_status = 'NEET', false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children
    where is_in_care_12_months and age between 16 and 18
)

select * from final
