with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

results as (select * from {{ ref('dq_rule_result') }}),

published as (select * from {{ ref('int_earlier_rule_results') }}),

this_month as (
    select
        reporting_month.partition_key,
        results.*
    from results
    inner join reporting_month
        on results.authority = reporting_month.authority and results.month = reporting_month.month
),

every_month as (
    select
        partition_key,
        month,
        rule_id,
        outcome,
        rows_checked,
        rows_failed
    from this_month

    union all

    select
        partition_key,
        month,
        rule_id,
        outcome,
        rows_checked,
        rows_failed
    from published
),

months as (
    select
        partition_key,
        month,
        row_number() over (partition by partition_key order by month desc) as month_number
    from every_month
    group by partition_key, month
),

rated as (
    select
        every_month.*,
        months.month_number,
        {{ round_ratio('every_month.rows_failed', 1, 'every_month.rows_checked', 6) }}
            as failed_share
    from every_month
    inner join months
        on every_month.partition_key = months.partition_key and every_month.month = months.month
),

-- counted back from this month: a failing month has its own number until one did not fail
failing as (
    select
        partition_key,
        rule_id,
        month_number,
        row_number() over (
            partition by partition_key, rule_id order by month_number
        ) as failing_number
    from rated
    where outcome = 'fail'
),

failing_runs as (
    select
        partition_key,
        rule_id,
        count(*) as months_failing
    from failing
    where month_number = failing_number
    group by partition_key, rule_id
),

final as (
    select
        results.authority,
        results.month,
        results.as_at,
        results.rule_id,
        results.table_name,
        results.dimension,
        results.severity,
        results.owner,
        results.rows_checked,
        results.rows_failed,
        now.failed_share,
        cast(months.month as string) as previous_month,
        cast(previous.rows_failed as bigint) as previous_rows_failed,
        previous.failed_share as previous_failed_share,
        case
            when now.failed_share is null then null
            when previous.failed_share is null then 'new'
            when now.failed_share < previous.failed_share then 'better'
            when now.failed_share > previous.failed_share then 'worse'
            else 'same'
        end as movement,
        cast(coalesce(failing_runs.months_failing, 0) as integer) as months_failing
    from this_month as results
    inner join rated as now
        on
            results.partition_key = now.partition_key
            and results.rule_id = now.rule_id
            and now.month_number = 1
    left join months on results.partition_key = months.partition_key and months.month_number = 2
    left join rated as previous
        on
            results.partition_key = previous.partition_key
            and results.rule_id = previous.rule_id
            and previous.month_number = 2
    left join failing_runs
        on
            results.partition_key = failing_runs.partition_key
            and results.rule_id = failing_runs.rule_id
)

select * from final
