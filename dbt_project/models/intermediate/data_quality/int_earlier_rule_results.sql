with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

results as (select * from {{ ref('dq_rule_result') }}),

published as (select * from {{ source('published', 'published_dq_rule_result') }}),

built as (
    select
        reporting_month.partition_key,
        results.month,
        results.rule_id,
        results.outcome,
        results.rows_checked,
        results.rows_failed
    from reporting_month
    inner join results
        on
            reporting_month.authority = results.authority
            and reporting_month.month > results.month
),

-- a month that is built anew counts as it is built
final as (
    select
        published.partition_key,
        published.month,
        published.rule_id,
        published.outcome,
        published.rows_checked,
        published.rows_failed
    from reporting_month
    inner join published
        on
            reporting_month.partition_key = published.partition_key
            and reporting_month.authority = published.authority
    left join reporting_month as built_anew
        on
            published.authority = built_anew.authority
            and published.month = built_anew.month
    where published.month < reporting_month.month and built_anew.partition_key is null

    union all

    select * from built
)

select * from final
