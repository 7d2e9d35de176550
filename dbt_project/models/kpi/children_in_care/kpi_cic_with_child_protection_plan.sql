with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

plans as (select * from {{ ref('stg_ssd_cp_plans') }}),

final as (
    select
        partition_key,
        month,
        'cic_with_child_protection_plan' as kpi_id,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        true as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
    where
        exists (
            select 1
            from plans
            where
                plans.partition_key = children_in_care.partition_key
                and plans.cppl_person_id = children_in_care.person_id
                and {{ in_force(
                    'plans.cppl_cp_plan_start_date',
                    'plans.cppl_cp_plan_end_date',
                    'children_in_care.as_at',
                ) }}
        )
)

select * from final
