with

subjects as (select * from {{ ref('kpi_care_leavers_pathway_plan_6m') }}),

care_leavers as (select * from {{ ref('stg_ssd_care_leavers') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

left_care as (
    select
        partition_key,
        person_id,
        max(end_date) as left_date
    from periods
    group by partition_key, person_id
),

final as (
    select
        subjects.partition_key,
        subjects.kpi_id,
        'Pathway plan' as task,
        subjects.source_id,
        subjects.person_id,
        subjects.reference_date,
        coalesce(
            {{ add_days(add_months('care_leavers.clea_pathway_plan_review_date', 6), -1) }},
            left_care.left_date,
            subjects.reference_date
        ) as due_date,
        coalesce(
            {{ add_days(add_months('care_leavers.clea_pathway_plan_review_date', 6), -1) }}
            < subjects.reference_date,
            true
        ) as is_overdue
    from subjects
    inner join care_leavers
        on
            subjects.partition_key = care_leavers.partition_key
            and subjects.source_id = care_leavers.clea_table_id
    left join left_care
        on
            subjects.partition_key = left_care.partition_key
            and subjects.person_id = left_care.person_id
)

select * from final
