-- The rows of each entry.
select
    s.entry,
    s.run,
    f.table_name,
    coalesce(n.file, f.file) as file,
    f.source_row,
    f.row_key,
    f.person_id,
    f.parent_key,
    f.column_name,
    f.value,
    f.rule_id,
    f.reason,
    f.remedy,
    f.owner,
    f.severity,
    f.is_refused,
    f.releasable,
    f.fingerprint,
    f.entry_id,
    l.rule_id is not null as is_released
from failing_row as f
inner join run as r on f.run_name = r.run_name
inner join state as s on f.entry = s.entry and r.run = s.run
left join release as l on f.rule_id = l.rule_id and f.fingerprint = l.fingerprint
left join file_name as n
    on r.month = n.month and f.table_name = n.table_name and f.source_row is not null
