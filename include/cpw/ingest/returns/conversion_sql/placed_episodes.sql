-- Each episode with the placement it belongs to. One continues the placement before where it begins
-- on the day that one ended, with the same carer (RNE L, T or U) at the same address. A temporary
-- placement (T0 to T4) is one of its own; where the child goes back from it to the same address and
-- provider, the placement before goes on.
with

parts as (
    select
        *,
        {
            'postcode': compact(pl_post),
            'urn': urn,
            'provider': place_provider,
            'is_temporary': is_temporary
        } as carer,
        sum(case when follows then 0 else 1 end) over (partition by cla_id order by decom)
            as unbroken_part
    from episodes
),

compared as (
    select
        *,
        lag(carer) over chain as carer_before,
        last_value(case when not is_temporary then carer end ignore nulls) over (
            chain rows between unbounded preceding and 1 preceding
        ) as lasting_before
    from parts
    window chain as (partition by cla_id, unbroken_part order by decom)
),

continued as (
    select
        *,
        case
            when carer_before is null then false
            when carer_before.is_temporary = is_temporary
                then rne in ('L', 'T', 'U') and same_address(carer_before, carer)
            when is_temporary or lasting_before is null then false
            else
                same_address(lasting_before, carer)
                and (lasting_before.provider is not distinct from place_provider)
        end as continues_placement
    from compared
),

dated as (
    select
        *,
        max(case when not continues_placement then decom end) over (
            partition by cla_id, is_temporary
            order by decom
        ) as placement_start
    from continued
)

select * exclude (carer, carer_before, lasting_before, unbroken_part, continues_placement)
from dated
