with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

uasc_statuses as (select * from {{ ref('int_uasc_statuses') }}),

in_care as (
    select
        reporting_month.partition_key,
        reporting_month.month,
        reporting_month.as_at,
        periods.person_id,
        periods.cla_id,
        periods.start_date as period_start_date,
        row_number() over (
            partition by periods.partition_key, periods.person_id
            order by periods.start_date desc, periods.cla_id desc
        ) as period_rank
    from reporting_month
    inner join periods on reporting_month.partition_key = periods.partition_key
    where {{ in_force('periods.start_date', 'periods.end_date', 'reporting_month.as_at') }}
),

uasc as (
    select distinct
        reporting_month.partition_key,
        uasc_statuses.person_id
    from reporting_month
    inner join uasc_statuses on reporting_month.partition_key = uasc_statuses.partition_key
    where
        uasc_statuses.start_date <= reporting_month.as_at
        and (uasc_statuses.end_date is null or uasc_statuses.end_date >= reporting_month.as_at)
),

final as (
    select
        in_care.partition_key,
        in_care.month,
        in_care.as_at,
        in_care.person_id,
        in_care.cla_id,
        in_care.period_start_date,
        {{ completed_years('people.pers_dob', 'in_care.as_at') }} as age,
        uasc.person_id is not null as is_uasc
    from in_care
    left join people
        on
            in_care.partition_key = people.partition_key
            and in_care.person_id = people.pers_person_id
    left join uasc
        on in_care.partition_key = uasc.partition_key and in_care.person_id = uasc.person_id
    where in_care.period_rank = 1
)

select * from final
