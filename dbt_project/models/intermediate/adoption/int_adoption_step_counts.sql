{#- journey, its subjects, and its measures in order as printed, each with the day of the step -#}
{%- set journeys = [
    ('child', 'children', {
        'adm_best_interest_decisions': 'decision_date',
        'placement_orders': 'placement_order_date',
        'matches_approved': 'matched_date',
        'children_placed': 'placed_date',
        'adoption_orders_granted': 'adopted_date',
    }),
    ('adopter', 'families', {
        'enquiries': 'enquiry_date',
        'stage_1_starts': 'stage_1_start_date',
        'stage_2_starts': 'stage_2_start_date',
        'stage_2_ends': 'stage_2_end_date',
        'families_matched': 'matched_date',
        'families_with_placements': 'placed_date',
        'families_with_adoption_orders': 'adoption_order_date',
    }),
] -%}

with

financial_year as (select * from {{ ref('int_financial_year') }}),

adoption_journeys as (select * from {{ ref('int_adoption_journeys') }}),

families as (select * from {{ ref('stg_local_adopters') }}),

children as (
    select
        *,
        case when is_adopted then end_date end as adopted_date
    from adoption_journeys
),

final as (
    {%- for journey, subjects, measures in journeys %}
    {%- set is_last_journey = loop.last %}
    {%- for measure, day in measures.items() %}
    select
        financial_year.partition_key,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        '{{ journey }}' as journey,
        '{{ measure }}' as measure,
        cast({{ loop.index }} as integer) as position,
        cast(count({{ subjects }}.partition_key) as integer) as subjects
    from financial_year
    left join {{ subjects }}
        on
            financial_year.partition_key = {{ subjects }}.partition_key
            and {{ subjects }}.{{ day }} between financial_year.first_day and financial_year.as_at
    group by
        financial_year.partition_key,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year
    {%- if not (loop.last and is_last_journey) %}

    union all
    {% endif %}
    {%- endfor %}
    {%- endfor %}
)

select * from final
