with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

unbroken_allocations as (select * from {{ ref('int_unbroken_allocations') }}),

roles as (
    select 'Allocated Case Worker' as role
    union all
    select 'Independent Reviewing Officer' as role
),

final as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        children_in_care.as_at,
        children_in_care.person_id,
        roles.role,
        unbroken_allocations.person_id is not null as is_same_worker
    from children_in_care
    inner join reporting_month on children_in_care.partition_key = reporting_month.partition_key
    cross join roles
    left join unbroken_allocations
        on
            children_in_care.partition_key = unbroken_allocations.partition_key
            and children_in_care.person_id = unbroken_allocations.person_id
            and roles.role = unbroken_allocations.role
    where children_in_care.period_start_date <= reporting_month.end_m_18
)

select * from final
