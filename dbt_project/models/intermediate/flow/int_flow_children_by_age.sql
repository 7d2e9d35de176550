with

months as (select * from {{ ref('int_flow_months') }}),

periods as (select * from {{ ref('int_flow_periods_of_care') }}),

ages as (
    {%- for age in range(18) %}
    select {{ age }} as age
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

flags as (
    select true as is_uasc
    union all
    select false as is_uasc
),

present as (
    select
        months.partition_key,
        months.flow_month,
        periods.is_uasc,
        {{ completed_years(
            'periods.date_of_birth', 'greatest(months.first_day, periods.start_date)'
        ) }} as age_in_month,
        {{ completed_years('periods.date_of_birth', 'months.last_day') }} as age_at_end,
        case
            when periods.start_date >= months.first_day and periods.is_start_known then 1
            else 0
        end as entered,
        case when periods.end_date <= months.last_day then 1 else 0 end as exited
    from months
    inner join periods
        on
            months.partition_key = periods.partition_key
            and months.last_day >= periods.start_date
            and (periods.end_date is null or months.first_day <= periods.end_date)
),

moves as (
    select
        partition_key,
        flow_month,
        age_in_month as age,
        is_uasc,
        1 - entered as stock_start,
        entered as entries,
        exited as exits,
        0 as stock_end
    from present
    union all
    select
        partition_key,
        flow_month,
        age_at_end as age,
        is_uasc,
        0 as stock_start,
        0 as entries,
        0 as exits,
        1 as stock_end
    from present
    where exited = 0
    union all
    select
        months.partition_key,
        months.flow_month,
        ages.age,
        flags.is_uasc,
        0 as stock_start,
        0 as entries,
        0 as exits,
        0 as stock_end
    from months
    cross join ages
    cross join flags
),

final as (
    select
        partition_key,
        flow_month,
        age,
        is_uasc,
        sum(stock_start) as stock_start,
        sum(entries) as entries,
        sum(exits) as exits,
        sum(stock_end) as stock_end
    from moves
    group by partition_key, flow_month, age, is_uasc
)

select * from final
