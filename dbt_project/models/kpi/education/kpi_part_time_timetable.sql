with

children as (select * from {{ ref('int_education_at_month_end') }}),

final as (
    select
        partition_key,
        month,
        'part_time_timetable' as kpi_id,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        true as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children
    where part_time_timetable = 'Y'
)

select * from final
