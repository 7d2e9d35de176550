with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

coverage as (select * from {{ source('reference', 'return_coverage') }}),

given as (
    select
        max(known_since) as known_since,
        max(case when module = 'uasc' then 1 else 0 end) as has_uasc,
        max(case when module = 'placed_for_adoption' then 1 else 0 end) as has_decisions
    from coverage
),

final as (
    select
        reporting_month.partition_key,
        reporting_month.source,
        reporting_month.source = 'extract' as is_extract,
        case when reporting_month.source <> 'extract' then given.known_since end as known_since,
        reporting_month.source = 'extract' or coalesce(given.has_uasc = 1, false) as knows_uasc,
        reporting_month.source = 'extract' or coalesce(given.has_decisions = 1, false)
            as knows_decisions,
        reporting_month.source = 'extract'
        or coalesce(given.known_since <= {{ add_days('reporting_month.end_m_12', 1) }}, false)
            as knows_entries_of_12_months
    from reporting_month
    cross join given
)

select * from final
