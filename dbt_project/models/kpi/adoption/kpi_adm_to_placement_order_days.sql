with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

population as (
    select permanence.*
    from permanence
    inner join reporting_month on permanence.partition_key = reporting_month.partition_key
    where
        permanence.placement_order_date between reporting_month.window_start
        and reporting_month.as_at
),

final as (
    select
        partition_key,
        month,
        'adm_to_placement_order_days' as kpi_id,
        permanence_id as source_id,
        person_id,
        placement_order_date as reference_date,
        true as in_numerator,
        cast(
            {{ days_between('decision_date', 'placement_order_date') }} as decimal(18, 4)
        ) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
    where decision_date is not null
)

select * from final
