with

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

final as (
    select
        partition_key,
        month,
        'adoption_days_court_to_match' as kpi_id,
        cla_id as source_id,
        person_id,
        period_end_date as reference_date,
        true as in_numerator,
        cast(
            {{ days_between('placement_order_date', 'matched_date') }} as decimal(18, 4)
        ) as measure,
        cast(null as decimal(18, 4)) as weight
    from permanence
    where
        is_adopted_in_window
        and placement_order_date is not null
        and matched_date is not null
)

select * from final
