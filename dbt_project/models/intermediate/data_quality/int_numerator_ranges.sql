with

kpis as (select * from {{ ref('int_kpi_subject_sources') }}),

subjects as (select * from {{ ref('int_subjects_behind_figures') }}),

matched as (select * from {{ ref('int_subject_failures') }}),

further as (select * from {{ ref('int_possible_further_subjects') }}),

failing_subjects as (
    select distinct
        partition_key,
        kpi_id,
        cohort,
        source_id
    from matched
),

others as (
    select
        partition_key,
        kpi_id,
        min(numerator_part) as least_of_others,
        max(numerator_part) as most_of_others
    from subjects
    group by partition_key, kpi_id
),

-- what a subject can add to the numerator: 0 or 1; in a mean, any value that the contract allows,
-- or else any that the others have
spans as (
    select
        kpis.partition_key,
        kpis.kpi_id,
        case
            when kpis.is_measured then coalesce(kpis.measure_least, others.least_of_others) else 0
        end as least_part,
        case
            when kpis.is_measured then coalesce(kpis.measure_greatest, others.most_of_others) else 1
        end as most_part
    from kpis
    left join others on kpis.partition_key = others.partition_key and kpis.kpi_id = others.kpi_id
    where kpis.cohort = 'all'
),

subject_sums as (
    select
        subjects.partition_key,
        subjects.kpi_id,
        subjects.cohort,
        count(*) as subjects,
        count(failing_subjects.source_id) as subjects_with_failures,
        sum(
            case
                when failing_subjects.source_id is not null
                    then subjects.numerator_part - spans.least_part
            end
        ) as numerator_fall,
        sum(
            case
                when failing_subjects.source_id is null then null
                when subjects.is_measured then spans.most_part - subjects.numerator_part
                when subjects.denominator_part > subjects.numerator_part
                    then subjects.denominator_part - subjects.numerator_part
            end
        ) as numerator_rise
    from subjects
    inner join spans
        on
            subjects.partition_key = spans.partition_key
            and subjects.kpi_id = spans.kpi_id
    left join failing_subjects
        on
            subjects.partition_key = failing_subjects.partition_key
            and subjects.kpi_id = failing_subjects.kpi_id
            and subjects.cohort = failing_subjects.cohort
            and subjects.source_id = failing_subjects.source_id
    group by subjects.partition_key, subjects.kpi_id, subjects.cohort
),

further_counts as (
    select
        partition_key,
        kpi_id,
        count(distinct further_id) as subjects_refused
    from further
    group by partition_key, kpi_id
),

final as (
    select
        kpis.partition_key,
        kpis.kpi_id,
        kpis.cohort,
        coalesce(subject_sums.subjects, 0) as subjects,
        coalesce(subject_sums.subjects_with_failures, 0) as subjects_with_failures,
        coalesce(further_counts.subjects_refused, 0) as subjects_refused,
        coalesce(subject_sums.numerator_fall, 0) as numerator_fall,
        coalesce(subject_sums.numerator_rise, 0) as numerator_rise,
        spans.least_part,
        spans.most_part
    from kpis
    left join subject_sums
        on
            kpis.partition_key = subject_sums.partition_key
            and kpis.kpi_id = subject_sums.kpi_id
            and kpis.cohort = subject_sums.cohort
    inner join spans on kpis.partition_key = spans.partition_key and kpis.kpi_id = spans.kpi_id
    left join further_counts
        on kpis.partition_key = further_counts.partition_key and kpis.kpi_id = further_counts.kpi_id
    where kpis.subject_type is not null
)

select * from final
