with

care_leavers as (select * from {{ ref('int_care_leavers') }}),

printed_labels as (select * from {{ ref('printed_labels') }}),

valued as (
    select
        *,
        'ethnicity' as dimension,
        ethnicity as code
    from care_leavers
    union all
    select
        *,
        'age' as dimension,
        cast(age as string) as code
    from care_leavers
    union all
    select
        *,
        'care_leaver_uasc' as dimension,
        case when is_uasc then 'Y' else 'N' end as code
    from care_leavers
),

counted as (
    select
        authority,
        month,
        as_at,
        dimension,
        code,
        count(*) as total
    from valued
    group by authority, month, as_at, dimension, code
),

final as (
    select
        counted.authority,
        counted.month,
        counted.as_at,
        replace(counted.dimension, 'care_leaver_', '') as dimension,
        coalesce(printed_labels.label, counted.code) as value,
        cast(
            row_number() over (
                partition by counted.authority, counted.dimension
                order by
                    case when counted.dimension = 'age' then cast(counted.code as integer) end,
                    printed_labels.position
            ) as integer
        ) as position,
        cast(counted.total as integer) as total
    from counted
    left join printed_labels
        on counted.dimension = printed_labels.list and counted.code = printed_labels.code
)

select * from final
