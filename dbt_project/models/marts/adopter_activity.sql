with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

activity as (select * from {{ ref('int_adoption_step_counts') }}),

adopters as (select * from {{ ref('stg_local_adopters') }}),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        activity.financial_year,
        activity.measure,
        activity.position,
        activity.subjects as families
    from activity
    inner join reporting_month on activity.partition_key = reporting_month.partition_key
    where
        activity.journey = 'adopter'
        and activity.partition_key in (select adopters.partition_key from adopters)
)

select * from final
