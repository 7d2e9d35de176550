with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

involvements as (select * from {{ ref('stg_local_youth_offending') }}),

final as (
    select
        partition_key,
        month,
        'open_to_youth_offending' as kpi_id,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        exists(
            select 1
            from involvements
            where
                involvements.partition_key = children_in_care.partition_key
                and involvements.person_id = children_in_care.person_id
                and {{ in_force(
                    'involvements.start_date', 'involvements.end_date', 'children_in_care.as_at'
                ) }}
        ) as in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from children_in_care
)

select * from final
