with

kpi_cohorts as (select * from {{ ref('int_kpi_cohorts') }}),

subject_figures as (select * from {{ ref('int_sums_by_dimension') }}),

without_source as (select * from {{ ref('int_kpis_without_source') }}),

given_figures as (select * from {{ ref('int_kpi_figures') }}),

figures as (
    select
        partition_key,
        kpi_id,
        cohort,
        dimension,
        dimension_value,
        numerator,
        denominator
    from subject_figures
    union all
    select
        partition_key,
        kpi_id,
        cohort,
        'total' as dimension,
        'total' as dimension_value,
        coalesce(value, numerator) as numerator,
        denominator
    from given_figures
),

-- every KPI has a total, with subjects or without; a figure that is missing, or that the month's
-- source does not hold, is no_source: it is not 0, and it is not broken down
listed as (
    select
        kpi_cohorts.*,
        coalesce(figures.dimension, 'total') as dimension,
        coalesce(figures.dimension_value, 'total') as dimension_value,
        case
            when without_source.kpi_id is not null then 'no_source'
            when figures.kpi_id is null and not kpi_cohorts.has_subjects then 'no_source'
            when kpi_cohorts.unit = 'external' then 'external'
            else 'computed'
        end as status,
        case
            when without_source.kpi_id is not null then null
            when kpi_cohorts.has_subjects then coalesce(figures.numerator, 0)
            else figures.numerator
        end as dividend,
        case
            when without_source.kpi_id is not null then null
            when kpi_cohorts.unit in ('count', 'external') then 1
            when kpi_cohorts.has_subjects then coalesce(figures.denominator, 0)
            else figures.denominator
        end as divisor
    from kpi_cohorts
    left join without_source
        on
            kpi_cohorts.partition_key = without_source.partition_key
            and kpi_cohorts.kpi_id = without_source.kpi_id
            and kpi_cohorts.cohort = without_source.cohort
    left join figures
        on
            kpi_cohorts.partition_key = figures.partition_key
            and kpi_cohorts.kpi_id = figures.kpi_id
            and kpi_cohorts.cohort = figures.cohort
            and without_source.kpi_id is null
),

final as (
    select
        partition_key,
        month,
        kpi_id,
        cohort,
        unit,
        polarity,
        dimension,
        dimension_value,
        status,
        cast(
            case when unit <> 'external' then case when divisor = 0 then 0 else dividend end end
            as decimal(18, 4)
        ) as numerator,
        cast(case when unit not in ('count', 'external') then divisor end as decimal(18, 4))
            as denominator,
        {{ round_ratio('dividend', 'multiplier', 'divisor', 6) }} as value,
        {{ round_ratio('dividend', 'multiplier', 'divisor', 1) }} as shown
    from listed
)

select * from final
