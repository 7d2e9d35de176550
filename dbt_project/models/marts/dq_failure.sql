with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

failures as (select * from {{ ref('int_dq_failures') }}),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        cast(failures.gate as string) as gate,
        cast(failures.feed as string) as feed,
        cast(failures.table_name as string) as table_name,
        cast(failures.rule_id as string) as rule_id,
        failures.failure_number,
        cast(failures.dimension as string) as dimension,
        cast(failures.severity as string) as severity,
        cast(failures.owner as string) as owner,
        cast(failures.record_key as string) as record_key,
        cast(failures.child_key as string) as child_key,
        cast(failures.is_refused as boolean) as is_refused,
        failures.kpis
    from failures
    inner join reporting_month on failures.partition_key = reporting_month.partition_key
)

select * from final
