{%- set measures = [
    ('reviews_chaired_by_iro', 'percent', 'review_quality'),
    ('care_plan_shared_and_views_recorded', 'percent', 'review_quality'),
    ('plan_implemented_in_timeframe', 'percent', 'review_quality'),
    ('care_plans_good_or_better', 'percent', 'review_quality'),
    ('care_plans_requires_improvement', 'percent', 'review_quality'),
    ('care_plans_inadequate', 'percent', 'review_quality'),
    ('late_notifications', 'count', 'notifications'),
    ('dispute_resolutions', 'count', 'disputes'),
] -%}

with

financial_year as (select * from {{ ref('int_financial_year') }}),

review_quality as (select * from {{ ref('stg_local_review_quality') }}),

notifications as (select * from {{ ref('stg_local_iro_notifications') }}),

disputes as (select * from {{ ref('stg_local_dispute_resolutions') }}),

facts as (select * from {{ ref('int_iro_facts') }}),

results as (select * from {{ ref('kpi_result') }}),

scorecard as (select * from {{ ref('scorecard') }}),

-- an optional table without rows is no source, and has no measures
sourced as (
    {%- for measure, unit, source in measures %}
    select distinct
        partition_key,
        {{ loop.index }} as position,
        '{{ measure }}' as measure,
        '{{ unit }}' as unit
    from {{ source }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

counted as (
    select
        sourced.partition_key,
        sourced.position,
        sourced.measure,
        sum(case when facts.is_so then 1 else 0 end) as numerator,
        case when sourced.unit = 'percent' then count(facts.is_so) end as denominator
    from sourced
    left join facts
        on sourced.partition_key = facts.partition_key and sourced.measure = facts.measure
    group by sourced.partition_key, sourced.position, sourced.measure, sourced.unit
),

rated as (
    select
        partition_key,
        position,
        measure,
        cast(numerator as decimal(18, 4)) as numerator,
        cast(denominator as decimal(18, 4)) as denominator,
        case
            when denominator is null then cast(numerator as decimal(18, 6))
            else {{ round_ratio('numerator', 100, 'denominator', 6) }}
        end as value,
        case
            when denominator is null then cast(numerator as decimal(18, 1))
            else {{ round_ratio('numerator', 100, 'denominator', 1) }}
        end as shown
    from counted
    union all
    select
        financial_year.partition_key,
        9 as position,
        'average_caseload' as measure,
        results.numerator,
        results.denominator,
        results.value,
        results.shown
    from financial_year
    inner join results
        on financial_year.authority = results.authority and financial_year.month = results.month
    where
        results.kpi_id = 'average_caseload_iro'
        and results.cohort = 'all'
        and results.status = 'computed'
    union all
    select
        financial_year.partition_key,
        10 as position,
        'target_caseload' as measure,
        cast(null as decimal(18, 4)) as numerator,
        cast(null as decimal(18, 4)) as denominator,
        cast(scorecard.target as decimal(18, 6)) as value,
        cast(scorecard.target as decimal(18, 1)) as shown
    from financial_year
    inner join scorecard
        on
            financial_year.authority = scorecard.authority
            and financial_year.month = scorecard.month
    where
        scorecard.kpi_id = 'average_caseload_iro'
        and scorecard.target is not null
        and scorecard.note is null
),

final as (
    select
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        rated.measure,
        cast(rated.position as integer) as position,
        rated.numerator,
        rated.denominator,
        rated.value,
        rated.shown
    from financial_year
    inner join rated on financial_year.partition_key = rated.partition_key
)

select * from final
