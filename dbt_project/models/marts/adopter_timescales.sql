with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

timescales as (select * from {{ ref('int_mean_days_by_timescale') }}),

adopters as (select * from {{ ref('stg_local_adopters') }}),

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
        timescales.subjects as families,
        timescales.total_days,
        timescales.mean_days
    from timescales
    inner join reporting_month on timescales.partition_key = reporting_month.partition_key
    where
        timescales.journey = 'adopter'
        and timescales.partition_key in (select adopters.partition_key from adopters)
)

select * from final
