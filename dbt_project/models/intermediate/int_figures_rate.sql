with

kpi_cohorts as (select * from {{ ref('int_kpi_cohorts_list') }}),

figures as (select * from {{ ref('int_figures_sum') }}),

-- a KPI without subjects has a total too
listed as (
    select
        kpi_cohorts.*,
        coalesce(figures.dimension, 'total') as dimension,
        coalesce(figures.dimension_value, 'total') as dimension_value,
        coalesce(figures.numerator, 0) as numerator_sum,
        case
            when kpi_cohorts.unit = 'count' then 1
            else coalesce(figures.denominator, 0)
        end as divisor
    from kpi_cohorts
    left join figures
        on
            kpi_cohorts.authority = figures.authority
            and kpi_cohorts.month = figures.month
            and kpi_cohorts.kpi_id = figures.kpi_id
            and kpi_cohorts.cohort = figures.cohort
),

final as (
    select
        authority,
        month,
        kpi_id,
        cohort,
        unit,
        polarity,
        dimension,
        dimension_value,
        cast(case when divisor = 0 then 0 else numerator_sum end as decimal(18, 4)) as numerator,
        cast(case when unit <> 'count' then divisor end as decimal(18, 4)) as denominator,
        {{ round_ratio('numerator_sum', 'multiplier', 'divisor', 6) }} as value,
        {{ round_ratio('numerator_sum', 'multiplier', 'divisor', 1) }} as shown
    from listed
)

select * from final
