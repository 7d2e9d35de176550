with

failures as (select * from {{ ref('int_kpi_failures') }}),

matched as (select * from {{ ref('int_subject_failures') }}),

further as (select * from {{ ref('int_possible_further_subjects') }}),

kpis as (select * from {{ ref('int_kpi_subject_sources') }}),

-- where the subjects of a figure are not known, every failure of a rule that protects it counts
touching as (
    select
        partition_key,
        kpi_id,
        cohort,
        rule_id,
        failure_number
    from matched

    union distinct

    select
        further.partition_key,
        further.kpi_id,
        kpis.cohort,
        further.rule_id,
        further.failure_number
    from further
    inner join kpis on further.partition_key = kpis.partition_key and further.kpi_id = kpis.kpi_id

    union distinct

    select
        failures.partition_key,
        failures.kpi_id,
        kpis.cohort,
        failures.rule_id,
        failures.failure_number
    from failures
    inner join kpis on failures.partition_key = kpis.partition_key and failures.kpi_id = kpis.kpi_id
    where kpis.subject_type is null
),

final as (
    select
        partition_key,
        kpi_id,
        cohort,
        count(*) as failures,
        count(distinct rule_id) as rules
    from touching
    group by partition_key, kpi_id, cohort
)

select * from final
