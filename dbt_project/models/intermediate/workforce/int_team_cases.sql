with

subjects as (select * from {{ ref('int_subjects_with_attributes') }}),

care_leavers as (select * from {{ ref('int_care_leavers') }}),

final as (
    select
        partition_key,
        team,
        area,
        source_id,
        'child' as case_type
    from subjects
    where kpi_id = 'number_of_cic'
    union all
    select
        partition_key,
        coalesce(team, 'unknown') as team,
        cast(null as string) as area,
        care_leaver_id as source_id,
        'care_leaver' as case_type
    from care_leavers
)

select * from final
