with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

sources_held as (select * from {{ ref('int_month_source') }}),

steps as (
    {%- for months_ago in range(60) %}
    select {{ months_ago }} as months_ago
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

days as (
    select
        reporting_month.partition_key,
        {{ add_months('reporting_month.month_start', '-steps.months_ago') }} as first_day,
        {{ add_months('reporting_month.month_start', '1 - steps.months_ago') }} as next_first_day
    from reporting_month
    cross join steps
),

final as (
    select
        days.partition_key,
        substring(cast(days.first_day as string), 1, 7) as flow_month,
        days.first_day,
        {{ add_days('days.next_first_day', -1) }} as last_day
    from days
    inner join sources_held on days.partition_key = sources_held.partition_key
    where
        sources_held.knows_uasc
        and (sources_held.known_since <= days.first_day or sources_held.known_since is null)
)

select * from final
