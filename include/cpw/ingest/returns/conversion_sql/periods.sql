-- Periods of care. Where the first episode is no start of care (RNE S), care began before what the
-- returns show; then what lies before a child's first episode belongs to that period too.
select
    cla_id,
    child,
    period_start as start_date,
    case when first_rne = 'S' then period_start end as entered_date,
    case
        when first_rne <> 'S' and period_start = min(period_start) over (partition by child)
            then date '-infinity'
        else period_start
    end as reaches_back_to,
    dec as end_date,
    case when dec is not null then rec end as end_reason
from (
    select
        *,
        first_value(rne) over (partition by cla_id order by decom) as first_rne,
        row_number() over (partition by cla_id order by decom desc) as from_the_end
    from episodes
) as chained
where from_the_end = 1
