with

placements as (select * from {{ ref('stg_ssd_cla_placement') }}),

short_breaks as (select * from {{ ref('int_period_types') }}),

code_sets as (select * from {{ ref('code_sets') }}),

typed as (
    select
        placements.partition_key,
        placements.clap_cla_placement_id as placement_id,
        placements.clap_cla_id as cla_id,
        placements.clap_person_id as person_id,
        placements.clap_cla_placement_start_date as start_date,
        placements.clap_cla_placement_end_date as end_date,
        placements.clap_cla_placement_type as placement_type,
        code_sets.group as placement_group,
        placements.clap_cla_placement_type in ('T0', 'T1', 'T2', 'T3', 'T4') as is_temporary,
        placements.clap_cla_placement_provider as provider,
        placements.clap_cla_placement_distance as distance,
        placements.clap_cla_placement_postcode as postcode
    from placements
    left join short_breaks
        on
            placements.partition_key = short_breaks.partition_key
            and placements.clap_cla_id = short_breaks.cla_id
    left join code_sets
        on
            placements.clap_cla_placement_type = code_sets.code
            and code_sets.code_set = 'placement_type'
    where not coalesce(short_breaks.is_short_break, false)
),

final as (
    select
        *,
        row_number() over (
            partition by partition_key, person_id
            order by is_temporary asc, start_date desc, placement_id desc
        ) as precedence
    from typed
)

select * from final
