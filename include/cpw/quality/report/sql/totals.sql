-- The number of rules by outcome, this month.
select
    count(*) as rules,
    count(*) filter (where outcome = 'pass') as passed,
    count(*) filter (where outcome = 'fail') as failed,
    count(*) filter (where outcome = 'not_run') as not_run,
    count(*) filter (where outcome = 'errored') as errored,
    coalesce(sum(rows_refused), 0) as refused,
    coalesce(sum(rows_failed - rows_refused), 0) as kept,
    max(rules_version) as rules_version
from result
where month = getvariable('month')
