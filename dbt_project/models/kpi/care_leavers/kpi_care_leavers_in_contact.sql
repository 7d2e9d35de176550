with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

birthdays as (select * from {{ ref('int_care_leaver_birthdays') }}),

final as (
    select
        birthdays.partition_key,
        birthdays.month,
        'care_leavers_in_contact' as kpi_id,
        birthdays.outcome_id as source_id,
        birthdays.person_id,
        birthdays.birthday_date as reference_date,
        coalesce(
            birthdays.is_in_touch
            -- a return has no date of contact: its question is about these months already
            and (
                reporting_month.source = 'ssda903'
                or birthdays.latest_contact_date
                between {{ add_months('birthdays.birthday_date', -3) }}
                and {{ add_months('birthdays.birthday_date', 1) }}
            ),
            false
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from birthdays
    inner join reporting_month on birthdays.partition_key = reporting_month.partition_key
    where birthdays.is_asked_contact
)

select * from final
