-- Failures by month and severity, and how many rules failed.
select
    month,
    count(*) filter (where outcome = 'fail') as rules,
    coalesce(sum(rows_failed) filter (where severity = 'critical'), 0) as critical,
    coalesce(sum(rows_failed) filter (where severity = 'major'), 0) as major,
    coalesce(sum(rows_failed) filter (where severity = 'minor'), 0) as minor,
    coalesce(sum(rows_refused), 0) as refused,
    bool_or(blocks) as stopped
from result
group by month
order by month
