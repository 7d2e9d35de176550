{{ config(tags=['golden']) }}

-- due dates 20 working days after a date, worked out by hand
with

vectors as (select * from {{ ref('working_day_vectors') }}),

working_days as (select * from {{ ref('int_calendar_days') }})

select
    vectors.became_looked_after,
    vectors.twentieth_working_day,
    due.calendar_date
from vectors
left join working_days as starts on vectors.became_looked_after = starts.calendar_date
left join working_days as due
    on
        starts.working_day_number + 20 = due.working_day_number
        and due.is_working_day
where due.calendar_date is null or due.calendar_date <> vectors.twentieth_working_day
