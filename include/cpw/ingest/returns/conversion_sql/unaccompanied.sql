-- Unaccompanied asylum-seeking children, from their first day of care in the returns on.
select
    latest_uasc.child,
    min(periods.start_date) as start_date,
    latest_uasc.duc as end_date
from latest_uasc
inner join periods using (child)
group by latest_uasc.child, latest_uasc.duc
having min(periods.start_date) <= coalesce(latest_uasc.duc, date 'infinity')
