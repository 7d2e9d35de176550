with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

allocations as (select * from {{ ref('int_worker_allocations') }}),

-- an allocation that ended on the day it started was in force on no day
in_the_year as (
    select
        allocations.partition_key,
        allocations.person_id,
        allocations.role,
        allocations.professional_id,
        allocations.start_date,
        reporting_month.end_m_12,
        reporting_month.as_at,
        coalesce(allocations.end_date, {{ add_days('reporting_month.as_at', 1) }}) as end_date
    from reporting_month
    inner join allocations on reporting_month.partition_key = allocations.partition_key
    where
        allocations.start_date <= reporting_month.as_at
        and (allocations.end_date is null or allocations.end_date > reporting_month.end_m_12)
        and (allocations.end_date is null or allocations.end_date > allocations.start_date)
),

with_end_before as (
    select
        *,
        max(end_date) over (
            partition by partition_key, person_id, role
            order by start_date, end_date
            rows between unbounded preceding and 1 preceding
        ) as end_before
    from in_the_year
),

final as (
    select
        partition_key,
        person_id,
        role,
        min(professional_id) as professional_id
    from with_end_before
    group by partition_key, person_id, role
    having
        count(distinct professional_id) = 1
        and min(start_date) <= min(end_m_12)
        and max(end_date) > min(as_at)
        and max(case when start_date > end_before then 1 else 0 end) = 0
)

select * from final
