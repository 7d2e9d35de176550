with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

demographics as (select * from {{ ref('int_child_demographics') }}),

printed_labels as (select * from {{ ref('printed_labels') }}),

counted as (
    select
        partition_key,
        dimension,
        code,
        sum(case when sex = 'F' then 1 else 0 end) as female,
        sum(case when sex = 'M' then 1 else 0 end) as male,
        count(*) as total
    from demographics
    group by partition_key, dimension, code
),

labelled as (
    select
        counted.*,
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        coalesce(printed_labels.label, counted.code) as value,
        case
            when counted.dimension = 'age' then cast(counted.code as integer)
            else coalesce(printed_labels.position, 0)
        end as rank_in_dimension
    from counted
    inner join reporting_month on counted.partition_key = reporting_month.partition_key
    left join printed_labels
        on counted.dimension = printed_labels.list and counted.code = printed_labels.code
),

final as (
    select
        authority,
        month,
        as_at,
        dimension,
        value,
        cast(
            row_number() over (
                partition by partition_key, dimension order by rank_in_dimension, value
            ) as integer
        ) as position,
        cast(female as integer) as female,
        cast(male as integer) as male,
        cast(total as integer) as total
    from labelled
)

select * from final
