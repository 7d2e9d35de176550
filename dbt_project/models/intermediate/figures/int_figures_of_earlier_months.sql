with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

results as (select * from {{ ref('kpi_result') }}),

published as (select * from {{ source('published', 'published_kpi_result') }}),

built as (
    select
        reporting_month.partition_key,
        results.month,
        results.as_at,
        earlier.source,
        results.kpi_id,
        results.cohort,
        results.numerator,
        results.shown,
        results.rag
    from reporting_month
    inner join reporting_month as earlier
        on
            reporting_month.authority = earlier.authority
            and reporting_month.month > earlier.month
    inner join results on earlier.authority = results.authority and earlier.month = results.month
),

-- a month that is built anew counts as it is built
final as (
    select
        published.partition_key,
        published.month,
        published.as_at,
        published.source,
        published.kpi_id,
        published.cohort,
        published.numerator,
        published.shown,
        published.rag
    from published
    inner join reporting_month
        on
            published.partition_key = reporting_month.partition_key
            and published.month < reporting_month.month
    left join reporting_month as built_anew
        on
            published.authority = built_anew.authority
            and published.month = built_anew.month
    where built_anew.partition_key is null and published.authority = reporting_month.authority

    union all

    select * from built
)

select * from final
