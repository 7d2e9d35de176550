with

adoption_plans as (select * from {{ ref('stg_local_adoption_plans') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

ranked as (
    select
        *,
        row_number() over (
            partition by partition_key, cla_id
            order by plan_initiated_date desc nulls last, adoption_plan_id desc
        ) as plan_rank
    from adoption_plans
),

final as (
    select
        ranked.partition_key,
        ranked.month,
        ranked.adoption_plan_id,
        periods.cla_id,
        periods.person_id,
        ranked.plan_initiated_date as initiated_date,
        ranked.plan_agreed_at_review_number as agreed_at_review_number,
        ranked.parallel_planning,
        ranked.sibling_group_id,
        ranked.sibling_plan,
        ranked.matching_panel_date
    from ranked
    inner join periods
        on ranked.partition_key = periods.partition_key and ranked.cla_id = periods.cla_id
    where ranked.plan_rank = 1
)

select * from final
