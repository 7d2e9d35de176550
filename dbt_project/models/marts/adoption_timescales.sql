with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

timescales as (select * from {{ ref('int_mean_days_by_timescale') }}),

sources_held as (select * from {{ ref('int_month_source') }}),

without_source as (select * from {{ ref('int_kpis_without_source') }}),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        timescales.financial_year,
        timescales.measure,
        timescales.cohort,
        timescales.position,
        timescales.target_days,
        timescales.subjects as children,
        timescales.total_days,
        timescales.mean_days
    from timescales
    inner join reporting_month on timescales.partition_key = reporting_month.partition_key
    inner join sources_held on timescales.partition_key = sources_held.partition_key
    left join without_source
        on
            timescales.partition_key = without_source.partition_key
            and without_source.cohort = 'all'
            and without_source.kpi_id = case timescales.measure
                when 'placement_order_to_match' then 'adoption_days_court_to_match'
                else 'adoption_days_care_to_placed'
            end
    where
        timescales.journey = 'child'
        and (
            sources_held.is_extract
            or timescales.cohort = 'placed in year'
            or (timescales.cohort = 'adopted in year' and without_source.kpi_id is null)
        )
)

select * from final
