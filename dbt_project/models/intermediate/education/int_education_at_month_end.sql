with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

education as (select * from {{ ref('stg_local_education') }}),

in_force as (
    select
        education.*,
        row_number() over (
            partition by education.partition_key, education.person_id
            order by education.start_date desc, education.education_id desc
        ) as record_rank
    from education
    inner join reporting_month
        on
            education.partition_key = reporting_month.partition_key
            and {{ in_force(
                'education.start_date', 'education.end_date', 'reporting_month.as_at'
            ) }}
),

final as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        children_in_care.as_at,
        children_in_care.person_id,
        children_in_care.age,
        children_in_care.is_uasc,
        children_in_care.period_start_date <= reporting_month.end_m_12 as is_in_care_12_months,
        in_force.education_id,
        in_force.education_status,
        in_force.part_time_timetable,
        in_force.school_urn,
        in_force.sen_status
    from children_in_care
    inner join reporting_month on children_in_care.partition_key = reporting_month.partition_key
    left join in_force
        on
            children_in_care.partition_key = in_force.partition_key
            and children_in_care.person_id = in_force.person_id
            and in_force.record_rank = 1
)

select * from final
