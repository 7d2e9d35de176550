{%- set measures = {
    'adm_best_interest_decisions': 'journeys.decision_date',
    'placement_orders': 'journeys.placement_order_date',
    'matches_approved': 'journeys.matched_date',
    'children_placed': 'journeys.placed_date',
    'adoption_orders_granted': 'case when journeys.is_adopted then journeys.end_date end',
} -%}

with

financial_year as (select * from {{ ref('int_financial_year_find') }}),

journeys as (select * from {{ ref('int_adoption_journeys_build') }}),

final as (
    {%- for measure, day in measures.items() %}
    select
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        '{{ measure }}' as measure,
        cast({{ loop.index }} as integer) as position,
        cast(count(journeys.cla_id) as integer) as children
    from financial_year
    left join journeys
        on
            financial_year.authority = journeys.authority
            and {{ day }} between financial_year.first_day and financial_year.as_at
    group by
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
)

select * from final
