-- Delete the rows open at a year's end that the next return lacks, although it has the child.
delete from latest_{{ table }} as open
using returns as r
where
    open.year = r.year and r.year_end < getvariable('as_at')
    and coalesce(open.{{ ended }}, date 'infinity') > r.year_end
    and exists (
        select 1
        from all_{{ table }} as n
        where n.year = r.next_year and n.child = open.child
    )
    and not exists (
        select 1
        from all_{{ table }} as n
        where n.year = r.next_year and n.child = open.child and n.{{ began }} = open.{{ began }}
    )
