with

kpis as (select * from {{ ref('int_kpi_subject_sources') }}),

subjects as (select * from {{ ref('int_subject_parts') }}),

final as (
    select
        kpis.partition_key,
        kpis.kpi_id,
        kpis.cohort,
        kpis.is_measured,
        subjects.source_id,
        subjects.person_id,
        subjects.numerator_part,
        subjects.denominator_part
    from kpis
    inner join subjects
        on
            kpis.partition_key = subjects.partition_key
            and kpis.subjects_kpi_id = subjects.kpi_id
            and kpis.subjects_cohort = subjects.cohort
)

select * from final
