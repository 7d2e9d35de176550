with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

same_days as (
    select
        people.partition_key,
        people.pers_person_id as person_id,
        people.pers_dob,
        {{ add_months('people.pers_dob', 18 * 12) }} as same_day
    from people
),

-- somebody born on 29 February has 1 March of a common year as birthday
birthdays as (
    select
        *,
        {{ add_days(
            'same_day',
            'extract(day from pers_dob) - extract(day from same_day)',
        ) }} as birthday_date
    from same_days
),

final as (
    select
        birthdays.partition_key,
        reporting_month.month,
        reporting_month.as_at,
        birthdays.person_id,
        birthdays.birthday_date,
        {{ add_days('birthdays.birthday_date', -1) }} as day_before
    from birthdays
    inner join reporting_month
        on
            birthdays.partition_key = reporting_month.partition_key
            and birthdays.birthday_date between reporting_month.month_start
            and reporting_month.as_at
)

select * from final
