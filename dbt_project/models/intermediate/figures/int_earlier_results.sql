with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

published as (select * from {{ source('published', 'kpi_result') }}),

kpi_sources as (select * from {{ ref('kpi_sources') }}),

-- a figure by the national definition is not compared with one by the local definition
comparable as (
    select
        published.partition_key,
        published.month,
        published.kpi_id,
        published.cohort,
        case when published.compares then published.shown end as shown,
        case when published.compares then published.rag end as rag
    from (
        select
            published.*,
            published.source = reporting_month.source
            or coalesce(kpi_sources.figure, 'local') <> 'national' as compares
        from published
        inner join reporting_month on published.partition_key = reporting_month.partition_key
        left join kpi_sources on published.kpi_id = kpi_sources.kpi_id
    ) as published
),

earlier as (
    select
        published.partition_key,
        published.month,
        published.kpi_id,
        published.shown,
        published.rag,
        reporting_month.outturn_month,
        reporting_month.frequency = 'monthly'
        or substring(published.month, 6, 2) in ('03', '06', '09', '12') as is_of_frequency
    from reporting_month
    inner join comparable as published
        on reporting_month.partition_key = published.partition_key and published.cohort = 'all'
    where published.month < reporting_month.month
),

previous_month as (
    select
        partition_key,
        max(month) as month
    from earlier
    where is_of_frequency
    group by partition_key
),

final as (
    select
        earlier.partition_key,
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
    left join previous_month on earlier.partition_key = previous_month.partition_key
    group by earlier.partition_key, earlier.kpi_id
)

select * from final
