{#- The table of a subject type, and whether its key is the subject's id: a period of care has many
    episodes, and what fails is asked of the child instead, as for the child itself. -#}
{%- set subject_tables = {
    'child': 'ssd_person',
    'period_of_care': 'ssd_cla_episodes',
    'review': 'ssd_cla_reviews',
    'missing_episode': 'ssd_missing',
    'sdq_score': 'ssd_sdq_scores',
    'ehcp': 'local_ehcp_requests',
    'care_leaver': 'ssd_care_leavers',
    'care_leaver_birthday': 'local_care_leaver_outcomes',
    'complaint': 'local_complaints',
    'ola_placement': 'local_ola_placements',
    'post': 'local_establishment',
    'permanence': 'ssd_permanence',
    'adoption_plan': 'local_adoption_plans',
} -%}

with

kpi_cohorts as (select * from {{ ref('int_kpi_cohorts') }}),

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

-- figures whose numerator is the children in care have the subjects of their number
counted as (
    select
        kpi_cohorts.*,
        case
            when kpi_cohorts.has_subjects then kpi_cohorts.kpi_id
            when
                kpi_cohorts.kpi_id in (
                    'cic_per_10000', 'cic_per_10000_exc_uasc', 'average_caseload_iro'
                )
                then 'number_of_cic'
        end as subjects_kpi_id,
        case
            when kpi_cohorts.kpi_id = 'cic_per_10000_exc_uasc' then 'exc_uasc'
            else kpi_cohorts.cohort
        end as subjects_cohort
    from kpi_cohorts
),

final as (
    select
        counted.*,
        kpi_catalogue.subject as subject_type,
        counted.has_subjects and counted.unit = 'mean' as is_measured,
        cast(kpi_catalogue.measure_least as decimal(18, 4)) as measure_least,
        cast(kpi_catalogue.measure_greatest as decimal(18, 4)) as measure_greatest,
        kpi_catalogue.subject not in ('child', 'period_of_care') as is_by_record,
        case kpi_catalogue.subject
            {%- for subject, table in subject_tables.items() %}
            when '{{ subject }}' then '{{ table }}'
            {%- endfor %}
        end as subject_table
    from counted
    left join kpi_catalogue on counted.subjects_kpi_id = kpi_catalogue.kpi_id
)

select * from final
