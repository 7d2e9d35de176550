with

involvements as (select * from {{ ref('stg_ssd_involvements') }}),

final as (
    select
        partition_key,
        invo_involvements_id as involvement_id,
        invo_person_id as person_id,
        invo_professional_role_id as role,
        invo_professional_id as professional_id,
        invo_involvement_start_date as start_date,
        invo_involvement_end_date as end_date,
        row_number() over (
            partition by partition_key, invo_person_id, invo_professional_role_id
            order by invo_involvement_start_date desc, invo_involvements_id desc
        ) as precedence
    from involvements
    where invo_professional_role_id in ('Allocated Case Worker', 'Independent Reviewing Officer')
)

select * from final
