with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

outcomes as (select * from {{ ref('stg_local_care_leaver_outcomes') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

in_window as (
    select
        outcomes.*,
        reporting_month.care_leavers_in_touch_only
    from reporting_month
    inner join outcomes
        on
            reporting_month.partition_key = outcomes.partition_key
            and outcomes.birthday_date between reporting_month.window_start
            and reporting_month.as_at
),

final as (
    select
        in_window.partition_key,
        in_window.month,
        in_window.outcome_id,
        in_window.person_id,
        in_window.birthday_date,
        in_window.in_touch = 'YES' as is_in_touch,
        in_window.in_touch <> 'DIED' as is_asked_contact,
        in_window.in_touch = 'YES'
        or (in_window.in_touch <> 'DIED' and not in_window.care_leavers_in_touch_only)
            as is_asked_outcome,
        in_window.latest_contact_date,
        in_window.accommodation_suitable,
        in_window.activity
    from in_window
    inner join people
        on
            in_window.partition_key = people.partition_key
            and in_window.person_id = people.pers_person_id
    where
        extract(year from in_window.birthday_date) - extract(year from people.pers_dob)
        between 17 and 21
)

select * from final
