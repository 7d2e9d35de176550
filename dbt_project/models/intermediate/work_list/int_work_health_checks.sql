{%- set checks = [
    ('health_assessment_in_timescale', 'Health assessment', 'assessment_lasts_until'),
    ('dental_check_in_timescale', 'Dental check', 'dental_check_lasts_until'),
] -%}

with

children as (select * from {{ ref('int_health_check_dates') }}),

final as (
    {%- for kpi_id, task, lasts_until in checks %}
    select
        partition_key,
        '{{ kpi_id }}' as kpi_id,
        '{{ task }}' as task,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        greatest(asked_from, coalesce({{ lasts_until }}, asked_from)) as due_date,
        asked_from <= as_at and coalesce({{ lasts_until }} < as_at, true) as is_overdue
    from children
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
)

select * from final
