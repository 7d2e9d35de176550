-- End the rows open at a year's end that the next return lacks: where that return begins, or where
-- it has the child's next row begin.
update latest_{{ table }} as open
set
    {{ ended }} = least(
        r.next_start,
        (
            select min({{ next_began }})
            from all_{{ table }} as n
            where n.year = r.next_year and n.child = open.child and {{ next_began }} > {{ began }}
        )
    )
from returns as r
where
    open.year = r.year
    and r.year_end < getvariable('as_at')
    and coalesce(open.{{ ended }}, date 'infinity') > r.year_end
    and exists (
        select 1
        from all_{{ table }} as n
        where n.year = r.next_year
    )
    and not exists (
        select 1
        from all_{{ table }} as n
        where n.year = r.next_year and {{ same }}
    )
