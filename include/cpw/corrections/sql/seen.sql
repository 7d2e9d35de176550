-- The entries of each run.
select distinct
    f.entry,
    k.rule,
    r.run
from failing_row as f
inner join run as r on f.run_name = r.run_name
inner join rule as k on f.rule_id = k.rule_id
