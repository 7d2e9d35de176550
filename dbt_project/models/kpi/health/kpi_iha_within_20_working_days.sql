with

initial_health as (select * from {{ ref('int_initial_health_steps_due') }}),

final as (
    select
        partition_key,
        month,
        'iha_within_20_working_days' as kpi_id,
        cla_id as source_id,
        person_id,
        due_date as reference_date,
        is_in_time as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from initial_health
    where step = 'assessment'
)

select * from final
