with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

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
        partition_key,
        dimension,
        code,
        count(*) as total
    from valued
    group by partition_key, dimension, code
),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        replace(counted.dimension, 'care_leaver_', '') as dimension,
        coalesce(printed_labels.label, counted.code) as value,
        cast(
            row_number() over (
                partition by counted.partition_key, counted.dimension
                order by
                    case when counted.dimension = 'age' then cast(counted.code as integer) end,
                    printed_labels.position
            ) as integer
        ) as position,
        cast(counted.total as integer) as total
    from counted
    inner join reporting_month on counted.partition_key = reporting_month.partition_key
    left join printed_labels
        on counted.dimension = printed_labels.list and counted.code = printed_labels.code
)

select * from final
