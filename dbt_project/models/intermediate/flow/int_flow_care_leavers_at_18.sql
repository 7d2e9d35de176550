with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_flow_periods_of_care') }}),

uasc_statuses as (select * from {{ ref('int_uasc_statuses') }}),

same_days as (
    select
        *,
        {{ add_months('date_of_birth', 18 * 12) }} as same_day,
        {{ add_months('date_of_birth', 14 * 12) }} as fourteenth_birthday
    from periods
),

-- somebody born on 29 February has 1 March of a common year as birthday
birthdays as (
    select
        *,
        {{ add_days(
            'same_day',
            'extract(day from date_of_birth) - extract(day from same_day)',
        ) }} as birthday_date
    from same_days
),

cared_for as (
    select
        birthdays.partition_key,
        birthdays.person_id,
        birthdays.birthday_date,
        sum(
            greatest(
                {{ days_between(
                    'greatest(birthdays.start_date, birthdays.fourteenth_birthday)',
                    'least(coalesce(birthdays.end_date, birthdays.birthday_date), '
                    ~ 'birthdays.birthday_date)',
                ) }},
                0
            )
        ) as days_in_care,
        max(
            case
                when
                    birthdays.start_date < birthdays.birthday_date
                    and (
                        birthdays.end_date is null
                        or birthdays.end_date >= birthdays.birthday_date
                    )
                    then 1
                else 0
            end
        ) = 1 as is_in_care_the_day_before
    from birthdays
    inner join reporting_month
        on
            birthdays.partition_key = reporting_month.partition_key
            and birthdays.birthday_date <= reporting_month.as_at
    group by birthdays.partition_key, birthdays.person_id, birthdays.birthday_date
),

final as (
    select
        cared_for.partition_key,
        cared_for.person_id,
        cared_for.birthday_date,
        exists(
            select 1
            from uasc_statuses
            where
                uasc_statuses.partition_key = cared_for.partition_key
                and uasc_statuses.person_id = cared_for.person_id
                and uasc_statuses.start_date <= cared_for.birthday_date
        ) as was_uasc
    from cared_for
    where cared_for.is_in_care_the_day_before and cared_for.days_in_care >= 13 * 7
)

select * from final
