-- The facts about each rule from the newest run that found a failure.
select
    row_number() over (order by f.rule_id) as rule,
    f.rule_id,
    max(f.table_name) as table_name,
    max(coalesce(f.feed, nullif(split_part(r.page, '-', 2), ''), $no_feed)) as feed,
    arg_max(f.owner, r.run) as owner,
    arg_max(f.severity, r.run) as severity,
    arg_max(f.reason, r.run) as reason,
    arg_max(f.remedy, r.run) as remedy
from failing_row as f
inner join run as r on f.run_name = r.run_name
group by f.rule_id
