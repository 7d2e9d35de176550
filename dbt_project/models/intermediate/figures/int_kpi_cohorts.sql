with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

cohorts as (
    select 'all' as cohort
    union all
    select 'exc_uasc' as cohort
),

final as (
    select
        reporting_month.partition_key,
        reporting_month.month,
        kpi_catalogue.kpi_id,
        cohorts.cohort,
        kpi_catalogue.unit,
        kpi_catalogue.polarity,
        coalesce(kpi_catalogue.subject, 'aggregate') <> 'aggregate' as has_subjects,
        case kpi_catalogue.unit
            when 'percent' then 100
            when 'rate_per_10000' then 10000
            else 1
        end as multiplier
    from reporting_month
    cross join kpi_catalogue
    cross join cohorts
    where cohorts.cohort = 'all' or kpi_catalogue.exc_uasc_cohort = 'yes'
)

select * from final
