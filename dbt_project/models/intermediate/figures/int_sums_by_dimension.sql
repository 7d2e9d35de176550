{%- set dimensions = [
    'sex', 'age_band', 'ethnic_group', 'uasc', 'area', 'team', 'placement_group',
    'legal_status_group',
] -%}

with

subjects as (select * from {{ ref('int_subject_parts') }}),

by_dimension as (
    select
        *,
        'total' as dimension,
        'total' as dimension_value
    from subjects
    {%- for dimension in dimensions %}

    union all

    select
        *,
        '{{ dimension }}' as dimension,
        {{ dimension }} as dimension_value
    from subjects
    {%- endfor %}
),

final as (
    select
        partition_key,
        month,
        kpi_id,
        cohort,
        dimension,
        dimension_value,
        cast(sum(numerator_part) as decimal(18, 4)) as numerator,
        cast(sum(denominator_part) as decimal(18, 4)) as denominator
    from by_dimension
    group by partition_key, month, kpi_id, cohort, dimension, dimension_value
)

select * from final
