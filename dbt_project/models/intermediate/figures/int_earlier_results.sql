with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

known_before as (select * from {{ ref('int_figures_of_earlier_months') }}),

kpi_sources as (select * from {{ ref('kpi_sources') }}),

compared as (
    select
        known_before.*,
        reporting_month.outturn_month,
        reporting_month.frequency = 'monthly'
        or substring(known_before.month, 6, 2) in ('03', '06', '09', '12') as is_of_frequency,
        known_before.source = reporting_month.source
        or coalesce(kpi_sources.figure, 'local') <> 'national' as is_comparable
    from reporting_month
    inner join known_before on reporting_month.partition_key = known_before.partition_key
    left join kpi_sources on known_before.kpi_id = kpi_sources.kpi_id
    where known_before.cohort = 'all'
),

-- a figure by the national definition is not compared with one by the local definition
earlier as (
    select
        partition_key,
        month,
        kpi_id,
        outturn_month,
        is_of_frequency,
        case when is_comparable then shown end as shown,
        case when is_comparable then rag end as rag
    from compared
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
