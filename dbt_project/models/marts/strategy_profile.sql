with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

sources_held as (select * from {{ ref('int_month_source') }}),

authorities as (select * from {{ ref('authorities') }}),

printed_labels as (select * from {{ ref('printed_labels') }}),

profile as (select * from {{ ref('int_child_strategy_profile') }}),

counted as (
    select
        partition_key,
        dimension,
        code,
        count(*) as number
    from profile
    group by partition_key, dimension, code
),

listed as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        printed_labels.list as dimension,
        printed_labels.position,
        replace(printed_labels.label, '{short_name}', authorities.short_name) as value,
        coalesce(counted.number, 0) as number,
        sum(coalesce(counted.number, 0)) over (
            partition by reporting_month.partition_key, printed_labels.list
        ) as children,
        counted.number is not null or printed_labels.always_printed = 'yes' as is_printed
    from reporting_month
    inner join authorities on reporting_month.authority = authorities.authority
    inner join sources_held on reporting_month.partition_key = sources_held.partition_key
    cross join printed_labels
    left join counted
        on
            reporting_month.partition_key = counted.partition_key
            and printed_labels.list = counted.dimension
            and printed_labels.code = counted.code
    where
        printed_labels.list in (
            'total', 'placement_type', 'gender', 'age_band', 'reason_for_entry', 'ethnic_group',
            'education_status'
        )
        and (sources_held.is_extract or printed_labels.list <> 'education_status')
        and (
            sources_held.knows_entries_of_12_months
            or (
                printed_labels.list <> 'reason_for_entry'
                and printed_labels.code <> 'started_in_12_months'
            )
        )
),

final as (
    select
        authority,
        month,
        as_at,
        dimension,
        value,
        position,
        cast(number as integer) as number,
        cast(case when dimension <> 'total' then children end as integer) as children,
        case
            when dimension <> 'total' then {{ round_ratio('number', 100, 'children', 1) }}
        end as percent
    from listed
    where is_printed
)

select * from final
