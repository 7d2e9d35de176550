with

periods as (select * from {{ ref('int_periods_of_care') }}),

initial_health as (select * from {{ ref('stg_local_initial_health') }}),

working_days as (select * from {{ ref('int_calendar_days') }}),

earliest as (
    select
        partition_key,
        cla_id,
        min(referral_date) as referral_date,
        min(assessment_date) as assessment_date
    from initial_health
    group by partition_key, cla_id
),

final as (
    select
        periods.partition_key,
        periods.cla_id,
        periods.person_id,
        periods.start_date,
        periods.end_date,
        referral_due.calendar_date as referral_due_date,
        assessment_due.calendar_date as assessment_due_date,
        earliest.referral_date,
        earliest.assessment_date
    from periods
    inner join working_days as starts on periods.start_date = starts.calendar_date
    inner join working_days as referral_due
        on
            starts.working_day_number + 5 = referral_due.working_day_number
            and referral_due.is_working_day
    inner join working_days as assessment_due
        on
            starts.working_day_number + 20 = assessment_due.working_day_number
            and assessment_due.is_working_day
    left join earliest
        on periods.partition_key = earliest.partition_key and periods.cla_id = earliest.cla_id
)

select * from final
