-- The episodes that had begun by the month-end, each in its period of care: a new one begins with
-- RNE S, or where the episode before ended for another reason than that the next one began (X1). An
-- episode without an end, or with one after the next begins, is taken to end where the next begins.
with

known as (
    select
        latest_episodes.* exclude (dec),
        coalesce(superseded_episodes.ended, latest_episodes.dec) as dec,
        superseded_episodes.ended is not null as is_cut
    from latest_episodes
    left join superseded_episodes using (child, decom)
    where superseded_episodes.child is null or superseded_episodes.ended is not null
),

followed as (
    select
        *,
        lead(decom) over (partition by child order by decom) as next_decom
    from known
),

ended as (
    select
        * exclude (dec, rec, is_cut, next_decom),
        least(dec, next_decom) as dec,
        case
            when coalesce(dec, date 'infinity') > next_decom then 'X1'
            when is_cut then case when dec = next_decom then 'X1' end
            else rec
        end as rec,
        (is_cut and (dec <> next_decom or next_decom is null)) as is_lost
    from followed
),

begun as (
    select *
    from ended
    where decom <= getvariable('as_at')
),

chained as (
    select
        *,
        rne = 'S'
        or lag(decom) over chain is null
        or coalesce(lag(dec) over chain is not null and lag(rec) over chain <> 'X1', false)
        or coalesce(lag(is_lost) over chain, false)
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
