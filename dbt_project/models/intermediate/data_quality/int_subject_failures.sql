with

failures as (select * from {{ ref('int_kpi_failures') }}),

subjects as (select * from {{ ref('int_subjects_behind_figures') }}),

final as (
    select
        failures.partition_key,
        failures.kpi_id,
        subjects.cohort,
        subjects.source_id,
        failures.rule_id,
        failures.failure_number
    from failures
    inner join subjects
        on
            failures.partition_key = subjects.partition_key
            and failures.kpi_id = subjects.kpi_id
            and failures.record_id = subjects.source_id

    union distinct

    select
        failures.partition_key,
        failures.kpi_id,
        subjects.cohort,
        subjects.source_id,
        failures.rule_id,
        failures.failure_number
    from failures
    inner join subjects
        on
            failures.partition_key = subjects.partition_key
            and failures.kpi_id = subjects.kpi_id
            and failures.child_id = subjects.person_id
)

select * from final
