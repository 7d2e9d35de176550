with

financial_year as (select * from {{ ref('int_financial_year_find') }}),

timescale_targets as (select * from {{ ref('timescale_targets') }}),

adopters as (select * from {{ ref('stg_local_adopters') }}),

timescales as (select * from {{ ref('int_adopter_timescales_list') }}),

measured as (
    select
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        timescale_targets.measure,
        timescale_targets.cohort,
        timescale_targets.position,
        timescale_targets.target_days,
        count(timescales.days) as families,
        coalesce(sum(timescales.days), 0) as total_days
    from financial_year
    inner join timescale_targets on timescale_targets.journey = 'adopter'
    left join timescales
        on
            financial_year.authority = timescales.authority
            and timescale_targets.measure = timescales.measure
            and timescale_targets.cohort = timescales.cohort
    group by
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        timescale_targets.measure,
        timescale_targets.cohort,
        timescale_targets.position,
        timescale_targets.target_days
),

final as (
    select
        authority,
        month,
        as_at,
        financial_year,
        measure,
        cohort,
        position,
        target_days,
        cast(families as integer) as families,
        cast(total_days as integer) as total_days,
        {{ round_ratio('total_days', 1, 'families', 1) }} as mean_days
    from measured
    where authority in (select adopters.authority from adopters)
)

select * from final
