with

birthdays as (select * from {{ ref('int_care_leaver_birthdays_select') }}),

final as (
    select
        authority,
        month,
        'care_leavers_in_contact' as kpi_id,
        outcome_id as source_id,
        person_id,
        birthday_date as reference_date,
        coalesce(
            is_in_touch
            and latest_contact_date between {{ add_months('birthday_date', -3) }}
            and {{ add_months('birthday_date', 1) }},
            false
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from birthdays
    where is_asked_contact
)

select * from final
