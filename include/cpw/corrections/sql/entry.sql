-- Each entry with its status, and the facts about its rule.
with lines as (
    select
        entry,
        min(entry_id) as entry_id,
        bool_or(is_refused) as is_refused,
        bool_and(releasable) as releasable,
        bool_and(is_released) as is_released,
        count(*) filter (is_refused) as rows_refused,
        count(*) filter (not is_refused) as rows_kept
    from line
    group by entry
)

select
    l.entry_id,
    s.entry,
    l.is_refused,
    l.releasable,
    l.rows_refused,
    l.rows_kept,
    case
        when s.closed_run is not null then 'closed' when l.is_released then 'released' else 'open'
    end as status,
    k.* exclude (rule),
    s.month,
    s.first_month,
    s.months_found,
    first.made_at as first_found_at,
    closing.month as closed_month,
    closing.load_versions as closed_by
from state as s
inner join lines as l on s.entry = l.entry
inner join rule as k on s.rule = k.rule
inner join run as first on s.first_found = first.run
left join run as closing on s.closed_run = closing.run
