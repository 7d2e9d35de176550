-- a due date that the calendar does not reach would silently drop out of a KPI
with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

working_days as (select * from {{ ref('int_calendar_days') }}),

covered as (
    select
        min(calendar_date) as first_day,
        max(calendar_date) as last_day
    from working_days
)

select
    reporting_month.month,
    covered.first_day,
    covered.last_day
from reporting_month
cross join covered
where
    covered.first_day > {{ add_months('reporting_month.end_m_12', -2) }}
    or covered.last_day < {{ add_months('reporting_month.as_at', 1) }}
