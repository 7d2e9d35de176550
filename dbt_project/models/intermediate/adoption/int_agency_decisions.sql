with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

adoption_plans as (select * from {{ ref('int_latest_adoption_plans') }}),

final as (
    select
        permanence.partition_key,
        permanence.month,
        permanence.permanence_id,
        permanence.person_id,
        permanence.decision_date,
        permanence.decision_date between reporting_month.window_start
        and reporting_month.as_at as is_in_window,
        adoption_plans.initiated_date as plan_initiated_date,
        adoption_plans.agreed_at_review_number as plan_agreed_at_review_number
    from permanence
    inner join reporting_month on permanence.partition_key = reporting_month.partition_key
    left join adoption_plans
        on
            permanence.partition_key = adoption_plans.partition_key
            and permanence.cla_id = adoption_plans.cla_id
    where permanence.decision_date is not null
)

select * from final
