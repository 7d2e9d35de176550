with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

reporting_month as (select * from {{ ref('int_reporting_month') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

health_checks as (select * from {{ ref('stg_ssd_cla_health') }}),

latest as (
    select
        partition_key,
        clah_person_id as person_id,
        max(case when clah_health_check_type = 'Health Assessment' then clah_health_check_date end)
            as assessment_date,
        max(case when clah_health_check_type = 'Dental Check' then clah_health_check_date end)
            as dental_date
    from health_checks
    where clah_health_check_status = 'Completed'
    group by partition_key, clah_person_id
),

final as (
    select
        children_in_care.partition_key,
        children_in_care.person_id,
        children_in_care.as_at,
        {{ add_months(
            'children_in_care.period_start_date',
            'reporting_month.health_minimum_months',
        ) }} as asked_from,
        case
            when {{ completed_years(
                'people.pers_dob',
                'greatest(children_in_care.as_at, '
                ~ add_days(add_months('latest.assessment_date', 6), 1) ~ ')',
            ) }} < 5
                then {{ add_months('latest.assessment_date', 6) }}
            else {{ add_months('latest.assessment_date', 12) }}
        end as assessment_lasts_until,
        {{ add_days(add_months('latest.dental_date', 12), -1) }} as dental_check_lasts_until
    from children_in_care
    inner join reporting_month on children_in_care.partition_key = reporting_month.partition_key
    left join people
        on
            children_in_care.partition_key = people.partition_key
            and children_in_care.person_id = people.pers_person_id
    left join latest
        on
            children_in_care.partition_key = latest.partition_key
            and children_in_care.person_id = latest.person_id
)

select * from final
