with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

missing as (select * from {{ ref('int_missing_episodes') }}),

interviews as (select * from {{ ref('stg_local_return_interviews') }}),

working_days as (select * from {{ ref('int_calendar_days') }}),

completed as (
    select
        partition_key,
        miss_table_id,
        min(interview_date) as interview_date
    from interviews
    where interview_completed = 'Y'
    group by partition_key, miss_table_id
),

final as (
    select
        missing.partition_key,
        missing.month,
        missing.missing_episode_id,
        missing.person_id,
        missing.start_date,
        missing.end_date,
        missing.end_date between reporting_month.window_start and reporting_month.as_at
            as is_ended_in_window,
        due.calendar_date as due_date,
        case
            when completed.interview_date <= reporting_month.as_at then completed.interview_date
        end as interview_date
    from missing
    inner join reporting_month on missing.partition_key = reporting_month.partition_key
    inner join working_days as ends on missing.end_date = ends.calendar_date
    inner join working_days as due
        on ends.working_day_number + 3 = due.working_day_number and due.is_working_day
    left join completed
        on
            missing.partition_key = completed.partition_key
            and missing.missing_episode_id = completed.miss_table_id
)

select * from final
