-- Each entry with the run that closed it.
select
    c.*,
    case
        when c.standing_run is null then l.same_month
        else list_filter(
            l.later_months, lambda x: not list_contains(c.months_standing, x['month'])
        )[1]['run']
    end as closed_run
from chosen as c
left join later as l
    on
        c.rule = l.rule and c.month = l.month and c.first_run = l.first_run
        and c.last_run = l.last_run
