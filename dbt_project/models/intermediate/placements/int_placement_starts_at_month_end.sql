with

current_placements as (select * from {{ ref('int_placements_at_month_end') }}),

placements as (select * from {{ ref('int_placements') }}),

final as (
    select
        current_placements.partition_key,
        current_placements.person_id,
        coalesce(min(placements.start_date), min(current_placements.start_date)) as same_since
    from current_placements
    left join placements
        on
            current_placements.partition_key = placements.partition_key
            and current_placements.person_id = placements.person_id
            and current_placements.start_date = placements.end_date
            and current_placements.is_for_adoption
    group by current_placements.partition_key, current_placements.person_id
)

select * from final
