with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

return_interviews as (select * from {{ ref('int_return_interviews_due') }}),

final as (
    select
        return_interviews.partition_key,
        'return_interviews_within_3_working_days' as kpi_id,
        'Return interview' as task,
        return_interviews.missing_episode_id as source_id,
        return_interviews.person_id,
        return_interviews.start_date as reference_date,
        return_interviews.due_date,
        return_interviews.due_date <= reporting_month.as_at as is_overdue
    from return_interviews
    inner join reporting_month on return_interviews.partition_key = reporting_month.partition_key
    where return_interviews.is_ended_in_window and return_interviews.interview_date is null
)

select * from final
