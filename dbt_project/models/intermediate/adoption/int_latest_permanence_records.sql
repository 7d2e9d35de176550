with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

permanence as (select * from {{ ref('stg_ssd_permanence') }}),

periods as (select * from {{ ref('int_periods_of_care_at_end') }}),

ranked as (
    select
        *,
        row_number() over (
            partition by partition_key, perm_cla_id
            order by perm_adm_decision_date desc nulls last, perm_table_id desc
        ) as permanence_rank
    from permanence
),

final as (
    select
        periods.partition_key,
        periods.month,
        ranked.perm_table_id as permanence_id,
        periods.cla_id,
        periods.person_id,
        periods.start_date as period_start_date,
        periods.is_start_known as is_period_start_known,
        periods.end_date as period_end_date,
        periods.has_left_care and periods.is_adopted as is_adopted_in_window,
        ranked.perm_adm_decision_date as decision_date,
        ranked.perm_decision_reversed_date as reversed_date,
        coalesce(
            {{ in_force(
                'ranked.perm_adm_decision_date',
                'ranked.perm_decision_reversed_date',
                'reporting_month.as_at',
            ) }}
            and {{ in_force('periods.start_date', 'periods.end_date', 'reporting_month.as_at') }},
            false
        ) as is_decision_in_force,
        ranked.perm_placement_order_date as placement_order_date,
        ranked.perm_matched_date as matched_date,
        ranked.perm_placed_for_adoption_date as placed_date,
        ranked.perm_adopted_by_carer_flag = 'Y' as is_adopted_by_carer,
        ranked.perm_placed_foster_carer_date as placed_with_carer_date,
        ranked.perm_siblings_placed_apart as siblings_placed_apart
    from ranked
    inner join reporting_month on ranked.partition_key = reporting_month.partition_key
    inner join periods
        on ranked.partition_key = periods.partition_key and ranked.perm_cla_id = periods.cla_id
    where ranked.permanence_rank = 1
)

select * from final
