with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

subjects as (select * from {{ ref('int_subjects_with_attributes') }}),

care_leavers as (select * from {{ ref('stg_ssd_care_leavers') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

final as (
    select
        subjects.partition_key,
        subjects.month,
        reporting_month.as_at,
        subjects.source_id as care_leaver_id,
        subjects.person_id,
        subjects.age,
        coalesce(subjects.is_uasc, false) as is_uasc,
        people.pers_ethnicity as ethnicity,
        care_leavers.clea_care_leaver_allocated_team as team
    from subjects
    inner join reporting_month on subjects.partition_key = reporting_month.partition_key
    inner join care_leavers
        on
            subjects.partition_key = care_leavers.partition_key
            and subjects.source_id = care_leavers.clea_table_id
    left join people
        on
            subjects.partition_key = people.partition_key
            and subjects.person_id = people.pers_person_id
    where subjects.kpi_id = 'care_leavers_staying_put'
)

select * from final
