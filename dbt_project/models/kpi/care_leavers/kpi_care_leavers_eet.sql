with

birthdays as (select * from {{ ref('int_care_leaver_birthdays') }}),

population as (
    select *
    from birthdays
    where is_asked_outcome
),

final as (
    select
        partition_key,
        month,
        'care_leavers_eet' as kpi_id,
        outcome_id as source_id,
        person_id,
        birthday_date as reference_date,
        coalesce(substring(activity, 1, 1) in ('F', 'P'), false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
)

select * from final
