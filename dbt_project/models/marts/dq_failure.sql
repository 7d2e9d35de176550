with

failures as (select * from {{ ref('int_dq_failures') }}),

final as (
    select
        authority,
        month,
        as_at,
        cast(gate as string) as gate,
        cast(feed as string) as feed,
        cast(table_name as string) as table_name,
        cast(rule_id as string) as rule_id,
        failure_number,
        cast(dimension as string) as dimension,
        cast(severity as string) as severity,
        cast(owner as string) as owner,
        cast(record_key as string) as record_key,
        cast(child_key as string) as child_key,
        cast(is_refused as boolean) as is_refused,
        kpis
    from failures
)

select * from final
