with

failures as (select * from {{ ref('int_dq_failures') }}),

protects as (select * from {{ source('gates', 'dq_protects') }}),

kpis as (select * from {{ ref('int_kpi_subject_sources') }}),

protected_kpis as (
    select distinct
        kpi_id,
        rule_id
    from protects
),

owned as (
    select
        failures.*,
        kpis.kpi_id,
        coalesce(failures.table_name = kpis.subject_table, false) as is_of_subject,
        coalesce(failures.table_name = kpis.subject_table and kpis.is_by_record, false)
            as is_by_record
    from failures
    inner join protected_kpis on failures.rule_id = protected_kpis.rule_id
    inner join kpis
        on
            failures.authority = kpis.authority
            and protected_kpis.kpi_id = kpis.kpi_id
            and kpis.cohort = 'all'
),

final as (
    select
        authority,
        kpi_id,
        rule_id,
        failure_number,
        is_refused,
        is_of_subject,
        case when is_by_record then row_key end as record_id,
        case
            when not is_by_record
                then coalesce(person_id, case when table_name = 'ssd_person' then row_key end)
        end as child_id,
        person_id,
        -- only persons and episodes decide whether there is a child in care at all
        table_name in ('ssd_person', 'ssd_cla_episodes') as may_add_child
    from owned
)

select * from final
