-- The rules that failed or errored this month and the month before; blocking rules first.
with before as (
    select
        rule_id,
        arg_max(rows_failed, month) as rows_failed
    from result
    where month < getvariable('month') and outcome in ('pass', 'fail')
    group by rule_id
)

select
    r.*,
    before.rows_failed as failed_before
from result as r
left join before using (rule_id)
where r.month = getvariable('month') and r.outcome in ('fail', 'errored')
order by
    not r.blocks asc,
    array_position(['critical', 'major', 'minor'], severity) asc,
    r.rows_failed desc,
    r.rule_id asc
