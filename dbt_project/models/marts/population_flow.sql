with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children as (select * from {{ ref('int_flow_children_by_age') }}),

care_leavers as (select * from {{ ref('int_flow_care_leavers_by_age') }}),

flows as (
    select
        partition_key,
        'children_in_care' as population,
        flow_month,
        age,
        is_uasc,
        stock_start,
        entries,
        exits,
        stock_end
    from children

    union all

    -- a return has care leavers only at their birthdays
    select
        care_leavers.partition_key,
        'care_leavers' as population,
        care_leavers.flow_month,
        care_leavers.age,
        care_leavers.is_uasc,
        null as stock_start,
        care_leavers.entries,
        null as exits,
        care_leavers.stock_end
    from care_leavers
    inner join reporting_month
        on
            care_leavers.partition_key = reporting_month.partition_key
            and reporting_month.source = 'extract'
),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        flows.population,
        flows.flow_month,
        cast(flows.age as integer) as age,
        flows.is_uasc,
        cast(flows.stock_start as integer) as stock_start,
        cast(flows.entries as integer) as entries,
        cast(flows.exits as integer) as exits,
        cast(flows.stock_end as integer) as stock_end
    from reporting_month
    inner join flows on reporting_month.partition_key = flows.partition_key
)

select * from final
