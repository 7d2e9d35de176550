with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

schedule as (select * from {{ ref('int_initial_health_schedules') }}),

steps as (
    select
        partition_key,
        cla_id,
        person_id,
        end_date,
        'referral' as step,
        referral_due_date as due_date,
        referral_date as done_date
    from schedule
    union all
    select
        partition_key,
        cla_id,
        person_id,
        end_date,
        'assessment' as step,
        assessment_due_date as due_date,
        assessment_date as done_date
    from schedule
),

final as (
    select
        steps.partition_key,
        reporting_month.month,
        steps.step,
        steps.cla_id,
        steps.person_id,
        steps.due_date,
        steps.done_date,
        coalesce(steps.done_date <= steps.due_date, false) as is_in_time
    from steps
    inner join reporting_month on steps.partition_key = reporting_month.partition_key
    where
        steps.due_date >= reporting_month.window_start
        and steps.due_date <= reporting_month.as_at
        and (steps.end_date is null or steps.end_date > steps.due_date)
)

select * from final
