with

financial_year as (select * from {{ ref('int_financial_year') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

notifications as (select * from {{ ref('stg_local_iro_notifications') }}),

working_days as (select * from {{ ref('int_calendar_days') }}),

earliest as (
    select
        partition_key,
        cla_id,
        min(notified_date) as notified_date
    from notifications
    group by partition_key, cla_id
),

final as (
    select
        periods.partition_key,
        periods.cla_id,
        earliest.notified_date,
        late_from.calendar_date as late_from,
        coalesce(
            earliest.notified_date >= late_from.calendar_date,
            late_from.calendar_date <= financial_year.as_at
        ) as is_late
    from financial_year
    inner join periods
        on
            financial_year.partition_key = periods.partition_key
            and periods.start_date between financial_year.first_day and financial_year.as_at
    inner join earliest
        on periods.partition_key = earliest.partition_key and periods.cla_id = earliest.cla_id
    inner join working_days as starts on periods.start_date = starts.calendar_date
    inner join working_days as late_from
        on
            starts.working_day_number + 2 = late_from.working_day_number
            and late_from.is_working_day
)

select * from final
