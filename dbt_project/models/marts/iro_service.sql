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
        authority,
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
        sourced.authority,
        sourced.position,
        sourced.measure,
        sum(case when facts.is_so then 1 else 0 end) as numerator,
        case when sourced.unit = 'percent' then count(facts.is_so) end as denominator
    from sourced
    left join facts
        on sourced.authority = facts.authority and sourced.measure = facts.measure
    group by sourced.authority, sourced.position, sourced.measure, sourced.unit
),

rated as (
    select
        authority,
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
        authority,
        9 as position,
        'average_caseload' as measure,
        numerator,
        denominator,
        value,
        shown
    from results
    where kpi_id = 'average_caseload_iro' and cohort = 'all' and status = 'computed'
    union all
    select
        authority,
        10 as position,
        'target_caseload' as measure,
        cast(null as decimal(18, 4)) as numerator,
        cast(null as decimal(18, 4)) as denominator,
        cast(target as decimal(18, 6)) as value,
        cast(target as decimal(18, 1)) as shown
    from scorecard
    where kpi_id = 'average_caseload_iro' and target is not null and note is null
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
    inner join rated on financial_year.authority = rated.authority
)

select * from final
