-- The runs in which each rule gave an answer.
with pages as (
    select distinct
        seen.rule,
        run.page
    from seen
    inner join run on seen.run = run.run
),

without_answer as (
    select
        rule.rule,
        run.run
    from silent
    inner join rule on silent.rule_id = rule.rule_id
    inner join run on silent.run_name = run.run_name
)

select
    pages.rule,
    run.month,
    run.page,
    run.run,
    run.closes
from pages
inner join run on pages.page = run.page
anti join without_answer on pages.rule = without_answer.rule and run.run = without_answer.run
