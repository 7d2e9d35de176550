-- The failing rows by month of each rule that failed this month; null where it did not run.
with months as (select distinct month from result),

rules as (
    select distinct rule_id
    from result
    where month = getvariable('month') and outcome in ('fail', 'errored')
)

select
    rules.rule_id,
    list(case when outcome in ('pass', 'fail') then rows_failed end order by months.month)
        as failed
from rules
cross join months
left join result on rules.rule_id = result.rule_id and months.month = result.month
group by rules.rule_id
