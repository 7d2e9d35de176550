with

periods as (select * from {{ ref('int_periods_of_care_at_end') }}),

final as (
    select
        partition_key,
        month,
        'left_care_adopted_aged_5_plus' as kpi_id,
        cla_id as source_id,
        person_id,
        end_date as reference_date,
        is_adopted as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from periods
    where has_left_care and age_at_end >= 5
)

select * from final
