-- The results of the rules, a line a rule: the return of each year has its own run of the same
-- rules.
select
    gate,
    case when count(*) = 1 then min(feed) else 'ssda903' end as feed,
    table_name,
    rule_id,
    column_name,
    description,
    dimension,
    severity,
    owner,
    arg_min(outcome, list_position(['errored', 'fail', 'pass', 'not_run'], outcome)) as outcome,
    bool_or(blocks) as blocks,
    min(reason) as reason,
    cast(sum(rows_checked) as bigint) as rows_checked,
    cast(sum(rows_failed) as bigint) as rows_failed,
    cast(sum(rows_refused) as bigint) as rows_refused,
    cast(sum(tolerated) as double) as tolerated,
    min(accepted_by) as accepted_by,
    min(accepted_until) as accepted_until,
    rules_version,
    max(run_at) as run_at
from (
    select {{ columns }}
    from (
        from read_parquet($files, union_by_name = true)
        -- an earlier release knew no acceptances
        union all by name
        select
            cast(null as varchar) as accepted_by,
            cast(null as varchar) as accepted_until
        where false
    ) as run
) as result
group by all
order by rule_id
