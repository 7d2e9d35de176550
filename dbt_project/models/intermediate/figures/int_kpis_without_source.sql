with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

without_source as (select * from {{ source('reference', 'kpi_without_source') }}),

final as (
    select
        reporting_month.partition_key,
        reporting_month.month,
        cast(without_source.kpi_id as string) as kpi_id,
        cast(without_source.cohort as string) as cohort,
        cast(without_source.reason as string) as reason
    from reporting_month
    cross join without_source
)

select * from final
