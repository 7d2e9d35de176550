with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

allocations as (select * from {{ ref('int_worker_allocations') }}),

establishment as (select * from {{ ref('stg_local_establishment') }}),

posts as (
    select *
    from establishment
    where team_type = 'CIC_DISTRICT'
),

cases as (
    select
        children_in_care.partition_key,
        count(distinct children_in_care.person_id) as children
    from children_in_care
    inner join allocations
        on
            children_in_care.partition_key = allocations.partition_key
            and children_in_care.person_id = allocations.person_id
            and allocations.role = 'Allocated Case Worker'
            and {{ in_force(
                'allocations.start_date', 'allocations.end_date', 'children_in_care.as_at'
            ) }}
    inner join posts
        on
            allocations.partition_key = posts.partition_key
            and allocations.professional_id = posts.professional_id
    group by children_in_care.partition_key
),

workers as (
    select
        partition_key,
        sum(filled_fte) as fte
    from posts
    where qualified = 'Y'
    group by partition_key
),

final as (
    select
        reporting_month.partition_key,
        reporting_month.month,
        'average_caseload_social_worker' as kpi_id,
        'all' as cohort,
        cast(coalesce(cases.children, 0) as decimal(18, 4)) as numerator,
        cast(coalesce(workers.fte, 0) as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 6)) as value
    from reporting_month
    left join cases on reporting_month.partition_key = cases.partition_key
    left join workers on reporting_month.partition_key = workers.partition_key
)

select * from final
