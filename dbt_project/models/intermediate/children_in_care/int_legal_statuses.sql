with

legal_statuses as (select * from {{ ref('stg_ssd_legal_status') }}),

code_sets as (select * from {{ ref('code_sets') }}),

final as (
    select
        legal_statuses.partition_key,
        legal_statuses.lega_legal_status_id as legal_status_id,
        legal_statuses.lega_person_id as person_id,
        legal_statuses.lega_legal_status as legal_status,
        code_sets.group as legal_status_group,
        legal_statuses.lega_legal_status_start_date as start_date,
        legal_statuses.lega_legal_status_end_date as end_date,
        row_number() over (
            partition by legal_statuses.partition_key, legal_statuses.lega_person_id
            order by
                legal_statuses.lega_legal_status_start_date desc,
                legal_statuses.lega_legal_status_id desc
        ) as precedence
    from legal_statuses
    left join code_sets
        on
            legal_statuses.lega_legal_status = code_sets.code
            and code_sets.code_set = 'legal_status'
)

select * from final
