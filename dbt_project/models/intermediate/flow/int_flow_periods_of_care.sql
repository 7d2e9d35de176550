with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

uasc_statuses as (select * from {{ ref('int_uasc_statuses') }}),

dated as (
    select
        periods.partition_key,
        periods.cla_id,
        periods.person_id,
        periods.start_date,
        periods.is_start_known,
        periods.end_date,
        coalesce(periods.end_date, reporting_month.as_at) as last_known_day
    from periods
    inner join reporting_month on periods.partition_key = reporting_month.partition_key
),

uasc as (
    select distinct
        dated.partition_key,
        dated.cla_id
    from dated
    inner join uasc_statuses
        on
            dated.partition_key = uasc_statuses.partition_key
            and dated.person_id = uasc_statuses.person_id
            and dated.last_known_day >= uasc_statuses.start_date
            and (uasc_statuses.end_date is null or dated.last_known_day <= uasc_statuses.end_date)
),

final as (
    select
        dated.partition_key,
        dated.cla_id,
        dated.person_id,
        dated.start_date,
        dated.is_start_known,
        dated.end_date,
        people.pers_dob as date_of_birth,
        uasc.cla_id is not null as is_uasc
    from dated
    left join people
        on dated.partition_key = people.partition_key and dated.person_id = people.pers_person_id
    left join uasc on dated.partition_key = uasc.partition_key and dated.cla_id = uasc.cla_id
)

select * from final
