-- The episodes that had begun by the month-end, each in its period of care: a new one begins with
-- RNE S, or where the episode before ended for another reason than that the next one began (X1).
with

begun as (
    select *
    from latest_episodes
    anti join superseded_episodes using (child, decom)
    where decom <= getvariable('as_at')
),

chained as (
    select
        *,
        rne = 'S'
        or lag(decom) over chain is null
        or coalesce(lag(dec) over chain is not null and lag(rec) over chain <> 'X1', false)
            as starts_period
    from begun
    window chain as (partition by child order by decom)
),

dated as (
    select
        *,
        max(case when starts_period then decom end) over (partition by child order by decom)
            as period_start
    from chained
)

select
    child,
    dated_id(child, '', period_start) as cla_id,
    period_start,
    decom,
    rne,
    ls,
    cin,
    place,
    place_provider,
    dec,
    rec,
    reason_place_change,
    home_post,
    pl_post,
    nullif(urn, 'XXXXXXX') as urn,
    place in ('T0', 'T1', 'T2', 'T3', 'T4') as is_temporary,
    coalesce(lag(dec) over (partition by child, period_start order by decom) = decom, false)
        as follows
from dated
