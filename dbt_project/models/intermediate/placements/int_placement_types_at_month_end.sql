with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

placements as (select * from {{ ref('int_placements_at_month_end') }}),

final as (
    select
        children_in_care.partition_key,
        children_in_care.person_id,
        case
            when placements.is_for_adoption then 'adoption'
            when placements.is_kinship_foster then 'relatives'
            when placements.is_foster and placements.provider = 'PR1' then 'own_foster'
            when placements.is_foster then 'agency_foster'
            when placements.is_residential and placements.provider in ('PR4', 'PR5')
                then 'private_voluntary'
            when placements.is_residential and placements.provider = 'PR1' then 'own_residential'
            when placements.placement_type = 'P1' then 'parents'
            when placements.placement_type in ('H5', 'K3', 'P2') then 'semi_independent'
            else 'other'
        end as placement_type_group
    from children_in_care
    left join placements
        on
            children_in_care.partition_key = placements.partition_key
            and children_in_care.person_id = placements.person_id
)

select * from final
