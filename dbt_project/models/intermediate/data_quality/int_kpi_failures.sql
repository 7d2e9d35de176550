with

failures as (select * from {{ ref('int_dq_failures') }}),

protects as (select * from {{ source('gates', 'dq_protects') }}),

kpis as (select * from {{ ref('int_kpi_subject_sources') }}),

return_modules as (select * from {{ ref('ssda903_tables') }}),

protected_kpis as (
    select distinct
        kpi_id,
        rule_id,
        blanks
    from protects
),

-- a module of a return becomes tables of the contract
placed as (
    select
        failures.*,
        return_modules.table is not null as is_of_return,
        coalesce(return_modules.in_figures, 'yes') = 'yes' as is_in_figures,
        ' ' || coalesce(return_modules.becomes, failures.table_name) || ' ' as tables
    from failures
    left join return_modules on failures.table_name = return_modules.table
),

owned as (
    select
        placed.*,
        kpis.kpi_id,
        protected_kpis.blanks and not placed.is_refused as is_blanked,
        coalesce(kpis.is_by_record, false) as is_by_record,
        coalesce(kpis.subject_type = 'period_of_care', false) as is_by_period,
        coalesce(placed.tables like '% ' || kpis.subject_table || ' %', false) as is_of_subject
    from placed
    inner join protected_kpis on placed.rule_id = protected_kpis.rule_id
    inner join kpis
        on
            placed.partition_key = kpis.partition_key
            and protected_kpis.kpi_id = kpis.kpi_id
            and kpis.cohort = 'all'
),

-- which record a row of a return becomes is not known: a refused one is a record of its own, and
-- any other is about all records of its child. A refused episode is its period of care, and about
-- the child's other periods too
named as (
    select
        *,
        case
            when not is_of_subject then null
            when is_by_period then case when is_refused then group_key end
            when not is_by_record then null
            when not is_of_return then row_key
            when is_refused then table_name || ' ' || row_key
        end as record_id
    from owned
),

final as (
    select
        partition_key,
        kpi_id,
        rule_id,
        failure_number,
        is_refused,
        is_blanked,
        is_of_subject,
        record_id,
        -- refused rows that share an id are records of their own, whichever rule refuses them
        case
            when is_by_record and is_refused and record_id is not null
                then row_number() over (
                    partition by partition_key, kpi_id, rule_id, record_id order by failure_number
                )
            else 1
        end as record_number,
        case
            when
                is_by_period
                or (record_id is null and not (is_of_subject and is_by_record and not is_of_return))
                then coalesce(person_id, case when table_name = 'ssd_person' then row_key end)
        end as child_id,
        person_id,
        -- only persons and episodes decide whether there is a child in care at all
        is_in_figures and (tables like '% ssd_person %' or tables like '% ssd_cla_episodes %')
            as may_add_child
    from named
)

select * from final
