with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

external_figures as (select * from {{ ref('external_figures') }}),

in_force as (
    select
        external_figures.*,
        reporting_month.month,
        row_number() over (
            partition by external_figures.partition_key, external_figures.kpi_id
            order by external_figures.valid_from desc
        ) as figure_rank
    from reporting_month
    inner join external_figures
        on
            reporting_month.partition_key = external_figures.partition_key
            and reporting_month.as_at >= external_figures.valid_from
),

final as (
    select
        partition_key,
        month,
        kpi_id,
        'all' as cohort,
        cast(null as decimal(18, 4)) as numerator,
        cast(null as decimal(18, 4)) as denominator,
        cast(value as decimal(18, 6)) as value,
        year,
        source
    from in_force
    where figure_rank = 1
)

select * from final
