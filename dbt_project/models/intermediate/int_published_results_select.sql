with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

published as (select * from {{ source('published', 'kpi_result') }}),

earlier as (
    select
        published.authority,
        published.month,
        published.kpi_id,
        published.shown,
        published.rag,
        reporting_month.outturn_month,
        reporting_month.frequency = 'monthly'
        or substring(published.month, 6, 2) in ('03', '06', '09', '12') as is_of_frequency
    from reporting_month
    inner join published
        on reporting_month.authority = published.authority and published.cohort = 'all'
    where published.month < reporting_month.month
),

previous_month as (
    select
        authority,
        max(month) as month
    from earlier
    where is_of_frequency
    group by authority
),

final as (
    select
        earlier.authority,
        earlier.kpi_id,
        max(previous_month.month) as previous_month,
        max(case when earlier.month = previous_month.month then earlier.shown end)
            as previous_shown,
        max(case when earlier.month = previous_month.month then earlier.rag end) as previous_rag,
        max(case when earlier.month = earlier.outturn_month then earlier.shown end)
            as outturn_shown,
        max(case when earlier.month = earlier.outturn_month then earlier.rag end) as outturn_rag,
        max(case when earlier.month = previous_month.month then 1 else 0 end) = 1 as has_previous,
        max(case when earlier.month = earlier.outturn_month then 1 else 0 end) = 1 as has_outturn
    from earlier
    left join previous_month on earlier.authority = previous_month.authority
    group by earlier.authority, earlier.kpi_id
)

select * from final
