with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

activity as (select * from {{ ref('int_adoption_step_counts') }}),

sources_held as (select * from {{ ref('int_month_source') }}),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        activity.financial_year,
        activity.measure,
        activity.position,
        activity.subjects as children
    from activity
    inner join reporting_month on activity.partition_key = reporting_month.partition_key
    inner join sources_held on activity.partition_key = sources_held.partition_key
    where
        activity.journey = 'child'
        -- a return has the match only of those adopted
        and (sources_held.is_extract or activity.measure <> 'matches_approved')
        and (sources_held.knows_decisions or activity.measure <> 'adm_best_interest_decisions')
)

select * from final
