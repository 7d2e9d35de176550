with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

published as (select * from {{ source('published', 'dq_rule_result') }}),

final as (
    select
        published.partition_key,
        published.month,
        published.rule_id,
        published.outcome,
        published.rows_checked,
        published.rows_failed
    from reporting_month
    inner join published on reporting_month.partition_key = published.partition_key
    where published.month < reporting_month.month
)

select * from final
