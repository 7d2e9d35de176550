with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

months as (select * from {{ ref('int_flow_months') }}),

turned_18 as (select * from {{ ref('int_flow_care_leavers_at_18') }}),

care_leavers as (select * from {{ ref('int_care_leavers') }}),

flags as (
    select true as is_uasc
    union all
    select false as is_uasc
),

ages as (
    {%- for age in range(18, 25) %}
    select {{ age }} as age
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

-- null where nothing is observed: the sum of nulls alone is null
observed as (
    select
        months.partition_key,
        months.flow_month,
        18 as age,
        flags.is_uasc,
        count(turned_18.person_id) as entries,
        cast(null as integer) as stock_end
    from months
    cross join flags
    left join turned_18
        on
            months.partition_key = turned_18.partition_key
            and flags.is_uasc = turned_18.was_uasc
            and turned_18.birthday_date between months.first_day and months.last_day
    group by months.partition_key, months.flow_month, flags.is_uasc
    union all
    select
        partition_key,
        month as flow_month,
        age,
        is_uasc,
        cast(null as integer) as entries,
        1 as stock_end
    from care_leavers
    union all
    select
        reporting_month.partition_key,
        reporting_month.month as flow_month,
        ages.age,
        flags.is_uasc,
        cast(null as integer) as entries,
        0 as stock_end
    from reporting_month
    cross join ages
    cross join flags
),

final as (
    select
        partition_key,
        flow_month,
        age,
        is_uasc,
        sum(entries) as entries,
        sum(stock_end) as stock_end
    from observed
    group by partition_key, flow_month, age, is_uasc
)

select * from final
