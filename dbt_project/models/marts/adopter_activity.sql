{%- set measures = {
    'enquiries': 'enquiry_date',
    'stage_1_starts': 'stage_1_start_date',
    'stage_2_starts': 'stage_2_start_date',
    'stage_2_ends': 'stage_2_end_date',
    'families_matched': 'matched_date',
    'families_with_placements': 'placed_date',
    'families_with_adoption_orders': 'adoption_order_date',
} -%}

with

financial_year as (select * from {{ ref('int_financial_year_find') }}),

adopters as (select * from {{ ref('stg_local_adopters') }}),

final as (
    {%- for measure, day in measures.items() %}
    select
        financial_year.authority,
        financial_year.month,
        financial_year.as_at,
        financial_year.financial_year,
        '{{ measure }}' as measure,
        cast({{ loop.index }} as integer) as position,
        cast(
            sum(
                case
                    when
                        adopters.{{ day }} between financial_year.first_day
                        and financial_year.as_at
                        then 1
                    else 0
                end
            ) as integer
        ) as families
    from financial_year
    inner join adopters on financial_year.authority = adopters.authority
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
