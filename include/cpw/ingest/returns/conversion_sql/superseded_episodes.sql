-- Episodes of an earlier return that a later return contradicts: open at the end of the year but
-- not in the next return, or overlapping an episode of a later return. An episode that the next
-- return has, but that was refused, does not contradict the earlier one; nor does an episode of a
-- year after the month.
with

chosen as (
    select
        latest_episodes.*,
        returns.year_end,
        returns.next_year
    from latest_episodes
    inner join returns using (year)
),

not_in_next as (
    select
        child,
        decom,
        year,
        next_year as by_year
    from chosen
    where
        next_year is not null
        and coalesce(dec, date 'infinity') > year_end
        and year_end < getvariable('as_at')
        and not exists (
            from sent_episodes as sent
            where
                sent.year = chosen.next_year
                and sent.child = chosen.child
                and sent.decom = chosen.decom
        )
),

standing as (
    select *
    from chosen
    anti join not_in_next using (child, decom)
),

overlapping as (
    select
        earlier.child,
        earlier.decom,
        earlier.year,
        min(later.year) as by_year
    from standing as earlier
    inner join standing as later
        on
            earlier.child = later.child
            and earlier.year < later.year
            and earlier.decom < coalesce(later.dec, date 'infinity')
            and coalesce(earlier.dec, date 'infinity') > later.decom
    group by all
)

from not_in_next
union all
from overlapping
