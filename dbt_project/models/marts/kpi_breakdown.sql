with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

figures as (select * from {{ ref('int_results_by_dimension') }}),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        figures.kpi_id,
        figures.cohort,
        figures.dimension,
        figures.dimension_value,
        figures.numerator,
        figures.denominator,
        figures.value,
        figures.shown
    from figures
    inner join reporting_month on figures.partition_key = reporting_month.partition_key
    where figures.dimension <> 'total'
)

select * from final
