with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

placements as (select * from {{ ref('int_placements') }}),

foremost as (
    select
        placements.partition_key,
        placements.person_id,
        min(placements.precedence) as precedence
    from placements
    inner join reporting_month on placements.partition_key = reporting_month.partition_key
    where {{ in_force('placements.start_date', 'placements.end_date', 'reporting_month.as_at') }}
    group by placements.partition_key, placements.person_id
),

final as (
    select
        placements.partition_key,
        placements.person_id,
        placements.placement_id,
        placements.start_date,
        placements.placement_type,
        placements.placement_type in ('U1', 'U2', 'U3', 'U4', 'U5', 'U6') as is_foster,
        placements.placement_type in ('U1', 'U2', 'U3') as is_kinship_foster,
        placements.placement_type in ('K1', 'K2', 'R1', 'S1') as is_residential,
        placements.placement_type in ('A3', 'A4', 'A5', 'A6') as is_for_adoption,
        placements.provider,
        placements.distance,
        placements.postcode
    from placements
    inner join foremost
        on
            placements.partition_key = foremost.partition_key
            and placements.person_id = foremost.person_id
            and placements.precedence = foremost.precedence
)

select * from final
