with

reference_dates as (select * from {{ ref('int_reference_dates') }}),

placements as (select * from {{ ref('int_placements') }}),

in_force as (
    select
        reference_dates.*,
        placements.placement_id,
        placements.placement_group,
        row_number() over (
            partition by
                reference_dates.partition_key,
                reference_dates.person_id,
                reference_dates.reference_date
            order by placements.precedence
        ) as placement_rank
    from reference_dates
    inner join placements
        on
            reference_dates.partition_key = placements.partition_key
            and reference_dates.person_id = placements.person_id
            and {{ in_force(
                'placements.start_date', 'placements.end_date', 'reference_dates.reference_date'
            ) }}
),

final as (
    select
        partition_key,
        person_id,
        reference_date,
        placement_id,
        placement_group
    from in_force
    where placement_rank = 1
)

select * from final
