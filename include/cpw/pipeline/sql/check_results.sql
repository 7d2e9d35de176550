-- The rules that failed or errored, what stops first.
select
    rule_id,
    result.table as table_name,
    description,
    severity,
    owner,
    remedy,
    outcome,
    blocks,
    reason,
    rows_checked,
    rows_failed,
    tolerated
from read_parquet($files, union_by_name = true) as result
where outcome in ('fail', 'errored')
order by
    blocks desc,
    list_position(['critical', 'major', 'minor'], severity) asc,
    rows_failed desc,
    rule_id asc
