-- The runs after an entry was found that can close it: of its own month, and of later months.
select
    c.rule,
    c.month,
    c.first_run,
    c.last_run,
    min(a.run) filter (a.month = c.month and a.run > c.last_run) as same_month,
    list({ 'month': a.month, 'run': a.run } order by a.month, a.run) filter (
        a.month > c.month and a.run > c.first_run and a.stands
    ) as later_months
from (select distinct
    rule,
    month,
    first_run,
    last_run
from chosen) as c
inner join (
    select
        a.*,
        s.run is not null as stands
    from answered as a
    left join standing as s on a.rule = s.rule and a.run = s.run
    where a.closes
) as a on c.rule = a.rule
group by all
