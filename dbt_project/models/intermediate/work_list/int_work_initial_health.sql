{%- set steps = [
    (
        'iha_referral_within_5_working_days',
        'Referral for initial health assessment',
        'referral_due_date',
        'coalesce(schedule.referral_date, schedule.assessment_date)',
    ),
    (
        'iha_within_20_working_days',
        'Initial health assessment',
        'assessment_due_date',
        'schedule.assessment_date',
    ),
] -%}

with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

schedule as (select * from {{ ref('int_initial_health_schedules') }}),

final as (
    {%- for kpi_id, task, due_date, done_date in steps %}
    select
        schedule.partition_key,
        '{{ kpi_id }}' as kpi_id,
        '{{ task }}' as task,
        schedule.cla_id as source_id,
        schedule.person_id,
        children_in_care.as_at as reference_date,
        schedule.{{ due_date }} as due_date,
        schedule.{{ due_date }} <= children_in_care.as_at as is_overdue
    from schedule
    inner join children_in_care
        on
            schedule.partition_key = children_in_care.partition_key
            and schedule.cla_id = children_in_care.cla_id
    where {{ done_date }} is null
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
)

select * from final
