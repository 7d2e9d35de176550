with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

periods as (select * from {{ ref('int_periods_of_care') }}),

reviews as (select * from {{ ref('stg_ssd_cla_reviews') }}),

people as (select * from {{ ref('stg_ssd_person') }}),

final as (
    select
        reviews.partition_key,
        reporting_month.month,
        reporting_month.as_at,
        reviews.clar_cla_review_id as review_id,
        periods.person_id,
        reviews.clar_cla_review_date as review_date,
        reviews.clar_cla_review_participation as participation_code,
        {{ completed_years('people.pers_dob', 'reviews.clar_cla_review_date') }} as age,
        reviews.clar_cla_review_date >= reporting_month.window_start as is_in_window,
        reviews.clar_cla_review_date >= reporting_month.ytd_start as is_in_year
    from reporting_month
    inner join reviews on reporting_month.partition_key = reviews.partition_key
    inner join periods
        on reviews.partition_key = periods.partition_key and reviews.clar_cla_id = periods.cla_id
    left join people
        on
            periods.partition_key = people.partition_key
            and periods.person_id = people.pers_person_id
    where
        reviews.clar_cla_review_cancelled = 'N'
        and reviews.clar_cla_review_date <= reporting_month.as_at
)

select * from final
