with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

results as (select * from {{ source('gates', 'dq_rule_result') }}),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        cast(results.gate as string) as gate,
        cast(results.feed as string) as feed,
        cast(results.table_name as string) as table_name,
        cast(results.column_name as string) as column_name,
        cast(results.rule_id as string) as rule_id,
        cast(results.description as string) as description,
        cast(results.dimension as string) as dimension,
        cast(results.severity as string) as severity,
        cast(results.owner as string) as owner,
        cast(results.outcome as string) as outcome,
        cast(results.blocks as boolean) as blocks,
        cast(results.reason as string) as reason,
        cast(results.rows_checked as bigint) as rows_checked,
        cast(results.rows_failed as bigint) as rows_failed,
        cast(results.rows_refused as bigint) as rows_refused,
        cast(results.tolerated as double) as tolerated,
        cast(results.accepted_by as string) as accepted_by,
        cast(results.accepted_until as string) as accepted_until,
        cast(results.rules_version as string) as rules_version,
        cast(results.run_at as timestamp) as run_at
    from results
    inner join reporting_month on results.partition_key = reporting_month.partition_key
)

select * from final
