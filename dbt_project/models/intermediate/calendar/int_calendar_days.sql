with

bank_holidays as (select * from {{ ref('bank_holidays') }}),

digits as (
    select 0 as digit
    {%- for digit in range(1, 10) %}
    union all
    select {{ digit }} as digit
    {%- endfor %}
),

known_years as (
    select
        cast(min(extract(year from date)) || '-01-01' as date) as first_day,
        cast(max(extract(year from date)) || '-12-31' as date) as last_day
    from bank_holidays
),

calendar as (
    select
        {{ add_days(
            'known_years.first_day',
            'ones.digit + tens.digit * 10 + hundreds.digit * 100 + thousands.digit * 1000',
        ) }} as calendar_date,
        known_years.last_day
    from known_years
    cross join digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
),

-- 1 January 1900 was a Monday
days as (
    select
        calendar.calendar_date,
        bank_holidays.date is null
        and mod({{ days_between("cast('1900-01-01' as date)", 'calendar.calendar_date') }}, 7) < 5
            as is_working_day
    from calendar
    left join bank_holidays on calendar.calendar_date = bank_holidays.date
    where calendar.calendar_date <= calendar.last_day
),

final as (
    select
        calendar_date,
        is_working_day,
        cast(
            sum(case when is_working_day then 1 else 0 end) over (
                order by calendar_date rows between unbounded preceding and current row
            ) as integer
        ) as working_day_number
    from days
)

select * from final
