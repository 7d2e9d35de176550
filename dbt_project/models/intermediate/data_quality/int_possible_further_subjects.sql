with

failures as (select * from {{ ref('int_kpi_failures') }}),

subjects as (select * from {{ ref('int_subjects_behind_figures') }}),

-- whom any figure of the month counts: of others only persons and episodes can be missing
everybody as (
    select distinct
        partition_key,
        person_id
    from subjects
),

-- a refused row, and one that lacks the cell that could not be read
refused as (
    select
        failures.*,
        everybody.person_id is not null as is_counted_somewhere
    from failures
    left join everybody
        on
            failures.partition_key = everybody.partition_key
            and failures.person_id = everybody.person_id
    where failures.is_refused or (failures.is_blanked and everybody.person_id is not null)
),

-- a child whose own record is refused is counted once, as that record
children as (
    select
        partition_key,
        kpi_id,
        person_id
    from subjects
    union distinct
    select
        partition_key,
        kpi_id,
        person_id
    from refused
    where record_id is not null
),

records as (
    select
        refused.partition_key,
        refused.kpi_id,
        refused.rule_id,
        refused.failure_number,
        'record ' || refused.record_id || case
            when refused.record_number > 1 then ' ' || cast(refused.record_number as string) else ''
        end as further_id
    from refused
    left join subjects
        on
            refused.partition_key = subjects.partition_key
            and refused.kpi_id = subjects.kpi_id
            and refused.record_id = subjects.source_id
    where refused.record_id is not null and subjects.source_id is null
),

about_children as (
    select
        refused.partition_key,
        refused.kpi_id,
        refused.rule_id,
        refused.failure_number,
        'child ' || refused.child_id as further_id
    from refused
    left join children
        on
            refused.partition_key = children.partition_key
            and refused.kpi_id = children.kpi_id
            and refused.child_id = children.person_id
    where
        (refused.may_add_child or refused.is_counted_somewhere)
        and refused.child_id is not null
        and children.person_id is null
),

-- refused rows without an id have a number instead: every rule refuses the same ones
nameless as (
    select
        partition_key,
        kpi_id,
        rule_id,
        failure_number,
        'row ' || cast(
            row_number() over (
                partition by partition_key, kpi_id, rule_id order by failure_number
            ) as string
        ) as further_id
    from refused
    where is_of_subject and record_id is null and child_id is null
),

final as (
    select * from records
    union all
    select * from about_children
    union all
    select * from nameless
)

select * from final
