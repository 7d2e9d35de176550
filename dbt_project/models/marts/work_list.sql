with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

items as (select * from {{ ref('int_work_items') }}),

kpi_catalogue as (select * from {{ ref('kpi_catalogue') }}),

people as (select * from {{ ref('int_people_on_reference_dates') }}),

care_leavers as (select * from {{ ref('stg_ssd_care_leavers') }}),

subject_keys as (select * from {{ source('keys', 'subject_key') }}),

without_source as (select * from {{ ref('int_kpis_without_source') }}),

final as (
    select
        reporting_month.authority,
        reporting_month.month,
        reporting_month.as_at,
        items.kpi_id,
        kpi_catalogue.subject as subject_type,
        subject_keys.subject_id,
        child_keys.subject_id as child_key,
        items.task,
        items.due_date,
        items.working_days_left,
        case
            when items.is_overdue then 'overdue'
            when items.working_days_left <= 5 then '5'
            when items.working_days_left <= 10 then '10'
            else '20'
        end as due_within,
        case
            when kpi_catalogue.subject = 'care_leaver' then people.was_uasc else people.is_uasc
        end as is_uasc,
        people.age,
        coalesce(people.area, 'unknown') as area,
        coalesce(care_leavers.clea_care_leaver_allocated_team, people.team, 'unknown') as team
    from items
    inner join reporting_month on items.partition_key = reporting_month.partition_key
    inner join kpi_catalogue on items.kpi_id = kpi_catalogue.kpi_id
    left join people
        on
            items.partition_key = people.partition_key
            and items.person_id = people.person_id
            and items.reference_date = people.reference_date
    left join care_leavers
        on
            items.partition_key = care_leavers.partition_key
            and items.source_id = care_leavers.clea_table_id
            and kpi_catalogue.subject = 'care_leaver'
    left join subject_keys
        on
            items.partition_key = subject_keys.partition_key
            and kpi_catalogue.subject = subject_keys.subject_type
            and items.source_id = subject_keys.source_id
    left join subject_keys as child_keys
        on
            items.partition_key = child_keys.partition_key
            and items.person_id = child_keys.source_id
            and child_keys.subject_type = 'child'
    left join without_source
        on
            items.partition_key = without_source.partition_key
            and items.kpi_id = without_source.kpi_id
            and without_source.cohort = 'all'
    where without_source.kpi_id is null
)

select * from final
