with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

failures as (select * from {{ source('gates', 'dq_failure') }}),

results as (select * from {{ source('gates', 'dq_rule_result') }}),

protects as (select * from {{ source('gates', 'dq_protects') }}),

subject_keys as (select * from {{ source('keys', 'subject_key') }}),

-- where no rule failed, the columns of the file have no type
typed as (
    select
        partition_key,
        gate,
        feed,
        table_name,
        rule_id,
        cast(row_key as string) as row_key,
        cast(person_id as string) as person_id,
        cast(group_key as string) as group_key,
        cast(is_refused as boolean) as is_refused
    from failures
),

protected_kpis as (
    select
        partition_key,
        rule_id,
        count(distinct kpi_id) as kpis
    from protects
    group by partition_key, rule_id
),

described as (
    select
        typed.*,
        reporting_month.month,
        reporting_month.as_at,
        results.dimension,
        results.severity,
        results.owner,
        record_keys.subject_id as record_key,
        child_keys.subject_id as child_key,
        cast(coalesce(protected_kpis.kpis, 0) as integer) as kpis
    from typed
    inner join reporting_month on typed.partition_key = reporting_month.partition_key
    left join results
        on
            typed.partition_key = results.partition_key
            and typed.gate = results.gate
            and typed.rule_id = results.rule_id
    left join protected_kpis
        on
            typed.partition_key = protected_kpis.partition_key
            and typed.rule_id = protected_kpis.rule_id
    left join subject_keys as record_keys
        on
            typed.partition_key = record_keys.partition_key
            and typed.table_name || ':' || typed.row_key = record_keys.source_id
            and record_keys.subject_type = 'record'
    left join subject_keys as child_keys
        on
            typed.partition_key = child_keys.partition_key
            and typed.person_id = child_keys.source_id
            and child_keys.subject_type = 'child'
),

-- numbered in the order of the pseudonyms, so that a number gives nothing away of an id
final as (
    select
        partition_key,
        month,
        as_at,
        gate,
        feed,
        table_name,
        rule_id,
        cast(
            row_number() over (
                partition by partition_key, rule_id
                order by record_key, child_key, is_refused
            ) as integer
        ) as failure_number,
        dimension,
        severity,
        owner,
        row_key,
        person_id,
        group_key,
        record_key,
        child_key,
        is_refused,
        kpis
    from described
)

select * from final
