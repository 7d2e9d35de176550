-- Episodes of an earlier return that a later return contradicts, and the day on which each is
-- taken to end; without one, nothing of it is left. One that was open at the end of the year and is
-- not in the next return ends where that return begins. One that overlaps an episode of a later
-- return ends where the later one begins; one that begins within the later one is left out. An
-- episode that the next return has, but that was refused, does not contradict the earlier one; nor
-- does an episode of a year after the month.
with

chosen as (
    select
        latest_episodes.*,
        returns.year_end,
        returns.next_year,
        returns.next_start
    from latest_episodes
    inner join returns using (year)
),

left_open as (
    select
        *,
        next_year is not null
        and coalesce(dec, date 'infinity') > year_end
        and year_end < getvariable('as_at')
        and not exists (
            from sent_episodes as sent
            where
                sent.year = chosen.next_year
                and sent.child = chosen.child
                and sent.decom = chosen.decom
        ) as is_not_in_next
    from chosen
),

standing as (
    select
        *,
        case when is_not_in_next then next_start else coalesce(dec, date 'infinity') end as until
    from left_open
),

overlapping as (
    select
        earlier.child,
        earlier.decom,
        min(later.year) as by_year,
        case when not bool_or(earlier.decom > later.decom) then min(later.decom) end as ended
    from standing as earlier
    inner join standing as later
        on
            earlier.child = later.child
            and earlier.year < later.year
            and earlier.decom < later.until
            and earlier.until > later.decom
    group by all
)

select
    standing.child,
    standing.decom,
    standing.year,
    coalesce(overlapping.by_year, standing.next_year) as by_year,
    case when overlapping.child is null then standing.until else overlapping.ended end as ended,
    standing.is_not_in_next
from standing
left join overlapping using (child, decom)
where standing.is_not_in_next or overlapping.child is not null
