with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

arrivals as (select * from {{ ref('int_uasc_arrivals') }}),

sources_held as (select * from {{ ref('int_month_source') }}),

months as (
    {%- for months_ago in range(24) %}
    select
        partition_key,
        authority,
        month,
        as_at,
        {{ add_months('month_start', -months_ago) }} as first_day,
        {{ add_months('month_start', 1 - months_ago) }} as next_first_day
    from reporting_month
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

final as (
    select
        months.authority,
        months.month,
        months.as_at,
        substring(cast(months.first_day as string), 1, 7) as arrival_month,
        cast(count(arrivals.person_id) as integer) as arrivals
    from months
    inner join sources_held on months.partition_key = sources_held.partition_key
    left join arrivals
        on
            months.partition_key = arrivals.partition_key
            and months.first_day <= arrivals.arrival_date
            and months.next_first_day > arrivals.arrival_date
    where
        sources_held.knows_uasc
        and (months.first_day >= sources_held.known_since or sources_held.known_since is null)
    group by months.authority, months.month, months.as_at, months.first_day
)

select * from final
