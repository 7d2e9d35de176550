with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

children_in_care as (select * from {{ ref('int_children_in_care') }}),

reviews as (select * from {{ ref('stg_ssd_cla_reviews') }}),

population as (
    select
        children_in_care.partition_key,
        children_in_care.month,
        children_in_care.as_at,
        children_in_care.person_id,
        coalesce(reviews.clar_cla_review_date <= reviews.clar_cla_review_due_date, false)
            as is_held_in_time
    from children_in_care
    inner join reporting_month on children_in_care.partition_key = reporting_month.partition_key
    inner join reviews
        on
            children_in_care.partition_key = reviews.partition_key
            and children_in_care.cla_id = reviews.clar_cla_id
    where
        reviews.clar_cla_review_cancelled = 'N'
        and reviews.clar_cla_review_due_date > reporting_month.end_m_12
        and reviews.clar_cla_review_due_date <= reporting_month.as_at
),

numerator as (
    select
        partition_key,
        month,
        as_at,
        person_id,
        min(case when is_held_in_time then 1 else 0 end) = 1 as in_numerator
    from population
    group by partition_key, month, as_at, person_id
),

final as (
    select
        partition_key,
        month,
        'reviews_in_timescale' as kpi_id,
        person_id as source_id,
        person_id,
        as_at as reference_date,
        in_numerator,
        cast(null as decimal(18, 4)) as measure,
        cast(null as decimal(18, 4)) as weight
    from numerator
)

select * from final
