{%- set factors = {
    'exclusion': 'is_excluded',
    'permanent_exclusion': 'is_permanently_excluded',
    'reduced_timetable': 'is_on_reduced_timetable',
    'exclusion_and_reduced_timetable': 'is_excluded and is_on_reduced_timetable',
    'exclusion_or_reduced_timetable': 'is_excluded or is_on_reduced_timetable',
} -%}

with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children as (select * from {{ ref('int_child_education_factors') }}),

counted as (
    {%- for factor, condition in factors.items() %}
    select
        partition_key,
        period,
        '{{ factor }}' as factor,
        cast(sum(case when {{ condition }} then 1 else 0 end) as integer) as children
    from children
    group by partition_key, period
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        counted.period,
        counted.factor,
        counted.children
    from counted
    inner join reporting_month on counted.partition_key = reporting_month.partition_key
)

select * from final
