{#- measure, cohort, the day that decides the cohort, from, to -#}
{%- set steps = [
    ('care_to_plan_initiated', 'initiated in year', 'initiated_date', 'start_date', 'initiated_date'),
    ('plan_initiated_to_adm', 'ADM decision in year', 'decision_date', 'initiated_date', 'decision_date'),
    ('adm_to_matching_panel', 'matched in year', 'matching_panel_date', 'decision_date', 'matching_panel_date'),
    ('placement_order_to_match', 'matched in year', 'matched_date', 'placement_order_date', 'matched_date'),
    ('care_to_placed', 'placed in year', 'placed_date', 'start_date', 'placed_date'),
] -%}
{%- set of_the_adopted = {
    'placement_order_to_match': 'court_to_match',
    'care_to_placed': 'care_to_placed',
} -%}

with

financial_year as (select * from {{ ref('int_financial_year') }}),

journeys as (select * from {{ ref('int_adoption_journeys') }}),

court_to_match as (select * from {{ ref('kpi_adoption_days_court_to_match') }}),

care_to_placed as (select * from {{ ref('kpi_adoption_days_care_to_placed') }}),

listed as (
    {%- for measure, cohort, day, first_day, second_day in steps %}
    select
        journeys.partition_key,
        journeys.cla_id,
        '{{ measure }}' as measure,
        '{{ cohort }}' as cohort,
        cast({{ days_between('journeys.' ~ first_day, 'journeys.' ~ second_day) }} as integer)
            as days
    from journeys
    inner join financial_year on journeys.partition_key = financial_year.partition_key
    where journeys.{{ day }} between financial_year.first_day and financial_year.as_at

    union all
    {% endfor %}
    {%- for measure, kpi in of_the_adopted.items() %}
    select
        {{ kpi }}.partition_key,
        {{ kpi }}.source_id as cla_id,
        '{{ measure }}' as measure,
        'adopted in year' as cohort,
        cast({{ kpi }}.measure as integer) as days
    from {{ kpi }}
    inner join financial_year on {{ kpi }}.partition_key = financial_year.partition_key
    where {{ kpi }}.reference_date >= financial_year.first_day
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

final as (
    select *
    from listed
    where days is not null
)

select * from final
