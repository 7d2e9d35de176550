{%- set lists = [
    'reviews', 'health_checks', 'initial_health', 'pathway_plans', 'return_interviews',
] -%}

with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

working_days as (select * from {{ ref('int_calendar_days') }}),

{% for list in lists -%}
{{ list }} as (select * from {{ ref('int_work_' ~ list) }}),

{% endfor -%}

items as (
    {%- for list in lists %}
    select * from {{ list }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

final as (
    select
        items.*,
        due.working_day_number - today.working_day_number as working_days_left
    from items
    inner join reporting_month
        on
            items.partition_key = reporting_month.partition_key
            and reporting_month.source = 'extract'
    left join working_days as today on reporting_month.as_at = today.calendar_date
    left join working_days as due on items.due_date = due.calendar_date
)

select *
from final
where is_overdue or working_days_left <= 20
