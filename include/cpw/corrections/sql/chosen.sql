-- Each entry in the month that is asked for, or in the newest month in which it stands.
with spans as (
    select
        entry,
        min(month) as first_month,
        min(first_run) as first_found,
        count(standing_run) as months_found,
        list(month) filter (standing_run is not null) as months_standing
    from found
    group by entry
)

select
    f.*,
    s.* exclude (entry),
    coalesce(f.standing_run, f.last_run) as run
from found as f
inner join spans as s on f.entry = s.entry
where cast($month as varchar) is null or f.month = $month
qualify row_number() over (
    partition by f.entry order by (f.standing_run is not null) desc, f.month desc
) = 1
