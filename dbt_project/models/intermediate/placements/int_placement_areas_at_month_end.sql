with

placements as (select * from {{ ref('int_placements_at_month_end') }}),

postcodes as (select * from {{ source('reference', 'placement_postcodes') }}),

authorities as (select * from {{ ref('authorities') }}),

neighbours as (select * from {{ ref('authority_neighbours') }}),

final as (
    select
        placements.partition_key,
        placements.person_id,
        placements.placement_id,
        postcodes.upper_tier,
        postcodes.upper_tier <> authorities.ons_code as is_outside_area,
        neighbours.neighbour_ons_code is not null as is_in_neighbour
    from placements
    inner join authorities on placements.partition_key = authorities.partition_key
    inner join postcodes on upper(replace(placements.postcode, ' ', '')) = postcodes.postcode
    left join neighbours
        on
            placements.partition_key = neighbours.partition_key
            and postcodes.upper_tier = neighbours.neighbour_ons_code
)

select * from final
