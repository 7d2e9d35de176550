{{ config(tags=['relationships']) }}

-- a KPI's subject is a record of the table that its subject type names
{% set records = {
    'child': ('stg_ssd_person', 'pers_person_id'),
    'period_of_care': ('int_periods_of_care', 'cla_id'),
    'review': ('stg_ssd_cla_reviews', 'clar_cla_review_id'),
    'missing_episode': ('stg_ssd_missing', 'miss_table_id'),
    'sdq_score': ('stg_ssd_sdq_scores', 'csdq_table_id'),
    'ehcp': ('stg_local_ehcp_requests', 'ehcp_request_id'),
    'care_leaver': ('stg_ssd_care_leavers', 'clea_table_id'),
    'care_leaver_birthday': ('stg_local_care_leaver_outcomes', 'outcome_id'),
    'complaint': ('stg_local_complaints', 'complaint_id'),
    'ola_placement': ('stg_local_ola_placements', 'ola_placement_id'),
    'post': ('stg_local_establishment', 'post_id'),
    'permanence': ('stg_ssd_permanence', 'perm_table_id'),
    'adoption_plan': ('stg_local_adoption_plans', 'adoption_plan_id'),
} %}

with

subjects as (select * from {{ ref('int_subjects_with_attributes') }}),

records as (
    {%- for subject_type, (model, id) in records.items() %}
    select
        partition_key,
        '{{ subject_type }}' as subject_type,
        {{ id }} as source_id
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    subjects.kpi_id,
    subjects.subject_type,
    subjects.source_id
from subjects
left join records
    on
        subjects.partition_key = records.partition_key
        and subjects.subject_type = records.subject_type
        and subjects.source_id = records.source_id
where records.source_id is null
