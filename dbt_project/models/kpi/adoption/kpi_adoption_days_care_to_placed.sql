with

permanence as (select * from {{ ref('int_latest_permanence_records') }}),

adopted as (
    select
        *,
        coalesce(
            case when is_adopted_by_carer then placed_with_carer_date end, placed_date
        ) as moved_in_date
    from permanence
    where is_adopted_in_window
),

final as (
    select
        partition_key,
        month,
        'adoption_days_care_to_placed' as kpi_id,
        cla_id as source_id,
        person_id,
        period_end_date as reference_date,
        true as in_numerator,
        cast(
            {{ days_between('period_start_date', 'moved_in_date') }} as decimal(18, 4)
        ) as measure,
        cast(null as decimal(18, 4)) as weight
    from adopted
    where moved_in_date is not null and is_period_start_known
)

select * from final
