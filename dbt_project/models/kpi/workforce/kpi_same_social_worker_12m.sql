with

same_workers as (select * from {{ ref('int_worker_continuity') }}),

final as (
    select
        partition_key,
        month,
        'same_social_worker_12m' as kpi_id,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        is_same_worker as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from same_workers
    where role = 'Allocated Case Worker'
)

select * from final
