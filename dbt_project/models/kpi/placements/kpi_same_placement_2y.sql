with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

lasting as (select * from {{ ref('int_placement_starts_at_month_end') }}),

final as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        'same_placement_2y' as kpi_id,
        children_in_care.person_id as source_id,
        children_in_care.person_id,
        children_in_care.as_at as reference_date,
        coalesce(lasting.same_since <= reporting_month.end_m_24, false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
    inner join reporting_month on children_in_care.partition_key = reporting_month.partition_key
    left join lasting
        on
            children_in_care.partition_key = lasting.partition_key
            and children_in_care.person_id = lasting.person_id
    where
        children_in_care.age < 16
        and children_in_care.period_start_date <= reporting_month.end_m_30
)

select * from final
