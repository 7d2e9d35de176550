with

results as (select * from {{ ref('dq_rule_result') }}),

published as (select * from {{ ref('int_earlier_rule_results') }}),

every_month as (
    select
        authority,
        month,
        rule_id,
        outcome,
        rows_checked,
        rows_failed
    from results

    union all

    select
        authority,
        month,
        rule_id,
        outcome,
        rows_checked,
        rows_failed
    from published
),

months as (
    select
        authority,
        month,
        row_number() over (partition by authority order by month desc) as month_number
    from every_month
    group by authority, month
),

rated as (
    select
        every_month.*,
        months.month_number,
        {{ round_ratio('every_month.rows_failed', 1, 'every_month.rows_checked', 6) }}
            as failed_share
    from every_month
    inner join months
        on every_month.authority = months.authority and every_month.month = months.month
),

-- counted back from this month: a failing month has its own number until one did not fail
failing as (
    select
        authority,
        rule_id,
        month_number,
        row_number() over (partition by authority, rule_id order by month_number) as failing_number
    from rated
    where outcome = 'fail'
),

failing_runs as (
    select
        authority,
        rule_id,
        count(*) as months_failing
    from failing
    where month_number = failing_number
    group by authority, rule_id
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
        this_month.failed_share,
        cast(months.month as string) as previous_month,
        cast(previous.rows_failed as bigint) as previous_rows_failed,
        previous.failed_share as previous_failed_share,
        case
            when this_month.failed_share is null then null
            when previous.failed_share is null then 'new'
            when this_month.failed_share < previous.failed_share then 'better'
            when this_month.failed_share > previous.failed_share then 'worse'
            else 'same'
        end as movement,
        cast(coalesce(failing_runs.months_failing, 0) as integer) as months_failing
    from results
    inner join rated as this_month
        on
            results.authority = this_month.authority
            and results.rule_id = this_month.rule_id
            and this_month.month_number = 1
    left join months on results.authority = months.authority and months.month_number = 2
    left join rated as previous
        on
            results.authority = previous.authority
            and results.rule_id = previous.rule_id
            and previous.month_number = 2
    left join failing_runs
        on
            results.authority = failing_runs.authority
            and results.rule_id = failing_runs.rule_id
)

select * from final
