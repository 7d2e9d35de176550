with

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

final as (
    select
        partition_key,
        month,
        'placed_within_12_months_of_adm' as kpi_id,
        cla_id as source_id,
        person_id,
        period_end_date as reference_date,
        coalesce(placed_date <= {{ add_months('decision_date', 12) }}, false) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from permanence
    where is_adopted_in_window and decision_date is not null
)

select * from final
