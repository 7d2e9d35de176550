{%- set factors = {
    'exclusion': 'is_excluded',
    'permanent_exclusion': 'is_permanently_excluded',
    'reduced_timetable': 'is_on_reduced_timetable',
    'exclusion_and_reduced_timetable': 'is_excluded and is_on_reduced_timetable',
    'exclusion_or_reduced_timetable': 'is_excluded or is_on_reduced_timetable',
} -%}

with

children as (select * from {{ ref('int_child_education_factors') }}),

final as (
    {%- for factor, condition in factors.items() %}
    select
        authority,
        month,
        as_at,
        period,
        '{{ factor }}' as factor,
        cast(sum(case when {{ condition }} then 1 else 0 end) as integer) as children
    from children
    group by authority, month, as_at, period
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
)

select * from final
