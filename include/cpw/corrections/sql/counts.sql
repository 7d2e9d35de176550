-- The rows of the entries, counted by owner, feed, table, rule and status.
select
    owner,
    feed,
    table_name as table,
    rule_id,
    max(severity) as severity,
    max(reason) as reason,
    max(remedy) as remedy,
    status,
    cast(sum(rows_refused) as bigint) as refused,
    cast(sum(rows_kept) as bigint) as kept,
    min(first_month) as since,
    max(closed_month || ' (' || closed_by || ')') as closed_by
from entry
where {{ condition }}
group by owner, feed, table_name, rule_id, status
order by all
