with

subjects as (select * from {{ ref('int_kpi_subjects') }}),

without_source as (select * from {{ ref('int_kpis_without_source') }}),

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

people as (select * from {{ ref('int_people_on_reference_dates') }}),

posts as (select * from {{ ref('stg_local_establishment') }}),

described as (
    select
        subjects.*,
        kpi_catalogue.unit,
        kpi_catalogue.subject as subject_type,
        kpi_catalogue.exc_uasc_cohort,
        kpi_catalogue.subject in ('care_leaver', 'care_leaver_birthday') as is_care_leaver,
        case when without_uasc.kpi_id is null then people.is_uasc end as is_uasc,
        case when without_uasc.kpi_id is null then people.was_uasc end as was_uasc,
        people.sex,
        people.age,
        people.ethnic_group,
        coalesce(posts.area, people.area) as area,
        coalesce(posts.team_name, people.team) as team,
        people.placement_group,
        people.legal_status_group
    from subjects
    inner join kpi_catalogue on subjects.kpi_id = kpi_catalogue.kpi_id
    left join people
        on
            subjects.partition_key = people.partition_key
            and subjects.person_id = people.person_id
            and subjects.reference_date = people.reference_date
    left join posts
        on
            subjects.partition_key = posts.partition_key
            and subjects.source_id = posts.post_id
            and kpi_catalogue.subject = 'post'
    left join without_source
        on
            subjects.partition_key = without_source.partition_key
            and subjects.kpi_id = without_source.kpi_id
            and without_source.cohort = 'all'
    left join without_source as without_uasc
        on
            subjects.partition_key = without_uasc.partition_key
            and subjects.kpi_id = without_uasc.kpi_id
            and without_uasc.cohort = 'exc_uasc'
    where without_source.kpi_id is null
),

final as (
    select
        partition_key,
        month,
        kpi_id,
        unit,
        subject_type,
        exc_uasc_cohort,
        source_id,
        person_id,
        reference_date,
        in_numerator,
        measure,
        weight,
        case when is_care_leaver then was_uasc else is_uasc end as is_uasc,
        coalesce(sex, 'unknown') as sex,
        age,
        case
            when age is null then 'unknown'
            when is_care_leaver and age < 18 then '16-17'
            when is_care_leaver and age < 21 then cast(age as varchar(2))
            when is_care_leaver then '21+'
            when age < 5 then '0-4'
            when age < 10 then '5-9'
            when age < 16 then '10-15'
            else '16+'
        end as age_band,
        coalesce(ethnic_group, 'unknown') as ethnic_group,
        coalesce(area, 'unknown') as area,
        coalesce(team, 'unknown') as team,
        coalesce(placement_group, 'unknown') as placement_group,
        coalesce(legal_status_group, 'unknown') as legal_status_group
    from described
)

select * from final
