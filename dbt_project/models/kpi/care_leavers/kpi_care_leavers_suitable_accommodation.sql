with

birthdays as (select * from {{ ref('int_care_leaver_birthdays') }}),

final as (
    select
        partition_key,
        month,
        'care_leavers_suitable_accommodation' as kpi_id,
        outcome_id as source_id,
        person_id,
        birthday_date as reference_date,
        coalesce(accommodation_suitable = '1', false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from birthdays
    where is_asked_outcome
)

select * from final
