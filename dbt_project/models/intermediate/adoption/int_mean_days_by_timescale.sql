with

financial_year as (select * from {{ ref('int_financial_year') }}),

timescale_targets as (select * from {{ ref('timescale_targets') }}),

children as (select * from {{ ref('int_child_days_between_steps') }}),

families as (select * from {{ ref('int_adopter_days_between_steps') }}),

timescales as (
    select
        partition_key,
        'child' as journey,
        measure,
        cohort,
        days
    from children

    union all

    select
        partition_key,
        'adopter' as journey,
        measure,
        cohort,
        days
    from families
),

measured as (
    select
        financial_year.partition_key,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        timescale_targets.journey,
        timescale_targets.measure,
        timescale_targets.cohort,
        timescale_targets.position,
        timescale_targets.target_days,
        count(timescales.days) as subjects,
        coalesce(sum(timescales.days), 0) as total_days
    from financial_year
    cross join timescale_targets
    left join timescales
        on
            financial_year.partition_key = timescales.partition_key
            and timescale_targets.journey = timescales.journey
            and timescale_targets.measure = timescales.measure
            and timescale_targets.cohort = timescales.cohort
    group by
        financial_year.partition_key,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        timescale_targets.journey,
        timescale_targets.measure,
        timescale_targets.cohort,
        timescale_targets.position,
        timescale_targets.target_days
),

final as (
    select
        partition_key,
        month,
        as_at,
        financial_year,
        journey,
        measure,
        cohort,
        position,
        target_days,
        cast(subjects as integer) as subjects,
        cast(total_days as integer) as total_days,
        {{ round_ratio('total_days', 1, 'subjects', 1) }} as mean_days
    from measured
)

select * from final
