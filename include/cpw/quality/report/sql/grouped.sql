-- Rules and failures of the month by a column.
select
    coalesce({{ column }}, 'all feeds together') as name,
    count(*) as rules,
    count(*) filter (where outcome = 'fail') as failed,
    count(*) filter (where outcome = 'errored') as errored,
    count(*) filter (where blocks) as blocking,
    coalesce(sum(rows_refused), 0) as refused,
    coalesce(sum(rows_failed - rows_refused), 0) as kept
from result
where month = getvariable('month')
group by name
order by blocking desc, refused + kept desc, name
