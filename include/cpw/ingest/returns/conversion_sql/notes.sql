-- What was left out, counted.
with

dropped as (
    select
        child,
        decom
    from superseded_episodes
    where ended is null
)

select
    format(
        '{} episode(s) of the return of {} are superseded by that of {}', count(*), year, by_year
    ) as note
from superseded_episodes
where ended is null
group by year, by_year

union all

select
    format(
        '{} episode(s) that the return of {} has open, or longer, end by what that of {} has',
        count(*),
        year,
        by_year
    )
from superseded_episodes
where ended is not null
group by year, by_year

union all

select
    format(
        '{} child(ren) in care at the end of the return of {} are not in that of {}',
        count(distinct child),
        year,
        by_year
    )
from superseded_episodes
inner join returns using (year)
where
    superseded_episodes.is_not_in_next
    and not exists (
        from all_episodes
        where all_episodes.child = superseded_episodes.child and year = superseded_episodes.by_year
    )
    and not exists (
        from all_header
        where all_header.child = superseded_episodes.child and year = superseded_episodes.by_year
    )
group by year, by_year

union all

select format('{} episode(s) begin after the month-end: not known yet', count(*))
from latest_episodes
anti join dropped using (child, decom)
where decom > getvariable('as_at')
having count(*) > 0

union all

select format('{} review(s) lie in no period of care', count(*))
from placed_reviews
where cla_id is null
having count(*) > 0

union all

select format('{} decision(s) to place for adoption lie in no period of care', count(*))
from adoption_decisions
where cla_id is null
having count(*) > 0

union all

select
    format(
        '{} adopted child(ren) (AD1) have no period of care that is known to have ended so',
        count(*)
    )
from adoptions
where cla_id is null
having count(*) > 0

union all

select
    format(
        '{} unaccompanied child(ren) were not in care by the month-end, or before that ceased',
        count(*)
    )
from latest_uasc
anti join unaccompanied using (child)
having count(*) > 0

order by note
