with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

population as (
    select
        permanence.*,
        reporting_month.as_at,
        {{ add_months('permanence.period_start_date', 14) }} as placed_by
    from permanence
    inner join reporting_month on permanence.partition_key = reporting_month.partition_key
    where
        permanence.is_period_start_known
        and (permanence.is_adopted_in_window or permanence.is_decision_in_force)
),

final as (
    select
        partition_key,
        month,
        'care_to_placed_within_14_months' as kpi_id,
        cla_id as source_id,
        person_id,
        coalesce(period_end_date, as_at) as reference_date,
        case
            when placed_date is not null then placed_date <= placed_by
            else not is_adopted_in_window and placed_by > as_at
        end as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from population
)

select * from final
