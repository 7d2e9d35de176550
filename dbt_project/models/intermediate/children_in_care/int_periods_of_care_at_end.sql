with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

code_sets as (select * from {{ ref('code_sets') }}),

disabilities as (select * from {{ ref('stg_ssd_disability') }}),

uasc_statuses as (select * from {{ ref('int_uasc_statuses') }}),

uasc_at_end as (
    select distinct
        periods.partition_key,
        periods.cla_id
    from periods
    inner join uasc_statuses
        on
            periods.partition_key = uasc_statuses.partition_key
            and periods.person_id = uasc_statuses.person_id
            and periods.end_date >= uasc_statuses.start_date
            and (periods.end_date <= uasc_statuses.end_date or uasc_statuses.end_date is null)
),

disabled as (
    select distinct
        partition_key,
        disa_person_id as person_id
    from disabilities
    where disa_disability_code <> 'NONE'
),

final as (
    select
        periods.partition_key,
        reporting_month.month,
        periods.cla_id,
        periods.person_id,
        periods.start_date,
        periods.is_start_known,
        periods.end_date,
        coalesce(
            periods.end_date between reporting_month.window_start and reporting_month.as_at, false
        ) as has_left_care,
        coalesce(periods.end_reason in ('E11', 'E12'), false) as is_adopted,
        coalesce(periods.end_reason in ('E43', 'E44', 'E45', 'E46', 'E47', 'E48'), false)
            as is_special_guardianship,
        {{ completed_years('people.pers_dob', 'periods.end_date') }} as age_at_end,
        uasc_at_end.cla_id is not null as is_uasc_at_end,
        coalesce(code_sets.group not in ('White', 'Unknown'), false) as is_bme,
        disabled.person_id is not null as is_disabled
    from periods
    inner join reporting_month on periods.partition_key = reporting_month.partition_key
    left join people
        on
            periods.partition_key = people.partition_key
            and periods.person_id = people.pers_person_id
    left join code_sets
        on people.pers_ethnicity = code_sets.code and code_sets.code_set = 'ethnicity'
    left join disabled
        on periods.partition_key = disabled.partition_key and periods.person_id = disabled.person_id
    left join uasc_at_end
        on periods.partition_key = uasc_at_end.partition_key and periods.cla_id = uasc_at_end.cla_id
)

select * from final
