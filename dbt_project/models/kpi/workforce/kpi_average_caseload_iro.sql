with

children as (select * from {{ ref('int_children_in_care_by_cohort') }}),

posts as (select * from {{ ref('stg_local_establishment') }}),

final as (
    select
        children.partition_key,
        children.month,
        'average_caseload_iro' as kpi_id,
        children.cohort,
        children.children as numerator,
        cast(coalesce(sum(posts.filled_fte), 0) as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 6)) as value
    from children
    left join posts on children.partition_key = posts.partition_key and posts.team_type = 'IRO'
    group by children.partition_key, children.month, children.cohort, children.children
)

select * from final
