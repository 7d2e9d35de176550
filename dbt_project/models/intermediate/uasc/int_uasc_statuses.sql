with

immigration_statuses as (select * from {{ ref('stg_ssd_immigration_status') }}),

final as (
    select
        partition_key,
        immi_immigration_status_id as immigration_status_id,
        immi_person_id as person_id,
        immi_immigration_status_start_date as start_date,
        immi_immigration_status_end_date as end_date
    from immigration_statuses
    where immi_immigration_status = 'UASC'
)

select * from final
