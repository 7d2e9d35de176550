with

children_in_care as (select * from {{ ref('int_children_in_care') }}),

reviews as (select * from {{ ref('stg_ssd_cla_reviews') }}),

latest_held as (
    select
        partition_key,
        clar_cla_id as cla_id,
        max(clar_cla_review_date) as held_date
    from reviews
    where clar_cla_review_cancelled = 'N'
    group by partition_key, clar_cla_id
),

final as (
    select distinct
        children_in_care.partition_key,
        'reviews_in_timescale' as kpi_id,
        'Review' as task,
        children_in_care.person_id as source_id,
        children_in_care.person_id,
        children_in_care.as_at as reference_date,
        reviews.clar_cla_review_due_date as due_date,
        reviews.clar_cla_review_due_date <= children_in_care.as_at as is_overdue
    from children_in_care
    inner join reviews
        on
            children_in_care.partition_key = reviews.partition_key
            and children_in_care.cla_id = reviews.clar_cla_id
    left join latest_held
        on
            reviews.partition_key = latest_held.partition_key
            and reviews.clar_cla_id = latest_held.cla_id
    where
        reviews.clar_cla_review_cancelled = 'N'
        and reviews.clar_cla_review_date is null
        and reviews.clar_cla_review_due_date is not null
        and coalesce(latest_held.held_date <= reviews.clar_cla_review_due_date, true)
)

select * from final
