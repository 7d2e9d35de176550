with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

subjects as (select * from {{ ref('int_subjects_with_attributes') }}),

subject_keys as (select * from {{ source('keys', 'subject_key') }}),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        subjects.kpi_id,
        subjects.subject_type,
        subject_keys.subject_id,
        child_keys.subject_id as child_key,
        subjects.in_numerator,
        subjects.measure,
        subjects.weight,
        subjects.is_uasc,
        subjects.sex,
        subjects.age,
        subjects.age_band,
        subjects.ethnic_group,
        subjects.area,
        subjects.team,
        subjects.placement_group,
        subjects.legal_status_group
    from subjects
    inner join reporting_month on subjects.partition_key = reporting_month.partition_key
    left join subject_keys
        on
            subjects.partition_key = subject_keys.partition_key
            and subjects.subject_type = subject_keys.subject_type
            and subjects.source_id = subject_keys.source_id
    left join subject_keys as child_keys
        on
            subjects.partition_key = child_keys.partition_key
            and subjects.person_id = child_keys.source_id
            and child_keys.subject_type = 'child'
)

select * from final
