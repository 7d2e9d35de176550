-- A placement is as its last known episode says. Distances are straight lines in miles.
select
    dated_id(child, 'P', placement_start) as clap_cla_placement_id,
    cla_id as clap_cla_id,
    child as clap_person_id,
    placement_start as clap_cla_placement_start_date,
    place as clap_cla_placement_type,
    urn as clap_cla_placement_urn,
    round(
        sqrt(pow(home.easting - there.easting, 2) + pow(home.northing - there.northing, 2))
        / 1609.344,
        1
    )::decimal(18, 4) as clap_cla_placement_distance,
    place_provider as clap_cla_placement_provider,
    pl_post as clap_cla_placement_postcode,
    dec as clap_cla_placement_end_date,
    case when dec is not null then reason_place_change end as clap_cla_placement_change_reason
from placed_episodes
left join grid_references as home on compact(placed_episodes.home_post) = home.postcode
left join grid_references as there on compact(placed_episodes.pl_post) = there.postcode
qualify
    row_number() over (partition by cla_id, is_temporary, placement_start order by decom desc) = 1
