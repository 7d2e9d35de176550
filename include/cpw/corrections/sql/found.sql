-- Each entry in each month that has it.
select
    f.entry,
    f.rule,
    r.month,
    min(f.run) as first_run,
    max(f.run) as last_run,
    max(s.run) as standing_run
from seen as f
inner join run as r on f.run = r.run
left join standing as s on f.rule = s.rule and f.run = s.run
group by f.entry, f.rule, r.month
