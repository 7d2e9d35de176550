{%- set measures = [
    ("'open_cases_uasc'", 'uasc', 'cases'),
    ("'open_cases_citizen'", 'total - uasc', 'cases'),
    ("'open_cases_total'", 'total', 'cases'),
    ("'capacity_open_cases'", 'established', 'capacity'),
    ("'capacity_of_filled_posts'", 'filled', 'capacity'),
    ("'caseload_' || role", 'caseload', 'roles'),
    ("'established_fte_' || role", 'established_fte', 'roles'),
    ("'filled_fte_' || role", 'filled_fte', 'roles'),
] -%}

with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

care_leavers as (select * from {{ ref('int_care_leavers') }}),

posts as (select * from {{ ref('int_care_leaver_posts') }}),

cases as (
    select
        partition_key,
        count(*) as total,
        sum(case when is_uasc then 1 else 0 end) as uasc
    from care_leavers
    group by partition_key
),

roles as (
    select
        partition_key,
        role,
        max(caseload) as caseload,
        sum(established_fte) as established_fte,
        sum(filled_fte) as filled_fte
    from posts
    group by partition_key, role
),

capacity as (
    select
        partition_key,
        sum(established_fte * caseload) as established,
        sum(filled_fte * caseload) as filled
    from roles
    group by partition_key
),

measured as (
    {%- for measure, value, source in measures %}
    select
        partition_key,
        {{ measure }} as measure,
        {{ value }} as value
    from {{ source }}
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
        measured.measure,
        cast(measured.value as decimal(18, 4)) as value
    from reporting_month
    inner join measured on reporting_month.partition_key = measured.partition_key
)

select * from final
