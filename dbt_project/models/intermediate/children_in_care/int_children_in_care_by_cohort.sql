with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

cohorts as (
    select 'all' as cohort
    union all
    select 'exc_uasc' as cohort
),

final as (
    select
        reporting_month.partition_key,
        reporting_month.month,
        cohorts.cohort,
        cast(count(children_in_care.person_id) as decimal(18, 4)) as children
    from reporting_month
    cross join cohorts
    left join children_in_care
        on
            reporting_month.partition_key = children_in_care.partition_key
            and (cohorts.cohort = 'all' or not children_in_care.is_uasc)
    group by reporting_month.partition_key, reporting_month.month, cohorts.cohort
)

select * from final
