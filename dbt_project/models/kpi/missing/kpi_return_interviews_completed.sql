with

return_interviews as (select * from {{ ref('int_return_interviews_due') }}),

final as (
    select
        partition_key,
        month,
        'return_interviews_completed' as kpi_id,
        missing_episode_id as source_id,
        person_id,
        start_date as reference_date,
        interview_date is not null as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from return_interviews
    where is_ended_in_window
)

select * from final
